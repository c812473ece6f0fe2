import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

/// Each reason is produced by what it stands for, and the owner is told in words.
@Suite struct ReasonTests {
    /// Runs a round in which one witness does something, and expects that reason for it.
    private func expect(
        _ reason: Reason, _ town: Town = Town(8), counts: Bool = false,
        when change: (inout Reception) -> Void
    ) throws {
        let round = try Round(town)
        var judge = round.judge()
        let odd = try round.witnesses[0]
        try judge.run(
            try round.witnesses.map { ($0, try round.opening($0) { _ in }) }.map { seed, opening in
                seed == odd ? (seed, try round.opening(seed, change)) : (seed, opening)
            })
        #expect(try judge.reasons(odd).contains(reason))
        #expect(try judge.verdict.seats.contains { try round.town.seed(of: $0.witness) == odd } == counts)
        try expectWords(reason, in: judge)
    }

    private func expectWords(_ reason: Reason, in judge: JudgeUnderTest) throws {
        let explanation = try #require(Explanation.of(reason))
        let account = try judge.account()
        #expect(account.lines.contains { $0.contains(explanation.happened) && $0.contains(explanation.remedy) })
        #expect(account.json.text.contains("\"code\":\"\(explanation.code)\""))
    }

    @Test func nothingIsWrong() throws {
        let round = try Round(Town(5))
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons.isEmpty && verdict.units == 1_000_000)
        #expect(verdict.seats.allSatisfy { $0.reasons.isEmpty && $0.units == 1_000_000 })
        #expect(try judge.account().lines.contains { $0.contains(Explanation.fine.happened) })
    }

    @Test func noBeacon() throws {
        let round = try Round(Town(5))
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) }, beacon: false)
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.noBeacon) && verdict.units == 0 && verdict.seats.isEmpty)
        try expectWords(.noBeacon, in: judge)
    }

    @Test func late() throws {
        let round = try Round(Town(8))
        var judge = round.judge()
        let all = try round.witnesses
        judge.advance(to: 2)
        for seed in all.dropFirst(2) { judge.give(.commit(try round.commit(seed, try round.opening(seed)))) }
        // One commits to something else than it opens, one too late.
        judge.give(.commit(try round.commit(all[0], try round.opening(all[0]) { $0.counter = 99 })))
        judge.advance(to: 6)
        judge.give(.commit(try round.commit(all[1], try round.opening(all[1]))))
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        for seed in all { judge.give(.reveals([try round.reveal(seed, try round.opening(seed))])) }
        judge.advance(to: 10)
        for seed in all.prefix(2) { #expect(try judge.reasons(seed).contains(.late)) }
        #expect(try judge.verdict.seats.count == 5)
        try expectWords(.late, in: judge)
    }

    @Test func payload() throws { try expect(.payload) { $0.payload[20] ^= 1 } }
    @Test func channel() throws { try expect(.channel) { $0.frequency += 100_001 } }
    @Test func bandwidth() throws { try expect(.channel) { $0.bandwidth = 1 } }
    @Test func spreading() throws { try expect(.spreadingFactor) { $0.spreading = $0.spreading == 9 ? 8 : 9 } }
    @Test func freeSpace() throws { try expect(.freeSpace) { $0.strength += 300 } }
    @Test func signalToNoise() throws { try expect(.signalToNoise) { $0.signalToNoise = 151 } }

    @Test func noise() throws {
        try expect(.noise) { reception in
            reception.strength = -1_000
            reception.signalToNoise = 40
        }
    }

    @Test func roundTrip() throws {
        var town = Town(8)
        let round = try Round(town)
        let target = try round.target
        // Light needs 6.7 µs for a kilometre and back, and in fibre 10.
        let near = try #require(town.members.indices.first { abs($0 - target) == 1 })
        let far = try #require(town.members.indices.first { abs($0 - target) > 1 })
        for seed in [near, far] {
            var facts = PairFacts()
            facts.shortestRoundTrip = 8
            town.pairs[Pair(target: try town.index(of: target), witness: try town.index(of: seed))] = facts
        }
        var judge = try Round(town).judge()
        try judge.run(try judge.round.witnesses.map { ($0, try judge.round.opening($0)) })
        // Through fibre it would take longer still: half.
        let index = try town.index(of: near)
        let verdict = try judge.verdict
        let seat = try #require(verdict.seats.first { $0.witness == index })
        #expect(seat.reasons.contains(.roundTrip) && seat.units > 0)
        #expect(try judge.reasons(far) == Reasons(.roundTrip))
        try expectWords(.roundTrip, in: judge)
    }

    @Test func duplicate() throws {
        var town = Town(8)
        let target = try Round(town).target
        let pair = town.members.indices.filter { $0 != target }.prefix(2)
        town.members[pair[pair.startIndex + 1]].stakeRoot = town.members[pair[pair.startIndex]].stakeRoot
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let found = try pair.filter { try judge.reasons($0).contains(.duplicate) }
        #expect(found.count == 1)
        try expectWords(.duplicate, in: judge)
    }

    /// Those who may not witness are told when they try.
    @Test(arguments: [Reason.oneself, .region, .sameNetwork, .tooNear, .tooFar])
    func notEligible(_ reason: Reason) throws {
        var town = Town(8)
        let target = try Round(town).target
        let odd = try #require(town.members.indices.first { $0 != target })
        switch reason {
        case .oneself: town.members[odd].controller = town.members[target].controller
        case .region: town.members[odd].region = .us915
        case .sameNetwork: town.members[odd].network = town.members[target].network
        case .tooNear: town.members[odd].place = Town.member(odd, metresEast: target * 1_000 + 250).place
        default: town.members[odd].place = Town.member(odd, metresEast: 40_000).place
        }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        #expect(try judge.reasons(odd).contains(reason))
        #expect(judge.judge.refusals[JudgeRefusal.notEligible.rawValue] == 1)
        try expectWords(reason, in: judge)
    }

    @Test func time() throws {
        let round = try Round(Town(8))
        let odd = try round.witnesses[0]
        let target = try round.target
        var judge = round.judge()
        try judge.run(
            try round.witnesses.map { seed in
                let metres = round.town.members[seed].place.metres(to: round.town.members[target].place)
                let flight = UInt32(metres * 1_000_000_000 / 299_792_458)
                return (seed, try round.opening(seed) { $0.fineTime = 1_000 + flight + (seed == odd ? 5_000 : 0) })
            })
        #expect(try judge.reasons(odd) == Reasons(.time))
        #expect(try judge.verdict.seats.allSatisfy { $0.reasons.isEmpty })
        try expectWords(.time, in: judge)
    }

    @Test func pairCap() throws {
        let round = try Round(Town(5))
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        var uses = PairUses()
        let worth = (1...5).map { _ in uses.settle(verdict)[0] }
        #expect(worth.map(\.units) == [1_000_000, 500_000, 250_000, 0, 0])
        #expect(worth.map { $0.reasons.contains(.pairCap) } == [false, false, false, true, true])
        #expect(Explanation.of(.pairCap)?.happened.contains("more than three times") == true)
    }

    @Test func notDrawn() throws {
        let round = try Round(Town(10))
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        #expect(try judge.verdict.seats.count == 5)
        #expect(try round.witnesses.count { try judge.reasons($0) == Reasons(.notDrawn) } == 4)
        try expectWords(.notDrawn, in: judge)
    }

    @Test func noQuorum() throws {
        let round = try Round(Town(8))
        var judge = round.judge()
        try judge.run(try round.witnesses.prefix(2).map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.noQuorum) && verdict.units == 0)
        #expect(verdict.seats.count == 2 && verdict.seats.allSatisfy { $0.units == 0 })
        try expectWords(.noQuorum, in: judge)
    }

    @Test func notIndependentIsAnIsland() throws {
        var town = Town(8)
        for seed in town.members.indices { town.members[seed].trust = 0 }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.notIndependent, .island) && verdict.units == 1_200_000)
        try expectWords(.notIndependent, in: judge)
        try expectWords(.island, in: judge)
    }

    /// Trust that comes from the beaconer's own controller is none.
    @Test func leaningOnTheTargetIsNotIndependent() throws {
        var town = Town(8)
        let target = try Round(town).target
        for seed in town.members.indices where seed != target {
            town.members[seed].captor = town.members[target].controller
        }
        var judge = try Round(town).judge()
        try judge.run(try judge.round.witnesses.map { ($0, try judge.round.opening($0)) })
        #expect(try judge.verdict.reasons == Reasons(.notIndependent, .island))
    }

    /// What the chain found in the history of a pair; how it finds it is the ledger's.
    @Test(arguments: [Reason.tooPerfect, .powerStep])
    func history(_ reason: Reason) throws {
        var town = Town(8)
        let target = try Round(town).target
        for seed in town.members.indices where seed != target {
            var facts = PairFacts()
            facts.isTooPerfect = reason == .tooPerfect
            facts.ignoresPowerSteps = reason == .powerStep
            town.pairs[Pair(target: try town.index(of: target), witness: try town.index(of: seed))] = facts
        }
        var judge = try Round(town).judge()
        try judge.run(try judge.round.witnesses.map { ($0, try judge.round.opening($0)) })
        #expect(try judge.verdict.seats.allSatisfy { $0.reasons == Reasons(reason) && $0.units == 190_000 })
        try expectWords(reason, in: judge)
    }

    @Test func silent() throws {
        var town = Town(8)
        let target = try Round(town).target
        let quiet = try #require(town.members.indices.first { $0 != target })
        for seed in town.members.indices where seed != target {
            let always: UInt32 = (1 << 20) - 1
            town.members[target].neighbours.append(Neighbour(index: try town.index(of: seed), heard: always))
        }
        town.members[target].neighbours.sort { $0.index < $1.index }
        let round = try Round(town)
        // Two of seven regular hearers are missing: 2500 ppm × (20 × 2 − 20).
        var judge = round.judge()
        try judge.run(
            try round.witnesses.filter { $0 != quiet }.dropLast().map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.silent) && verdict.units == 1_140_000)
        #expect(verdict.neighbours.nonzeroBitCount == 5)
        try expectWords(.silent, in: judge)
    }

    @Test func reciprocity() throws {
        var town = Town(8)
        for seed in town.members.indices { town.members[seed].isReciprocal = false }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.reciprocity) && verdict.units == 0)
        #expect(verdict.seats.allSatisfy { $0.units == 0 && $0.reasons == Reasons(.reciprocity) })
        try expectWords(.reciprocity, in: judge)
    }

    @Test func density() throws {
        var town = Town(8)
        for seed in town.members.indices { town.members[seed].scale = 500_000 }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.reasons == Reasons(.density) && verdict.units == 600_000)
        #expect(verdict.seats.allSatisfy { $0.units == 190_000 })
        try expectWords(.density, in: judge)
    }

    /// That two share an antenna is the ledger's to find; what they are paid stands in their scale.
    @Test func twin() throws {
        var town = Town(8)
        for seed in town.members.indices { (town.members[seed].scale, town.members[seed].isTwin) = (500_000, true) }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        #expect(try judge.verdict.reasons == Reasons(.density, .twin) && judge.verdict.units == 600_000)
        try expectWords(.twin, in: judge)
    }

    /// What a witness says of all others counts like what it says of one.
    @Test func tooPerfectEverywhere() throws {
        var town = Town(8)
        for seed in town.members.indices { town.members[seed].isTooPerfect = true }
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        #expect(try judge.verdict.units == 1_200_000)
        #expect(try judge.verdict.seats.allSatisfy { $0.reasons == Reasons(.tooPerfect) && $0.units == 190_000 })
    }

    @Test func everyCoverageReasonHasWords() {
        let codes = Set(Explanation.coverage.map(\.code))
        #expect(codes.count == Explanation.coverage.count)
        #expect(Explanation.coverage.map { $0.reason.rawValue } == Array(1...26) + [50])
    }
}
