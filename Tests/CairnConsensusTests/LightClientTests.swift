import CairnBase
import CairnCrypto
import CairnSimulator
import CairnWire
import Testing

@testable import CairnConsensus

/// Counts how often a signature is looked at.
private final class Counting: ConsensusCryptography, @unchecked Sendable {
    private let keys: KeyedHashScheme
    private(set) var verifies = 0

    init(_ keys: KeyedHashScheme) { self.keys = keys }

    func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        verifies += 1
        return keys.isValid(signature, over: message, by: key)
    }

    func isValid(_ proof: RandomnessProof, of output: Digest, on input: Digest, by key: VRFPublicKey) -> Bool {
        keys.isValid(proof, of: output, on: input, by: key)
    }
}

/// A chain of which only the ends of epochs are written: committees that change a little each time, and their handoffs.
private struct Epochs {
    static let length: UInt64 = 10
    let hash = Blake2b()
    let keys = KeyedHashScheme(seed: 7)
    let chain = ChainID(Blake2b().digest(DomainTag("cn/test"), [1]).raw)
    private(set) var committees: [Committee]
    private(set) var handoffs: [Handoff] = []
    private var random = SeededRandom(seed: 3)

    init(members: Int, epochs: Int) throws {
        let keys = self.keys
        func member(_ index: Int, weight: UInt64) -> Validator {
            let id = Blake2b().digest(DomainTag("cn/test"), [2, UInt8(index & 255), UInt8(index >> 8)]).raw
            return Validator(
                key: keys.signingKey(index).publicKey, node: NodeID(id), randomnessKey: VRFPublicKey(id),
                weight: weight)
        }
        committees = [try Committee((0..<members).map { member($0, weight: 100 + UInt64($0)) })]
        for epoch in 0..<epochs {
            let old = committees[epoch]
            var next = old.members
            // One leaves, one joins, a few are worth more or less than before.
            next.remove(at: Int(random.below(UInt64(next.count))))
            next.append(member(members + epoch, weight: 100))
            for _ in 0..<3 {
                let place = Int(random.below(UInt64(next.count)))
                let same = next[place]
                next[place] = Validator(
                    key: same.key, node: same.node, randomnessKey: same.randomnessKey,
                    weight: 50 + random.below(100))
            }
            let new = try Committee(next)
            committees.append(new)
            let extra = Int(random.below(3))
            handoffs.append(try handoff(UInt64(epoch), old, new, blocksAbove: extra))
        }
    }

    var client: LightClient {
        LightClient(chain: chain, epochLength: Self.length, founders: committees[0])
    }

    func handoff(
        _ epoch: UInt64, _ old: Committee, _ new: Committee, blocksAbove extra: Int = 0, height: UInt64? = nil,
        signers: Int? = nil
    ) throws -> Handoff {
        var headers: [Header] = []
        for above in 0...UInt64(extra) {
            headers.append(
                header(
                    epoch, height: (height ?? (epoch + 1) * Self.length) + above,
                    parent: headers.last?.digest(using: hash) ?? .zero, next: new.hash(using: hash)))
        }
        let top = headers.removeLast()
        let finalization = certificate(top, by: old, signers)
        return Handoff(
            last: try #require(FinalityProof(ancestry: headers, finalization: finalization)),
            change: CommitteeChange(from: old, to: new))
    }

    func header(_ epoch: UInt64, height: UInt64, parent: Digest, next: Digest) -> Header {
        Header(
            chain: chain, epoch: Epoch(epoch), view: View(height + 3), height: Height(height), parent: parent,
            parentView: View(height + 2), payload: Payload.empty.reference(using: hash), time: height,
            leader: MemberIndex(0), nextCommittee: next, startState: .zero,
            randomness: RandomnessStep(
                previous: .zero, output: .zero,
                proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero)))
    }

    func certificate(_ header: Header, by committee: Committee, _ limit: Int? = nil) -> Certificate {
        let statement = VoteStatement(
            epoch: header.epoch, view: header.view, kind: .finalize, block: header.digest(using: hash))
        var signers: [MemberIndex] = []
        var weight: UInt64 = 0
        for (seat, member) in committee.members.enumerated() {
            if limit.map({ signers.count >= $0 }) ?? committee.isQuorum(weight) { break }
            signers.append(MemberIndex(UInt16(seat)))
            weight += member.weight
        }
        let holders = (0..<committee.count + 200).map(keys.signingKey)
        let signatures = signers.map { seat in
            holders.first { $0.publicKey == committee[seat]?.key }?.sign(statement.signedBytes(chain: chain))
                ?? Signature(r: .zero, s: .zero)
        }
        return Certificate(
            subject: .finalization(header), signers: SignerSet(signers, of: committee.count), signatures: signatures)
    }
}

