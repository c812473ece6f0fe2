import CairnBase
import CairnSimulator
import Testing

/// Dial-backs under faults and lies, and the proof that their judge can see.
@Suite struct DialBackRunTests {
    private func run(_ seed: UInt64, bug: String? = nil) throws -> Report {
        let entry = try #require(Catalogue.entry(named: "dialback"))
        var request = RunRequest(seed: seed)
        request.plantedBug = bug
        return entry.run(request)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func seedsHoldAndRepeat(seed: UInt64) throws {
        let (first, second) = (try run(seed), try run(seed))
        #expect(first.violation == nil, "replay: scripts/simulate dialback --seed \(seed)")
        #expect(first.trace == second.trace)
    }

    @Test(arguments: [("one-word", "deceived"), ("anybody", "victim")])
    func `whoever believes one liar, or dials whom it is told to, is found`(_ bug: String, _ rule: String) throws {
        let found = try (1...6 as ClosedRange<UInt64>).contains { try run($0, bug: bug).violation?.rule == rule }
        #expect(found)
    }
}
