import CairnBase
import CairnConsensus
import CairnNode
import CairnTransport
import CairnWire

extension Area {
    /// What validators sign and say, and what nodes tell one another about the chain.
    static let chain = Area(name: "chain") {
        let fill = { (byte: UInt8) in Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }
        let signature = Signature(r: fill(0xa1), s: fill(0xa2))
        let header = Header(
            chain: ChainID(fill(1)), epoch: Epoch(2), view: View(3), height: Height(4), parent: Digest(fill(5)),
            parentView: View(2), payload: PayloadReference(digest: Digest(fill(6)), size: 3), time: 7,
            leader: MemberIndex(1), nextCommittee: Digest(fill(8)),
            randomness: RandomnessStep(
                previous: Digest(fill(9)), output: Digest(fill(10)),
                proof: RandomnessProof(point: fill(11), challenge: (12, 13), scalar: fill(14))))
        let block = Block(header: header, payload: Payload(bytes: [1, 2, 3]))
        func vote(_ kind: VoteKind) -> Vote {
            Vote(
                statement: VoteStatement(epoch: Epoch(2), view: View(3), kind: kind, block: Digest(fill(15))),
                voter: MemberIndex(2), signature: signature)
        }
        let signers = SignerSet([MemberIndex(0), MemberIndex(2), MemberIndex(8)], of: 9)
        let signatures = [signature, signature, signature]
        let position = ChainPosition(epoch: Epoch(2), view: View(3), floor: View(1))
        func said(_ body: ConsensusMessage.Body) -> ConsensusMessage {
            ConsensusMessage(position: position, body: body)
        }
        let finalization = Certificate(subject: .finalization(header), signers: signers, signatures: signatures)
        let hello = PeerHello(
            chain: ChainID(fill(1)), network: "local", agent: "cairn/0.1.0", height: Height(4), time: 7)
        return [
            try .canonical("header", header),
            try .canonical("block", block),
            try .canonical("vote-notarize", vote(.notarize)),
            try .canonical("vote-nullify", vote(.nullify)),
            try .canonical("vote-finalize", vote(.finalize)),
            .writeOnly("vote-signed", vote(.finalize).statement.signedBytes(chain: ChainID(fill(1)))),
            try .canonical("finalization", finalization),
            try .canonical(
                "nullification",
                Certificate(subject: .nullification(Epoch(2), View(3)), signers: signers, signatures: signatures)),
            try .canonical("message-votes", said(.votes([vote(.notarize), vote(.finalize)]))),
            try .canonical("message-certificates", said(.certificates([finalization]))),
            try .canonical(
                "message-certificate-request",
                said(.certificateRequest(CertificateRequest(epoch: Epoch(2), first: View(1), last: View(9))))),
            try .canonical(
                "message-status-request",
                said(.statusRequest(StatusRequest(nonce: 1, epoch: Epoch(2), lastLogged: View(3))))),
            try .canonical("peer-hello", hello),
            try .canonical("node-consensus", NodeMessage.consensus(said(.votes([vote(.nullify)])))),
            try .canonical("node-block-wanted", NodeMessage.blockWanted(Digest(fill(16)))),
            try .canonical("node-block", NodeMessage.block(block)),
            try .canonical("node-range-wanted", NodeMessage.rangeWanted(first: Height(5))),
            try .canonical("node-range", NodeMessage.range(first: Height(4), [block])),
            try .bytes("payload", BlockPayload(transactions: [], verdicts: try verdicts()).payload.bytes) {
                try BlockPayload(Payload(bytes: $0), limits: Limits.Ledger()).payload.bytes
            },
        ]
    }
}