extension LightClient {
    @discardableResult
    fileprivate mutating func follow(
        _ handoff: Handoff, using cryptography: some ConsensusCryptography
    ) throws(HandoffError) -> VerifiedFinality {
        try follow(handoff, hash: Blake2b(), using: cryptography)
    }
}

@Suite struct LightClientTests {
    /// Blocks above the last of an epoch are kept by nobody; the proof of that last one holds all there is to them.
    @Test func aProofHoldsTheBlocksAboveTheLast() throws {
        let epochs = try Epochs(members: 4, epochs: 1)
        let (hash, old) = (Blake2b(), epochs.committees[0])
        for extra in 0...3 {
            let proof = try epochs.handoff(0, old, old, blocksAbove: extra).last
            var found = 0
            var parent = proof.header.digest(using: hash)
            #expect(proof.block(parent, using: hash) == nil, "the last one itself is executed and kept")
            let headers = proof.ancestry.dropFirst() + [proof.finalization.header].compactMap(\.self)
            for header in headers where header.height > proof.header.height {
                let block = try #require(proof.block(header.digest(using: hash), using: hash))
                #expect(block.header.parent == parent && block.isWhole(using: hash))
                parent = header.digest(using: hash)
                found += 1
            }
            #expect(found == extra && proof.block(.zero, using: hash) == nil)
        }
    }

    @Test func `a hundred epochs cost ten kilobytes and a committee's signatures each`() throws {
        let epochs = try Epochs(members: 100, epochs: 100)
        var client = epochs.client
        var largest = 0
        for (index, handoff) in epochs.handoffs.enumerated() {
            let bytes = handoff.encoded
            largest = max(largest, bytes.count)
            let counting = Counting(epochs.keys)
            try client.follow(try Handoff.decode(bytes, limit: bytes.count), using: counting)
            #expect(counting.verifies <= 100)
            #expect(client.committee == epochs.committees[index + 1])
        }
        #expect(client.epoch == Epoch(100))
        #expect(largest <= 10_000)
    }

