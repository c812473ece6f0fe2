import CairnSimulator
import Testing

/// Seeds of every protocol, each run twice: nothing is violated, and a seed decides everything.
@Suite struct SmokeTests {
    static let protocols = ["register"]

    @Test(arguments: protocols, 1...20 as ClosedRange<UInt64>)
    func seedsHoldAndRepeat(name: String, seed: UInt64) throws {
        let entry = try #require(Catalogue.entry(named: name))
        let first = entry.run(RunRequest(seed: seed))
        let second = entry.run(RunRequest(seed: seed))
        #expect(first.violation == nil, "replay: scripts/simulate \(name) --seed \(seed)")
        #expect(first.trace == second.trace)
        #expect(first.events == second.events)
        #expect(first.notes == second.notes)
    }

    /// A run of the suite reaches the rare states that the protocols say must be reached sometimes.
    @Test func rareStatesAreReached() throws {
        let entry = try #require(Catalogue.entry(named: "register"))
        var notes = Notes()
        for seed in 1...60 as ClosedRange<UInt64> { notes.add(entry.run(RunRequest(seed: seed)).notes) }
        for point in ["disk-error", "one-copy-spoilt", "stale-store"] {
            #expect(notes["point.register.\(point)"].count > 0, "no seed reached \(point)")
        }
        #expect(notes["point.register.ignore-store"].sum > 0, "no fault point fired")
    }
}
