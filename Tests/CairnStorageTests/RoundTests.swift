import CairnBase
import CairnCrypto
import CairnStorage
import Testing

@Suite struct RoundTests {
    private let hash = Blake2b()

    private func digest(_ number: UInt64) -> Digest {
        hash.digest(DomainTag("x"), (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }

    /// Every way in which up to seven walks can go, whoever walked them, against the rule in its own words.
    @Test func outcomesOfEveryCombination() {
        func check(_ results: [WalkResult], _ rest: ArraySlice<WalkResult>) {
            let good = results.count { $0 == .good }
            let bad = results.count - good
            let expected: RoundOutcome =
                results.contains(.fullCheckUnanswered) || results.contains(.fullCheckWrong)
                ? .contained : good >= 5 || good == 4 && bad <= 1 ? .passed : bad >= 3 ? .contained : .void
            #expect(RoundTally.outcome(results) == expected)
            guard results.count < RoundTally.witnesses else { return }
            for (offset, next) in rest.enumerated() { check(results + [next], rest.dropFirst(offset)) }
        }
        check([], WalkResult.allCases[...])
    }

    @Test func twoBadOfThreeFailAContainedRound() {
        #expect(RoundTally.outcomeOfSecondAsking([.good, .lateOrSilent, .badLeaf]) == .failed)
        #expect(RoundTally.outcomeOfSecondAsking([.good, .good, .badLeaf]) == .void)
        #expect(RoundTally.outcomeOfSecondAsking([.fullCheckWrong]) == .void)
        #expect(RoundTally.outcomeOfSecondAsking([]) == .void)
    }

    @Test func roundsFallIntoTheFirstHalfOfTheirEpoch() throws {
        let schedule = try #require(RoundSchedule(epochBlocks: 600, period: 24, pace: .seconds(2)))
        var late = 0
        var due = [Int](repeating: 0, count: 24)
        for epoch in UInt64(0)..<400 {
            func random(_ height: UInt64) -> Digest { digest(height &* 31) }
            let height = try #require(schedule.height(epoch: epoch, profile: 3, using: hash, randomness: random))
            #expect((epoch * 600 + 3..<epoch * 600 + 303).contains(height))
            // Nothing is known before the block itself, and nothing that comes after it matters.
            #expect(schedule.height(epoch: epoch, profile: 3, using: hash) { $0 < height ? random($0) : nil } == nil)
            #expect(
                schedule.height(epoch: epoch, profile: 3, using: hash) { $0 <= height ? random($0) : nil } == height)
            if height >= epoch * 600 + 153 { late += 1 }
            for partition in UInt32(0)..<24
            where schedule.isDue(
                partition: partition, at: height, profile: 3, randomness: random(height), using: hash)
            {
                due[Int(partition)] += 1
            }
        }
        // All heights are alike: four standard deviations of a fair coin. One partition of 24 is due in each round.
        #expect((160...240).contains(late))
        #expect(due.reduce(0, +) == 400 && due.allSatisfy { (1...34).contains($0) })
        #expect(schedule.begins(at: 302, profile: 3, randomness: digest(1), using: hash))
        #expect(!schedule.begins(at: 303, profile: 3, randomness: digest(1), using: hash))
        #expect(!schedule.begins(at: 0, profile: 3, randomness: digest(1), using: hash))
        #expect(schedule.height(epoch: .max, profile: 3, using: hash) { _ in digest(0) } == nil)
        // D + 1 s is 1.65 s: one block of 2 s apart. Seven slots, then 95 s rounded up to 48 blocks.
        #expect(schedule.slotHeight(0, of: 1000, .solidState) == 1001)
        #expect(schedule.slotHeight(6, of: 1000, .solidState) == 1007)
        #expect(schedule.frozen(1000, .solidState, answers: .seconds(95)) == 1055)
        let testnet = try #require(RoundSchedule(epochBlocks: 30, period: 1, pace: .seconds(1)))
        #expect(testnet.slotBlocks(.testnet) == 3)
        #expect(testnet.frozen(100, .testnet, answers: .seconds(21)) == 140)
        #expect(testnet.slotHeight(6, of: .max, .testnet) == nil)
    }

    /// Draws against a walk over the running sum, and nobody shares anything with anybody.
    @Test(arguments: 0..<20) func membersAreIndependentAndDrawnByWeight(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let candidates = (UInt32(0)..<60).map { index in
            IndependentDraw.Candidate(
                index: index, weight: random.next() % 5,
                traits: [.init(.stakeRoot, digest(random.next() % 40)), .init(.network, digest(random.next() % 50))])
        }
        let draw = try #require(IndependentDraw(candidates))
        let excluded = [IndependentDraw.Trait(.stakeRoot, digest(1))]
        let members = draw.members(
            7, tag: IndependentDraw.placement, randomness: digest(100 + seed), height: 9, subject: digest(7),
            excluding: excluded, using: hash)

        var expected: [IndependentDraw.Candidate] = []
        let total = candidates.reduce(0) { $0 + $1.weight }
        for attempt in UInt64(0)..<256 where expected.count < 7 {
            let subject = digest(7).raw.bytes + (0..<4).map { UInt8(truncatingIfNeeded: attempt >> (8 * $0)) }
            let number = hash.draw(DomainTag("cn/place"), digest(100 + seed), at: 9, for: subject)
            var point = UInt64((UInt128(number) * UInt128(total)) >> 64)
            for candidate in candidates {
                guard point >= candidate.weight else {
                    let others = excluded + expected.flatMap(\.traits)
                    if candidate.traits.allSatisfy({ !others.contains($0) }) { expected.append(candidate) }
                    break
                }
                point -= candidate.weight
            }
        }
        #expect(members == (expected.count == 7 ? expected : nil))
    }

    @Test func tooFewIndependentCandidatesEndTheOrder() throws {
        let same = (UInt32(0)..<9).map {
            IndependentDraw.Candidate(index: $0, weight: 1, traits: [.init(.network, digest(1))])
        }
        let draw = try #require(IndependentDraw(same))
        let members = { (count: Int) in
            draw.members(
                count, tag: IndependentDraw.witnesses, randomness: digest(1), height: 1, subject: digest(2),
                excluding: [], using: hash)
        }
        #expect(members(1)?.count == 1)
        #expect(members(2) == nil)
        #expect(IndependentDraw([]) == nil)
        let heavy = (UInt32(0)..<2).map { IndependentDraw.Candidate(index: $0, weight: .max, traits: []) }
        #expect(IndependentDraw(heavy) == nil)
    }

    @Test func segmentsCoverEveryByteOnce() throws {
        for needed in [1, 4, 10, 29] {
            for length in [1, 1 << 20, (1 << 20) + 1, needed << 20, (needed << 20) + 1, StorageUnits.segmentBytes] {
                let layout = try #require(SegmentLayout(length: length, needed: needed))
                let slices = (0..<needed).map { layout.slice(of: $0) }
                #expect(slices.reduce(0) { $0 + $1.count } == length)
                #expect(zip(slices, slices.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
                #expect(layout.shardBytes * needed >= length)
                #expect((layout.shardUnits - 1) * needed << 20 < length)
            }
        }
        #expect(SegmentLayout(length: 0, needed: 4) == nil)
        #expect(SegmentLayout(length: StorageUnits.segmentBytes + 1, needed: 4) == nil)
    }
}
