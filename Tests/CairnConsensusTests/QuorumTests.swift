import CairnBase
import CairnConsensus
import Testing

@Suite struct QuorumTests {
    /// The same questions asked of 128-bit numbers.
    private func model(_ weight: UInt64, _ total: UInt64) -> (quorum: Bool, third: Bool) {
        (UInt128(weight) * 3 > UInt128(total) * 2, UInt128(weight) * 3 >= UInt128(total))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func arithmeticIsExactAtAnySize(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            let total = UInt64.max >> random.below(64)
            let near = UInt64(UInt128(total) * 2 / 3)
            let weight = min(total, near &- 2 &+ random.below(5))
            for weight in [weight, random.below(total), total / 3, total / 3 + 1, total] {
                let expected = model(weight, total)
                #expect(Quorum.isReached(weight, of: total) == expected.quorum)
                #expect(Quorum.isThird(weight, of: total) == expected.third)
            }
        }
    }

    /// Two quorums share more than a third, and a quorum and a third share someone.
    @Test(arguments: [4, 5] as [UInt64])
    func quorumsIntersect(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            let weights = (0..<(1 + random.below(12))).map { _ in 1 + random.below(UInt64.max / 16) }
            let total = weights.reduce(0, +)
            let left = weights.filter { _ in random.chance(ppm: 750_000) }.reduce(0, +)
            guard Quorum.isReached(left, of: total) else { continue }
            #expect(!Quorum.isReached(total - left, of: total))
            #expect(!Quorum.isThird(total - left, of: total))
        }
    }

    @Test(arguments: [(4, 3), (5, 4), (6, 5), (7, 5), (10, 7), (100, 67), (200, 134)] as [(UInt64, UInt64)])
    func equalWeightsNeedMoreThanTwoThirds(members: UInt64, needed: UInt64) {
        #expect(Quorum.isReached(needed, of: members))
        #expect(!Quorum.isReached(needed - 1, of: members))
    }
}
