import CairnBase
import CairnConsensus
import CairnNode
import CairnTransport
import CairnWire
import Testing

extension Area {
    /// What validators sign and say, and what nodes tell one another about the chain.
    static let chain = Area(name: "chain") {
        let fill = { (byte: UInt8) in Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }
        let signature = Signature(r: fill(0xa1), s: fill(0xa2))
        let header = Header(
            chain: ChainID(fill(1)), epoch: Epoch(2), view: View(3), height: Height(4), parent: Digest(fill(5)),
            parentView: View(2), payload: PayloadReference(digest: Digest(fill(6)), size: 3), time: 7,
            leader: MemberIndex(1), nextCommittee: Digest(fill(8)), startState: Digest(fill(15)),
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
        let proof = try #require(FinalityProof(ancestry: [header], finalization: finalization))
        func member(_ byte: UInt8, weight: UInt64) -> Validator {
            Validator(
                key: PublicKey(fill(byte)), node: NodeID(fill(0x21)), randomnessKey: VRFPublicKey(fill(0x22)),
                weight: weight)
        }
        let handoff = Handoff(
            last: proof,
            change: CommitteeChange(
                from: try Committee([member(1, weight: 5), member(2, weight: 6), member(3, weight: 7)]),
                to: try Committee([member(2, weight: 8), member(3, weight: 7), member(4, weight: 9)])))
        let status = Status(
            statement: StatusStatement(nonce: 1, position: position), member: MemberIndex(2), signature: signature,
            entry: finalization, votesOfAsker: [vote(.notarize)])
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
            try .canonical(
                "message-proposal",
                said(
                    .proposal(Proposal(block: block, signature: signature, certificates: [finalization])))),
            try .canonical("message-status", said(.status(status))),
            .writeOnly("status-signed", status.statement.signedBytes(chain: ChainID(fill(1)))),
            try .canonical("evidence", try #require(Evidence(vote(.nullify), vote(.finalize)))),
            try .canonical("committee", try Committee([member(1, weight: 5), member(2, weight: 6)])),
            try .canonical("peer-hello", hello),
            try .canonical("node-consensus", NodeMessage.consensus(said(.votes([vote(.nullify)])))),
            try .canonical("finality", proof),
            try .canonical("handoff", handoff),
            try .canonical("history-wanted-block", HistoryRequest.block(Digest(fill(16)))),
            try .canonical("history-wanted-handoffs", HistoryRequest.handoffs(from: Epoch(2))),
            try .canonical("history-wanted-headers", HistoryRequest.headers(last: Height(9), count: 5)),
            try .canonical("history-wanted-payloads", HistoryRequest.payloads(first: Height(5), count: 256)),
            try .canonical("history-block", HistoryAnswer.block(block)),
            try .canonical("history-handoffs", HistoryAnswer.handoffs([handoff])),
            try .canonical("history-headers", HistoryAnswer.headers([header])),
            try .canonical("history-payloads", HistoryAnswer.payloads([block.payload, .empty])),
            try .bytes("payload", BlockPayload(transactions: [], verdicts: try verdicts()).payload.bytes) {
                try BlockPayload(Payload(bytes: $0), limits: Limits.Ledger()).payload.bytes
            },
        ]
    }
}
