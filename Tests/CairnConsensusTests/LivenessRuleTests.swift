import CairnBase
import Testing

@testable import CairnConsensus

/// The rules without which the chain can stand still, each with the way it does.
@Suite struct LivenessRuleTests {
    private let bench: Bench

    init() throws {
        bench = try Bench()
    }

    private func holds(_ rule: Rules, _ progress: (Rules) throws -> Bool) throws {
        #expect(try progress(.all), "with every rule in force there is progress")
        #expect(try !progress(.all.lifting(rule)), "without the rule there is none")
    }

    private func others(than seat: Int) -> [Int] { (0..<4).filter { $0 != seat } }

    /// Everyone logged a nullify and crashed. Each resends its own; unless it also counts it, all stay one short.
    @Test func recountOwnVotes() throws {
        try holds(.recountOwnVotes) { rules in
            let voter = (bench.leader(1) + 1) % 4
            var stage = Stage(bench, seat: voter)
            stage.pass(.seconds(1))
            stage.restart(rules: rules)
            #expect(stage.sent.contains { $0.statement.kind == .nullify })
            for seat in others(than: voter).prefix(2) { try stage.receive(bench.vote(.nullify, 1, by: seat)) }
            return stage.core.position.view == View(2)
        }
    }

    /// What is resent after a restart is the vote that was signed before, byte for byte.
    @Test func restartsResendIdenticalBytes() throws {
        let voter = (bench.leader(1) + 1) % 4
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.block(1))
        let before = stage.sent
        #expect(!before.isEmpty)
        stage.restart()
        #expect(Set(stage.sent) == Set(before))
    }

    @Test func aRestartedLeaderResendsItsProposal() throws {
        let leader = bench.leader(1)
        var stage = Stage(bench, seat: leader)
        let before = stage.proposals
        #expect(before.count == 1)
        stage.restart()
        #expect(stage.proposals == before)
        stage.pass(.seconds(10))
        #expect(Set(stage.proposals.map(\.block)) == Set(before.map(\.block)))
    }

    /// A vote sent once over a lossy link is a vote lost.
    @Test func retry() throws {
        try holds(.retry) { rules in
            var stage = Stage(bench, seat: (bench.leader(1) + 1) % 4, rules: rules)
            stage.pass(.seconds(1))
            let first = stage.sent.count { $0.statement.kind == .nullify }
            #expect(first >= 1)
            stage.pass(.seconds(5))
            return stage.sent.count { $0.statement.kind == .nullify } >= first + 5
        }
    }

    /// Retries go on at their own rhythm when views have grown long: never slower than five seconds.
    @Test func retriesDoNotBackOffForEver() throws {
        let voter = 0
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.nullification(500, by: others(than: voter)))
        stage.pass(.seconds(60))
        stage.effects = []
        stage.pass(.seconds(50))
        let resent = stage.sent.filter { $0.statement.view == View(501) }
        #expect(resent.count >= 10)
    }

    /// D grows by a quarter with each view that brings no final block, up to its cap, and falls back at once when one is.
    /// A notarization alone changes nothing: on links three times slower than D every third view is notarized too late to
    /// become final, and D that falls back then never grows long enough.
    @Test func adaptiveDelay() throws {
        var stage = Stage(bench, seat: 0)
        var delays: [UInt64] = []
        for view in 1...16 as ClosedRange<UInt64> {
            delays.append(stage.core.epoch.turn.delay.milliseconds)
            try stage.receive(bench.nullification(view, by: [1, 2, 3]))
        }
        #expect(
            delays == [
                500, 625, 781, 976, 1_220, 1_525, 1_907, 2_384, 2_980, 3_725, 4_656, 5_820, 7_275, 8_000,
                8_000, 8_000,
            ])
        let late = bench.block(17)
        try stage.receive(bench.notarization(late, by: [1, 2, 3]))
        #expect(stage.core.epoch.turn.delay == .milliseconds(8_000))
        try stage.receive(bench.finalization(late, by: [1, 2, 3]))
        try stage.receive(bench.notarization(bench.block(18, on: late), by: [1, 2, 3]))
        #expect(stage.core.epoch.turn.delay == .milliseconds(500))
        var fixed = Stage(bench, seat: 0, rules: .all.lifting(.adaptiveDelay))
        try fixed.receive(bench.nullification(16, by: [1, 2, 3]))
        #expect(fixed.core.epoch.turn.delay == .milliseconds(500))
    }

    /// Leaders that were told how the view before ended can propose in time.
    @Test func tellNextLeader() throws {
        try holds(.tellNextLeader) { rules in
            let next = bench.leader(2)
            let voter = (next + 1) % 4
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.nullification(1, by: others(than: voter)))
            return stage.effects.contains { effect in
                if case .send(.certificates(let certificates), let node) = effect {
                    node == bench.seat(next).node && certificates.contains { $0.view == View(1) }
                } else {
                    false
                }
            }
        }
    }

    /// A leader that jumped over a view asks everyone how it ended, and proposes when one of them says.
    @Test func pullFromEveryone() throws {
        try holds(.pullFromEveryone) { rules in
            let leader = bench.leader(4)
            var stage = Stage(bench, seat: leader, rules: rules)
            try stage.receive(bench.nullification(3, by: others(than: leader)))
            guard let request = stage.certificateRequests.first else { return false }
            #expect(request.first == View(1) && request.last == View(2))
            try stage.receive(bench.nullification(2, by: others(than: leader)))
            try stage.receive(bench.notarization(bench.block(1), by: others(than: leader)))
            return stage.proposals.contains { $0.header.parentView == View(1) }
        }
    }

    /// A voter asks too, keeps what it learns across views, and votes when the last piece is there.
    @Test func aPendingProposalWaitsForItsAncestors() throws {
        let voter = (0..<4).first { seat in bench.leader(4) != seat } ?? 0
        var stage = Stage(bench, seat: voter)
        let first = bench.block(1)
        try stage.receive(bench.nullification(3, by: others(than: voter)))
        try stage.receive(bench.block(4, on: first))
        #expect(!stage.hasSigned(.notarize, 4))
        #expect(!stage.certificateRequests.isEmpty)
        try stage.receive(bench.notarization(first, by: others(than: voter)))
        #expect(!stage.hasSigned(.notarize, 4))
        try stage.receive(bench.nullification(2, by: others(than: voter)))
        #expect(stage.hasSigned(.notarize, 4))
    }

    /// Whoever learned only of a finalization can build on it, and on the block the epoch starts from.
    @Test func finalizedCountsAsNotarized() throws {
        try holds(.finalizedCountsAsNotarized) { rules in
            let leader = bench.leader(2)
            var stage = Stage(bench, seat: leader, rules: rules)
            try stage.receive(bench.finalization(bench.block(1), by: others(than: leader)))
            return stage.proposals.contains { $0.header.view == View(2) }
        }
    }

    /// Proposing over a skipped view needs the certificate, not a vote of one's own.
    @Test func proposingNeedsNoOwnNullify() throws {
        let leader = bench.leader(2)
        var stage = Stage(bench, seat: leader)
        try stage.receive(bench.nullification(1, by: others(than: leader)))
        #expect(!stage.hasSigned(.nullify, 1))
        #expect(stage.proposals.contains { $0.header.view == View(2) })
    }

    /// A leader unheard of for long is passed over at once, but only by who is in touch with a quorum: with a third gone,
    /// that is the two thirds that are left, ourselves among them.
    @Test func silentLeadersAreSkippedOnlyWhileAQuorumSpeaks() throws {
        let silent = bench.leader(30)
        let voter = (silent + 1) % 4
        let talkers = others(than: voter).filter { $0 != silent }
        let cases: [(talkers: [Int], seconds: UInt64, isSkipped: Bool)] = [
            (talkers, 60, true), (Array(talkers.prefix(1)), 60, false), ([], 60, false),
            // Who has only just begun to listen has not been met with silence.
            (talkers, 5, false),
        ]
        for (talkers, seconds, isSkipped) in cases {
            var stage = Stage(bench, seat: voter)
            let late = bench.view(ledBy: silent, from: 2)
            stage.now = Instant.origin + .seconds(seconds)
            for seat in talkers { try stage.receive(bench.vote(.nullify, 1, by: seat)) }
            try stage.receive(bench.nullification(late - 1, by: others(than: voter)))
            #expect(stage.hasSigned(.nullify, late) == isSkipped, "\(talkers.count) others heard, \(seconds) s")
        }
    }

    @Test func followLeaderNullify() throws {
        try holds(.followLeaderNullify) { rules in
            var stage = Stage(bench, seat: (bench.leader(1) + 1) % 4, rules: rules)
            try stage.receive(bench.vote(.nullify, 1, by: bench.leader(1)))
            return stage.hasSigned(.nullify, 1)
        }
    }

    /// The pace is kept from one block to the next; skipped views do not wait for it.
    @Test func theLeaderKeepsThePace() throws {
        let leader = bench.leader(2)
        var stage = Stage(bench, seat: leader, pace: .seconds(1))
        try stage.receive(bench.notarization(bench.block(1), by: others(than: leader)))
        #expect(stage.proposals.allSatisfy { $0.header.view != View(2) })
        stage.pass(.milliseconds(999))
        #expect(stage.proposals.allSatisfy { $0.header.view != View(2) })
        stage.pass(.milliseconds(1))
        #expect(stage.proposals.contains { $0.header.view == View(2) })
    }
}
