import CairnBase
import CairnConsensus
import CairnCrypto
import CairnNode
import CairnWire

/// A whole chain with real signatures, and what an honest peer answers out of it.
///
/// With every epoch one member leaves, one joins and three are worth more or less than before. Every other epoch is made
/// final by a block above its last, so that its handoff carries one header more.
struct SignedChain {
    static let bytesPerTransfer = 220
    let hash = Blake2b()
    let chain = ChainID(Blake2b().digest(tag, [0]).raw)
    let epochLength: UInt64
    let transfers: Int
    private(set) var committees: [Committee] = []
    private(set) var blocks: [Block] = []
    private(set) var digests: [Digest] = []
    private(set) var handoffs: [Handoff] = []
    // ORDER: looked up by key only.
    private var seeds: [PublicKey: Bytes32] = [:]
    private var random = SeededRandom(seed: 5)

    private static let tag = DomainTag("cn/bench")

    init(members: Int, epochs: Int, epochLength: UInt64, transfers: Int) throws {
        self.epochLength = epochLength
        self.transfers = transfers
        committees = [try Committee((0..<members).map { member($0, weight: 100 + UInt64($0)) })]
        for epoch in 0..<epochs {
            committees.append(try successor(of: committees[epoch], newcomer: members + epoch))
            for _ in 0..<epochLength { append(block(Epoch(UInt64(epoch)))) }
            handoffs += [handoff(epoch)].compactMap(\.self)
        }
    }

    var genesis: Digest { Digest(chain.raw) }

    /// How an epoch runs, for whoever has executed all before it.
    func plan(_ epoch: Int) -> EpochPlan {
        let next = committees[min(epoch + 1, committees.count - 1)]
        let below = epoch * Int(epochLength)
        let origin = Randomness.origin(of: chain, using: hash)
        return EpochPlan(
            epoch: Epoch(UInt64(epoch)), committee: committees[epoch], nextCommittee: next.hash(using: hash),
            startState: .zero, middle: origin,
            anchor: below == 0
                ? Anchor(block: genesis, height: .genesis, time: 0, randomness: origin)
                : Anchor(
                    block: digests[below - 1], height: Height(UInt64(below)), time: UInt64(below),
                    randomness: blocks[below - 1].header.randomness.next(using: hash)))
    }

    private mutating func append(_ block: Block) {
        blocks.append(block)
        digests.append(block.header.digest(using: hash))
    }

    private mutating func block(_ epoch: Epoch) -> Block {
        let height = UInt64(blocks.count) + 1
        let payload = Payload(
            bytes: (0..<transfers * Self.bytesPerTransfer).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        return Block(
            header: Header(
                chain: chain, epoch: epoch, view: View(height), height: Height(height),
                parent: digests.last ?? genesis, parentView: View(height - 1),
                payload: payload.reference(using: hash), time: height, leader: MemberIndex(0),
                nextCommittee: committees[Int(epoch.number) + 1].hash(using: hash), startState: .zero,
                randomness: RandomnessStep(
                    previous: .zero, output: .zero,
                    proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero))),
            payload: payload)
    }

    private mutating func handoff(_ epoch: Int) -> Handoff? {
        let last = blocks[blocks.count - 1].header
        var ancestry: [Header] = []
        var top = last
        if !epoch.isMultiple(of: 2) {
            ancestry = [last]
            // It counts for nothing but this proof, and is dropped.
            top = block(Epoch(UInt64(epoch))).header
        }
        return FinalityProof(ancestry: ancestry, finalization: certificate(top, epoch)).map {
            Handoff(last: $0, change: CommitteeChange(from: committees[epoch], to: committees[epoch + 1]))
        }
    }

    private func certificate(_ header: Header, _ epoch: Int) -> Certificate {
        let committee = committees[epoch]
        let statement = VoteStatement(
            epoch: header.epoch, view: header.view, kind: .finalize, block: header.digest(using: hash))
        var weight: UInt64 = 0
        var signers: [MemberIndex] = []
        for index in committee.members.indices where !committee.isQuorum(weight) {
            let member = MemberIndex(UInt16(index))
            weight += committee.weight(of: member)
            signers.append(member)
        }
        let message = statement.signedBytes(chain: chain)
        return Certificate(
            subject: .finalization(header), signers: SignerSet(signers, of: committee.count),
            signatures: signers.compactMap { seat in
                committee[seat].flatMap { seeds[$0.key] }.map { SecretKey(seed: Seed(known: $0)).sign(message) }
            })
    }

    private mutating func member(_ number: Int, weight: UInt64) -> Validator {
        let seed = hash.digest(Self.tag, [1, UInt8(number & 255), UInt8(number >> 8)]).raw
        let key = SecretKey(seed: Seed(known: seed)).publicKey
        seeds[key] = seed
        return Validator(key: key, node: NodeID(seed), randomnessKey: VRFPublicKey(seed), weight: weight)
    }

    private mutating func successor(of old: Committee, newcomer: Int) throws -> Committee {
        var next = old.members
        next.remove(at: Int(random.below(UInt64(next.count))))
        next.append(member(newcomer, weight: 100))
        for _ in 0..<3 {
            let place = Int(random.below(UInt64(next.count)))
            let same = next[place]
            next[place] = Validator(
                key: same.key, node: same.node, randomnessKey: same.randomnessKey, weight: 50 + random.below(100))
        }
        return try Committee(next)
    }
}

extension SignedChain: ChainPast {
    var height: Height { Height(UInt64(blocks.count)) }

    func height(of block: Digest) -> Height? { digests.firstIndex(of: block).map { Height(UInt64($0) + 1) } }

    func block(at height: Height) -> Block? {
        height > .genesis && height <= self.height ? blocks[Int(height.number) - 1] : nil
    }

    func handoff(from epoch: Epoch) -> (handoff: Handoff, byteCount: Int)? {
        guard epoch.number < UInt64(handoffs.count) else { return nil }
        let handoff = handoffs[Int(epoch.number)]
        return (handoff, handoff.encoded.count)
    }
}
