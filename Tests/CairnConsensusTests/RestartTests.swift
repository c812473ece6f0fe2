import CairnBase
import Testing

@testable import CairnConsensus

/// A validator that comes back: with a sound log, with an old one, beside a twin.
@Suite struct RestartTests {
    private let bench: Bench
    private let voter: Int
    private let others: [Int]

    init() throws {
        bench = try Bench()
        let voter = (bench.leader(1) + 1) % 4
        self.voter = voter
        others = (0..<4).filter { $0 != voter }
    }

    private func status(
        by seat: Int, nonce: UInt64 = 2, entry: Certificate? = nil, votes: [Vote] = [],
        view: UInt64 = 1, epoch: UInt64 = 0
    ) -> ConsensusMessage.Body {
        let position = ChainPosition(epoch: Epoch(epoch), view: View(view), floor: View(0))
        let statement = StatusStatement(nonce: nonce, position: position)
        return .status(
            Status(
                statement: statement, member: MemberIndex(UInt16(seat)),
                signature: bench.sign(statement.signedBytes(chain: bench.chain), as: seat), entry: entry,
                votesOfAsker: votes))
    }

    /// An old copy of the log lets a validator vote twice, unless it first asks what others hold of it.
    @Test func aRolledBackLogIsFoundOut() throws {
        for rules in [Rules.all, Rules.all.lifting(.askBeforeVoting)] {
            var stage = Stage(bench, seat: voter)
            try stage.receive(bench.block(1, payload: [1]))
            let cast = try #require(stage.log.votes.first)
            stage.restart(rules: rules) { $0 = Recovered() }
            try stage.receive(bench.block(1, payload: [2]))
            let hasVotedTwice = stage.hasSigned(.notarize, 1)
            #expect(hasVotedTwice == !rules.contains(.askBeforeVoting))
            guard !hasVotedTwice else { continue }
            try stage.receive(status(by: others[0], votes: [cast]), from: others[0])
            #expect(stage.stopReason == .keyUsedElsewhere(cast.statement))
            stage.pass(.seconds(60))
            #expect(stage.signed.isEmpty)
            // And it is remembered.
            #expect(stage.log.isRetired)
            stage.restart()
            stage.pass(.seconds(60))
            #expect(stage.signed.isEmpty)
            #expect(stage.stopReason == .retired)
        }
    }

