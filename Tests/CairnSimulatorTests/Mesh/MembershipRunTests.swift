import CairnBase
import CairnSimulator
import Testing

/// The mesh under faults and lies, and the proof that its judge can see.
@Suite struct MembershipRunTests {
    private func run(_ seed: UInt64, bug: String? = nil) throws -> Report {
        let entry = try #require(Catalogue.entry(named: "membership"))
        var request = RunRequest(seed: seed)
        request.servers = 7
        request.safety = .seconds(10)
        request.plantedBug = bug
        return entry.run(request)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func seedsHoldAndRepeat(seed: UInt64) throws {
        let (first, second) = (try run(seed), try run(seed))
        #expect(first.violation == nil, "replay: scripts/simulate membership --seed \(seed) --nodes 7 --until 10")
        #expect(first.trace == second.trace)
    }

    @Test func `whoever kills at the first missed answer is found`() throws {
        let found = try (1...6 as ClosedRange<UInt64>).contains { seed in
            try run(seed, bug: "no-suspicion").violation?.rule == "hasty-death"
        }
        #expect(found)
    }
}
