import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire
import Testing

@testable import CairnNode

/// Signatures that cost nothing: the key, and a hash of what it signs.
struct ToyKeys: ConsensusCryptography {
    func sign(_ message: [UInt8], as key: PublicKey) -> Signature {
        Signature(r: key.raw, s: Blake2b().digest(DomainTag("cn/test"), message).raw)
    }

    func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        signature == sign(message, as: key)
    }

    func isValid(_: RandomnessProof, of _: Digest, on _: Digest, by _: VRFPublicKey) -> Bool { true }
}

/// A whole chain, and what an honest peer answers out of it.
struct WrittenChain {
    let hash = Blake2b()
    let chain = ChainID(Blake2b().digest(DomainTag("cn/test"), [9]).raw)
    let epochLength: UInt64
    let committee: Committee
    private(set) var blocks: [Block] = []
    private(set) var handoffs: [Handoff] = []

    init(epochs: UInt64, of length: UInt64) throws {
        epochLength = length
        committee = try Committee(
            (0..<4 as Range<UInt8>).map { index in
                let id = Blake2b().digest(DomainTag("cn/test"), [index]).raw
                return Validator(key: PublicKey(id), node: NodeID(id), randomnessKey: VRFPublicKey(id), weight: 1)
            })
        var parent = genesis
        for number in 0..<epochs {
            for place in 0..<length {
                let block = block(Epoch(number), Height(number * length + place + 1), parent)
                blocks.append(block)
                parent = block.header.digest(using: hash)
            }
            let last = blocks[blocks.count - 1].header
            // Every other epoch is made final by a block above its last, which is then dropped.
            let above = self.block(Epoch(number), last.height.next, parent).header
            let proof =
                number.isMultiple(of: 2)
                ? FinalityProof(finalization: certificate(last))
                : FinalityProof(ancestry: [last], finalization: certificate(above))
            handoffs.append(
                Handoff(last: try #require(proof), change: CommitteeChange(from: committee, to: committee)))
        }
    }

    var genesis: Digest { Digest(chain.raw) }

    private func block(_ epoch: Epoch, _ height: Height, _ parent: Digest) -> Block {
        let size = height.number.isMultiple(of: 3) ? 0 : Int(height.number % 200)
        let payload = Payload(bytes: [UInt8](repeating: UInt8(height.number % 251), count: size))
        return Block(
            header: Header(
                chain: chain, epoch: epoch, view: View(height.number), height: height, parent: parent,
                parentView: View(height.number - 1), payload: payload.reference(using: hash), time: height.number,
                leader: MemberIndex(0), nextCommittee: committee.hash(using: hash),
                startState: startState(of: epoch),
                randomness: RandomnessStep(
                    previous: .zero, output: .zero,
                    proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero))),
            payload: payload)
    }

    /// No state of a ledger, but one that the headers name.
    func startState(of epoch: Epoch) -> Digest { hash.digest(DomainTag("cn/test"), Array("state \(epoch)".utf8)) }

    private func certificate(_ header: Header) -> Certificate {
        let statement = VoteStatement(
            epoch: header.epoch, view: header.view, kind: .finalize, block: header.digest(using: hash))
        let signers = [MemberIndex(0), MemberIndex(1), MemberIndex(2)]
        return Certificate(
            subject: .finalization(header), signers: SignerSet(signers, of: 4),
            signatures: committee.members.prefix(3).map {
                ToyKeys().sign(statement.signedBytes(chain: chain), as: $0.key)
            })
    }

    func answer(_ request: HistoryRequest) -> HistoryAnswer {
        switch request {
        case .block, .receipts, .snapshot, .chunk: return .headers([])
        case .handoffs(let epoch): return .handoffs(Array(handoffs.dropFirst(Int(epoch.number)).prefix(16)))
        case .headers(let last, let count):
            let end = Int(last.number)
            return .headers(blocks[(end - count)..<end].reversed().map(\.header))
        case .payloads(let first, let count):
            let start = Int(first.number) - 1
            return .payloads(blocks[start..<(start + count)].map(\.payload))
        }
    }
}
