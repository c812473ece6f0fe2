import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire
import Testing

@Suite struct CommitteeTests {
    private func validator(_ number: UInt8, weight: UInt64 = 1) -> Validator {
        let raw = Bytes32([UInt8](repeating: number, count: 32)) ?? .zero
        return Validator(key: PublicKey(raw), node: NodeID(raw), randomnessKey: VRFPublicKey(raw), weight: weight)
    }

    @Test func unsoundListsAreRefused() {
        #expect(throws: CommitteeError.empty) { try Committee([]) }
        #expect(throws: CommitteeError.zeroWeight(validator(2).key)) {
            try Committee([validator(1), validator(2, weight: 0)])
        }
        #expect(throws: CommitteeError.duplicateKey(validator(1).key)) {
            try Committee([validator(1), validator(1, weight: 2)])
        }
        #expect(throws: CommitteeError.weightOverflow) {
            try Committee([validator(1, weight: .max), validator(2)])
        }
        #expect(throws: CommitteeError.tooMany(257, limit: 256)) {
            try Committee([Validator](repeating: validator(1), count: 257))
        }
    }

    @Test func seatsAreFoundByKeyAndNode() throws {
        let members = (0..<200).map { validator(UInt8($0)) }
        let committee = try Committee(members.reversed())
        for number in 0..<200 {
            #expect(committee.index(of: members[number].key) == MemberIndex(UInt16(number)))
            #expect(committee.index(of: members[number].node) == MemberIndex(UInt16(number)))
        }
        #expect(committee.index(of: validator(201).key) == nil)
        #expect(committee[MemberIndex(200)] == nil)
    }

    /// Whether the leaders of many views could have come from the stakes: Pearson's statistic stays below the value
    /// that it exceeds once in ten thousand times, in integers scaled by a thousand.
    @Test func leadersAreDrawnByStake() throws {
        let weights: [UInt64] = [1, 2, 3, 4, 10, 30, 50]
        let committee = try Committee(weights.enumerated().map { validator(UInt8($0.offset), weight: $0.element) })
        let hash = Blake2b()
        let seed = hash.digest(DomainTag("test/seed"), [1])
        var counts = [Int](repeating: 0, count: weights.count)
        let views = 20_000
        for view in 0..<views {
            counts[Int(committee.leader(of: View(UInt64(view)), seed: seed, using: hash).number)] += 1
        }
        var statistic = 0
        for (count, weight) in zip(counts, weights) {
            let expected = views * Int(weight) / 100
            statistic += (count - expected) * (count - expected) * 1_000 / expected
        }
        #expect(statistic < 27_856, "chi-square with 6 degrees of freedom, 0.9999 quantile")
        #expect(statistic > 0)
    }

    @Test func drawsAreFairWhenTheTotalDoesNotDivideTheRange() throws {
        // A total just above half the range: every second draw must be refused, and the draw still ends.
        let committee = try Committee([validator(1, weight: 1 << 63), validator(2, weight: 1)])
        let hash = Blake2b()
        var first = 0
        for view in 0..<2_000 {
            let leader = committee.leader(of: View(UInt64(view)), seed: .zero, using: hash)
            first += leader == MemberIndex(0) ? 1 : 0
        }
        #expect(first == 2_000)
    }

    @Test func bytesAreCanonical() throws {
        let committee = try Committee([validator(9, weight: 5), validator(3, weight: 7)])
        let bytes = committee.encoded
        #expect(try Committee.decode(bytes, limit: 1 << 16) == committee)
        // The same members in another order are not the same committee.
        let swapped = bytes[0..<4] + bytes[108..<212] + bytes[4..<108]
        #expect(throws: DecodeError.notCanonical("committee order")) {
            try Committee.decode(Array(swapped), limit: 1 << 16)
        }
    }
}