    /// A process that starts is connected with nobody: what it asks then reaches nobody, and it asks each as they come.
    @Test func whoeverConnectsIsAsked() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.block(1, payload: [1]))
        stage.restart()
        stage.handle(.met(bench.seat(others[0]).node))
        let asked = stage.effects.compactMap { effect in
            if case .send(.statusRequest(let request), let node) = effect { (request, node) } else { nil }
        }
        #expect(asked.map(\.1) == [bench.seat(others[0]).node])
        #expect(asked.first?.0.lastLogged == View(1))
        let nonce = try #require(asked.first?.0.nonce)
        for other in others { try stage.receive(status(by: other, nonce: nonce), from: other) }
        // The quorum has answered: nobody else is asked.
        let before = stage.effects.count
        stage.handle(.met(bench.seat(others[1]).node))
        #expect(stage.effects.count == before)
    }

    /// What the process before the restart had asked for is no reason to leave its successor without an answer.
    @Test func aStatusIsToldRightAfterCertificates() throws {
        var stage = Stage(bench, seat: voter)
        let asker = others[0]
        try stage.receive(
            .certificateRequest(CertificateRequest(epoch: Epoch(0), first: View(1), last: View(1))), from: asker)
        for _ in 0..<2 {
            try stage.receive(
                .statusRequest(StatusRequest(nonce: 7, epoch: Epoch(0), lastLogged: View(1))), from: asker)
        }
        let told = stage.effects.count { if case .answerStatus = $0 { true } else { false } }
        #expect(told == 1, "and once only")
    }

    /// The views that a newer log could have voted in are left alone for D from when the others have answered, not from
    /// when they were asked.
    @Test func watchingLastsFromTheAnswersOn() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.block(1, payload: [1]))
        stage.restart()
        stage.pass(.milliseconds(900))
        let first = bench.block(1, payload: [1])
        let entry = bench.notarization(first, by: others)
        for other in others { try stage.receive(status(by: other, entry: entry, view: 2), from: other) }
        stage.pass(.milliseconds(300))
        try stage.receive(bench.block(2, on: first, payload: [2]))
        #expect(!stage.hasSigned(.notarize, 2))
        stage.pass(.milliseconds(250))
        #expect(stage.hasSigned(.notarize, 2))
    }

    /// A vote under our key that we never cast: another process has the key. It shows in votes and in certificates.
    @Test func aTwinEndsTheValidator() throws {
        for rules in [Rules.all, Rules.all.lifting(.stopOnForeignVote)] {
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.vote(.finalize, 1, .zero, by: voter))
            #expect((stage.stopReason != nil) == rules.contains(.stopOnForeignVote))
            var other = Stage(bench, seat: voter, rules: rules)
            try other.receive(bench.nullification(1, by: [voter] + others.prefix(2)))
            #expect((other.stopReason != nil) == rules.contains(.stopOnForeignVote))
        }
        var echo = Stage(bench, seat: voter)
        echo.pass(.seconds(1))
        try echo.receive(bench.vote(.nullify, 1, by: voter))
        #expect(echo.stopReason == nil, "our own vote, come back, is no sign of a twin")
    }

    /// A vote that becomes durable after the validator has stopped stays where it is.
    @Test func aVoteUnderWayIsNotSentOnceStopped() throws {
        var stage = Stage(bench, seat: voter)
        stage.persistsAtOnce = false
        try stage.receive(bench.block(1))
        try stage.receive(bench.vote(.finalize, 1, .zero, by: voter))
        #expect(stage.stopReason != nil)
        stage.settle()
        #expect(stage.sent.isEmpty)
    }

    @Test func whileAskingNothingIsVoted() throws {
        var stage = Stage(bench, seat: voter)
        stage.restart { $0 = Recovered() }
        #expect(stage.effects.contains { if case .broadcast(.statusRequest) = $0 { true } else { false } })
        try stage.receive(bench.block(1))
        #expect(stage.signed.isEmpty)
        // A quorum of all the weight, without our own: all three others.
        for seat in others.prefix(2) { try stage.receive(status(by: seat), from: seat) }
        #expect(stage.signed.isEmpty)
        try stage.receive(status(by: others[2], nonce: 999), from: others[2])
        #expect(stage.signed.isEmpty, "an answer to another question does not count")
        try stage.receive(status(by: others[2]), from: others[2])
        #expect(stage.hasSigned(.notarize, 1))
    }

    /// With a third silent no quorum of the others answers: after 2 D the validator goes on.
    @Test func silenceDoesNotSilence() throws {
        var stage = Stage(bench, seat: voter)
        stage.restart { $0 = Recovered() }
        try stage.receive(bench.block(1))
        stage.pass(.milliseconds(999))
        #expect(stage.signed.isEmpty)
        stage.pass(.milliseconds(1))
        #expect(stage.hasSigned(.notarize, 1))
    }

    /// Views up to one beyond the best that is proven are left alone for another 2 D: a newer log could have voted there.
    @Test func provenViewsAreLeftAloneAWhile() throws {
        var stage = Stage(bench, seat: voter)
        stage.restart { $0 = Recovered() }
        let entry = bench.nullification(4, by: others)
        for seat in others { try stage.receive(status(by: seat, entry: entry, view: 5), from: seat) }
        #expect(stage.core.position.view == View(5))
        #expect(stage.core.signing.refusedThrough == View(6))
        stage.pass(.milliseconds(999))
        try stage.receive(bench.nullification(5, by: others))
        stage.effects = []
        stage.pass(.milliseconds(1))
        #expect(stage.signed.allSatisfy { $0.view >= View(6) })
        try stage.receive(bench.nullification(6, by: others))
        stage.pass(.seconds(60))
        #expect(stage.hasSigned(.nullify, 7))
    }

    /// A liar that claims to be far ahead proves nothing, and silences nobody.
    @Test func unprovenClaimsCountForNothing() throws {
        var stage = Stage(bench, seat: voter)
        stage.restart { $0 = Recovered() }
        try stage.receive(status(by: others[0], view: .max), from: others[0])
        try stage.receive(
            status(by: others[1], entry: bench.nullification(77, by: [0]), view: 78), from: others[1])
        #expect(stage.core.signing.refusedThrough == View(0))
        stage.pass(.seconds(3))
        #expect(stage.hasSigned(.nullify, 1))
    }

    /// All restart at once with sound logs, one stays away: the rest go on where they were.
    @Test func nothingIsForgottenOverARestart() throws {
        var stage = Stage(bench, seat: voter)
        let first = bench.block(1)
        try stage.receive(first)
        try stage.receive(bench.finalization(first, by: others))
        let view = bench.view(ledBy: others[0], from: 3)
        for skipped in 2..<view { try stage.receive(bench.nullification(skipped, by: others)) }
        try stage.receive(bench.block(view, on: first))
        #expect(stage.hasSigned(.notarize, view))
        let before = stage.core
        stage.restart()
        #expect(stage.core.position == before.position)
        #expect(stage.core.epoch.base.block == before.epoch.base.block)
        #expect(stage.core.epoch.views[View(view)]?.own == before.epoch.views[View(view)]?.own)
        #expect(stage.stopReason == nil)
        #expect(stage.committed == [first], "blocks above the last executed are handed out again")
        stage.restart { [bench] recovered in
            recovered.executed = Anchor(
                block: bench.digest(first), height: Height(1), time: first.header.time,
                randomness: first.header.randomness.next(using: bench.hash))
        }
        #expect(stage.committed.isEmpty)
        #expect(stage.stopReason == nil)
    }

    @Test func noVoteInAnEpochBeforeTheLogsHighest() throws {
        var stage = Stage(bench, seat: voter)
        let later = bench.sign(
            VoteStatement(epoch: Epoch(1), view: View(1), kind: .nullify, block: .zero), by: voter)
        stage.restart { $0 = Recovered(votes: [later]) }
        stage.pass(.seconds(60))
        #expect(stage.signed.isEmpty)
    }

    @Test func answersProveWhereWeAreAndWhatWeHold() throws {
        var stage = Stage(bench, seat: voter)
        let vote = bench.vote(.nullify, 1, by: others[0])
        try stage.receive(vote)
        try stage.receive(bench.nullification(1, by: [others[1], others[2], others[0]]))
        let asker = others[0]
        try stage.receive(
            .statusRequest(StatusRequest(nonce: 5, epoch: Epoch(0), lastLogged: View(0))), from: asker)
        let answer = try #require(stage.statusAnswers.first)
        #expect(answer.statement.nonce == 5)
        #expect(answer.entry?.view == View(1))
        #expect(answer.votesOfAsker == [vote])
    }
}
