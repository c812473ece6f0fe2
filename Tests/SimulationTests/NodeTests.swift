import CairnBase
import CairnSimulator
import Testing

/// Whole nodes in short runs; `.ci/run` has the long ones.
@Suite struct NodeTests {
    private func run(_ seed: UInt64, bug: String? = nil) throws -> Report {
        let entry = try #require(Catalogue.entry(named: "node"))
        var request = RunRequest(seed: seed)
        request.plantedBug = bug
        return entry.run(request)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func seedsHoldAndRepeat(seed: UInt64) throws {
        let (first, second) = (try run(seed), try run(seed))
        #expect(first.violation == nil, "replay: scripts/simulate node --seed \(seed)")
        #expect(first.trace == second.trace && first.notes == second.notes)
    }

    /// Who votes twice is seen, and punished before the run counts as good; nobody else is accused.
    @Test func whoVotesTwiceIsPunished() throws {
        for seed in 3...40 as ClosedRange<UInt64> {
            let report = try run(seed)
            guard report.notes["node.evidence"].count > 0 else { continue }
            return #expect(report.violation == nil, "replay: scripts/simulate node --seed \(seed)")
        }
        Issue.record("no seed with a validator that votes twice")
    }

    /// Each broken rule is noticed, by the rule that is meant to notice it.
    @Test(arguments: [("skip-transaction", ["N1 state"]), ("vote-before-sync", ["N3 contradiction", "N5 stopped"])])
    func plantedBugsAreFound(bug: String, rules: [String]) throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            guard let violation = try run(seed, bug: bug).violation else { continue }
            return #expect(rules.contains(violation.rule), "\(bug), seed \(seed): \(violation)")
        }
        Issue.record("no seed found \(bug)")
    }

    /// Gateways are heard, commit, open, and are paid, with every rule of coverage in force.
    @Test func gatewaysArePaid() throws {
        let report = try run(10)
        #expect(report.violation == nil, "replay: scripts/simulate node --seed 10")
        for point in ["beacons", "commits", "proofs", "reveals", "verdicts", "paid"] {
            #expect(report.notes["coverage.\(point)"].count > 0, "no \(point)")
        }
    }

    @Test(
        arguments: [
            ("forget-promises", 10, "N7 forgotten"), ("new-salts", 10, "N7 two commits"), ("boast", 5, "N8 verdict"),
        ] as [(String, UInt64, String)])
    func mistakesOfGatewaysAreFound(bug: String, seed: UInt64, rule: String) throws {
        #expect(try run(seed, bug: bug).violation?.rule == rule, "\(bug), seed \(seed)")
    }

    /// Objects are put, kept over what befalls their holders, read back and paid for.
    @Test func objectsAreKept() throws {
        let report = try run(2)
        #expect(report.violation == nil, "replay: scripts/simulate node --seed 2")
        for point in ["complete", "reads", "made", "passed", "paid"] {
            #expect(report.notes["storage.\(point)"].count > 0, "no \(point)")
        }
    }
}
