import CairnBase
import CairnSimulator
import Testing

/// The TCP plane, byte for byte, in short runs; `.ci/run` has the long ones.
@Suite struct StreamsTests {
    private func run(_ seed: UInt64, bug: String? = nil) throws -> Report {
        let entry = try #require(Catalogue.entry(named: "streams"))
        var request = RunRequest(seed: seed)
        request.servers = 3
        // A question has eight seconds.
        request.safety = .seconds(bug == nil ? 2 : 12)
        request.plantedBug = bug
        return entry.run(request)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func seedsHoldAndRepeat(seed: UInt64) throws {
        let first = try run(seed)
        let second = try run(seed)
        #expect(first.violation == nil, "replay: scripts/simulate streams --seed \(seed) --nodes 3 --until 2")
        #expect(first.trace == second.trace)
        #expect(first.notes == second.notes)
        #expect(first.notes["streams.connections"].count > 0 && first.notes["streams.answers"].count > 0)
    }

    /// Each broken rule is noticed, by the rule that is meant to notice it.
    @Test(arguments: [
        ("no-deadline", "question-left-open"), ("forget-questions", "question-left-open"),
        ("wrong-bytes", "altered-bytes"), ("overlook-altered", "survived-altered-byte"),
    ])
    func everyPlantedBugIsFound(bug: String, rule: String) throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            guard let violation = try run(seed, bug: bug).violation else { continue }
            return #expect(violation.rule == rule, "\(bug), seed \(seed): \(violation)")
        }
        Issue.record("no seed found \(bug)")
    }
}
