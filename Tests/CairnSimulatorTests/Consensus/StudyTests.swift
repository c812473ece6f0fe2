import CairnBase
import CairnConsensus
import Testing

@testable import CairnSimulator

/// The short forms of the studies that `scripts/simulate forks` and `crashes` run at length.
@Suite struct StudyTests {
    @Test func everyForkNamesAThirdAndNobodyHonest() {
        let outcome = ForkStudy().run(forks: 3, seed: 1)
        #expect(outcome.failure == nil)
        #expect(outcome.forks == 3)
        #expect(outcome.leastNamed >= 333)
        #expect(outcome.nullifyAndFinalize > 0, "certificates of all kinds are looked at")
    }

    /// With finalizations alone, two histories lie side by side and nothing tells who made both (K9).
    @Test func withoutTheWholeArchiveSomeForkNamesNobody() {
        let outcome = ForkStudy(rules: .all.lifting(.archiveEverything)).run(forks: 1, seed: 1)
        #expect(outcome.failure?.contains("evidence names 0 of") ?? false)
    }

    /// Without restarts and without blocks the study would prove nothing.
    @Test func crashesLoseNothing() {
        let outcome = CrashStudy().run(restarts: 20, seed: 1)
        #expect(outcome.violation == nil)
        #expect(outcome.restarts >= 20)
        #expect(outcome.acknowledged > 0 && outcome.lost == 0)
        #expect(outcome.signatures > 0)
    }

    /// What a core holds is bounded by views that are open, not by what it is sent.
    @Test func spamIsNotRemembered() {
        var study = SpamStudy()
        let second = study.second()
        #expect(second.messages > 1_500)
        #expect(second.most.views <= 3 && second.most.tallies <= 3 && second.most.blocks <= 3)
        #expect(second.counters.unanswered > 300, "strangers share a small allowance")
    }

    /// In every seed and epoch liars hold what they can without being a third: one unit more would be one.
    @Test func liarsHoldAThirdLessOneUnit() {
        for seed in 1...10 as ClosedRange<UInt64> {
            let cluster = Cluster(servers: 4 + Int(seed % 7), clients: 0)
            let world = ConsensusProtocol(cluster: cluster, plantedBug: nil, random: SeededRandom(seed: seed)).world
            #expect(!world.liars.isEmpty)
            for epoch in 0..<3 as Range<UInt64> {
                let committee = world.committee(of: Epoch(epoch))
                let held = world.liars.reduce(0) { $0 + world.weight(of: $1.key, in: committee) }
                #expect(!committee.isThird(held) && committee.isThird(held + 1), "seed \(seed)")
            }
        }
    }
}
