import CairnBase
import CairnSimulator
import Testing

/// Publishing under faults and lies, and the proof that its judge can see.
@Suite struct PubSubRunTests {
    private func run(_ seed: UInt64, bug: String? = nil) throws -> Report {
        let entry = try #require(Catalogue.entry(named: "pubsub"))
        var request = RunRequest(seed: seed)
        request.servers = 6
        request.safety = .seconds(bug == nil ? 3 : 8)
        request.plantedBug = bug
        return entry.run(request)
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func seedsHoldAndRepeat(seed: UInt64) throws {
        let (first, second) = (try run(seed), try run(seed))
        #expect(first.violation == nil, "replay: scripts/simulate pubsub --seed \(seed) --nodes 6 --until 3")
        #expect(first.trace == second.trace)
        #expect(first.notes["pubsub.delivered"].count > 100)
    }

    @Test(arguments: [("trusting", "phantom"), ("forgetful", "twice")])
    func everyPlantedBugIsFound(bug: String, rule: String) throws {
        let found = try (1...8 as ClosedRange<UInt64>).contains { seed in
            try run(seed, bug: bug).violation?.rule == rule
        }
        #expect(found)
    }
}