    @Test func `handoffs that are left out, repeated or reordered are refused`() throws {
        let epochs = try Epochs(members: 7, epochs: 8)
        for start in 0..<8 {
            var client = epochs.client
            for handoff in epochs.handoffs.prefix(start) { try client.follow(handoff, using: epochs.keys) }
            let before = client.checkpoint(hash: Blake2b())
            for (index, handoff) in epochs.handoffs.enumerated() where index != start {
                #expect(
                    throws: HandoffError.otherEpoch(Epoch(UInt64(index)), expected: Epoch(UInt64(start)))
                ) { try client.follow(handoff, using: epochs.keys) }
            }
            #expect(client.checkpoint(hash: Blake2b()) == before)
        }
    }

    /// Whatever byte is altered: the record is no record any more, or it is refused.
    @Test func `no altered byte is believed`() throws {
        let epochs = try Epochs(members: 7, epochs: 6)
        for (index, handoff) in epochs.handoffs.enumerated() {
            var client = epochs.client
            for earlier in epochs.handoffs.prefix(index) { try client.follow(earlier, using: epochs.keys) }
            let bytes = handoff.encoded
            for place in stride(from: index % 3, to: bytes.count, by: 3) {
                var altered = bytes
                altered[place] ^= 1 << UInt8(place % 8)
                guard let forged = try? Handoff.decode(altered, limit: altered.count) else { continue }
                #expect(throws: HandoffError.self, "byte \(place)") { try client.follow(forged, using: epochs.keys) }
            }
            for length in stride(from: 0, to: bytes.count, by: 5) {
                #expect(throws: DecodeError.self) { try Handoff.decode(Array(bytes[..<length]), limit: length) }
            }
            try client.follow(handoff, using: epochs.keys)
        }
    }

    @Test func `too few signers, another height, another committee`() throws {
        let epochs = try Epochs(members: 7, epochs: 2)
        let (old, new) = (epochs.committees[0], epochs.committees[1])
        var client = epochs.client
        let few = try epochs.handoff(0, old, new, signers: 4)
        #expect(throws: HandoffError.proof(.notAQuorum)) { try client.follow(few, using: epochs.keys) }
        for height in [Epochs.length - 1, Epochs.length + 1] {
            let other = try epochs.handoff(0, old, new, height: height)
            #expect(throws: HandoffError.notTheLast(Height(height), expected: Height(Epochs.length))) {
                try client.follow(other, using: epochs.keys)
            }
        }
        let strangers = Handoff(
            last: epochs.handoffs[0].last, change: CommitteeChange(from: old, to: epochs.committees[2]))
        #expect(throws: HandoffError.otherCommittee) { try client.follow(strangers, using: epochs.keys) }
        // Signed by the next committee, which has no say yet.
        let early = try epochs.handoff(0, new, epochs.committees[2])
        let claimed = Handoff(last: early.last, change: CommitteeChange(from: old, to: epochs.committees[2]))
        #expect(throws: HandoffError.self) { try client.follow(claimed, using: epochs.keys) }
        #expect(client.epoch == Epoch(0))
    }

    @Test func `a checkpoint is as good as the way to it`() throws {
        let epochs = try Epochs(members: 7, epochs: 6)
        var whole = epochs.client
        for handoff in epochs.handoffs.prefix(4) { try whole.follow(handoff, using: epochs.keys) }
        var late = try #require(
            LightClient(
                from: whole.checkpoint(hash: Blake2b()), committee: whole.committee, chain: epochs.chain,
                epochLength: Epochs.length,
                hash: epochs.hash))
        for handoff in epochs.handoffs.dropFirst(4) {
            try whole.follow(handoff, using: epochs.keys)
            try late.follow(handoff, using: epochs.keys)
        }
        #expect(late.checkpoint(hash: Blake2b()) == whole.checkpoint(hash: Blake2b()) && late.last == whole.last)
        let other = LightClient(
            from: whole.checkpoint(hash: Blake2b()), committee: epochs.committees[0], chain: epochs.chain,
            epochLength: Epochs.length, hash: epochs.hash)
        #expect(other == nil)
    }

    /// Founders who have withdrawn their stake can sign another way: it ends at the checkpoint.
    @Test func `the way leads through the checkpoint or nowhere`() throws {
        let epochs = try Epochs(members: 7, epochs: 6)
        var whole = epochs.client
        for handoff in epochs.handoffs.prefix(4) { try whole.follow(handoff, using: epochs.keys) }
        let trusted = whole.checkpoint(hash: Blake2b())
        let other = LightClient.Checkpoint(epoch: trusted.epoch, committee: .zero)

        var honest = epochs.client
        honest.require(trusted, hash: epochs.hash)
        #expect(!honest.hasPassedLandmark)
        for handoff in epochs.handoffs { try honest.follow(handoff, using: epochs.keys) }
        #expect(honest.hasPassedLandmark && honest.epoch == Epoch(6))

        var misled = epochs.client
        misled.require(other, hash: epochs.hash)
        for handoff in epochs.handoffs.prefix(3) { try misled.follow(handoff, using: epochs.keys) }
        #expect(throws: HandoffError.otherThanCheckpoint) {
            try misled.follow(epochs.handoffs[3], using: epochs.keys)
        }
        #expect(misled.epoch == Epoch(3) && !misled.hasPassedLandmark)

        var there = whole
        there.require(trusted, hash: epochs.hash)
        #expect(there.hasPassedLandmark)
        there.require(other, hash: epochs.hash)
        #expect(!there.hasPassedLandmark)
    }

    /// Committees of any two memberships: the change leads from one to the other, and no other change does.
    @Test func `a change of committee has one form`() throws {
        var random = SeededRandom(seed: 11)
        func committee() throws -> Committee {
            let members = (0..<12 as Range<UInt8>).compactMap { index -> Validator? in
                guard index == 0 || random.chance(ppm: 600_000) else { return nil }
                let id = Blake2b().digest(DomainTag("cn/test"), [index]).raw
                let node = Blake2b().digest(DomainTag("cn/test"), [index, UInt8(random.below(2))]).raw
                return Validator(
                    key: PublicKey(id), node: NodeID(node), randomnessKey: VRFPublicKey(id),
                    weight: 1 + random.below(3))
            }
            return try Committee(members)
        }
        for _ in 0..<300 {
            let (old, new) = (try committee(), try committee())
            let change = CommitteeChange(from: old, to: new)
            #expect(change.applied(to: old) == new)
            #expect(try CommitteeChange.decode(change.encoded, limit: 10_000) == change)
        }
    }
}
