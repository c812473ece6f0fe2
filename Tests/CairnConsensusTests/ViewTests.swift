import CairnBase
import CairnConsensus
import Testing

/// One view after another, as one validator lives through them.
@Suite struct ViewTests {
    private let bench: Bench
    /// A seat that does not lead view 1.
    private let voter: Int

    init() throws {
        bench = try Bench()
        voter = (bench.leader(1) + 1) % 4
    }

    private var others: [Int] { (0..<4).filter { $0 != voter } }

    @Test func aBlockIsNotarizedFinalizedAndCommitted() throws {
        var stage = Stage(bench, seat: voter)
        let block = bench.block(1, payload: [1, 2])
        try stage.receive(block)
        #expect(stage.hasSigned(.notarize, 1))
        #expect(stage.core.position.view == View(1))
        for seat in others { try stage.receive(bench.vote(.notarize, 1, bench.digest(block), by: seat)) }
        #expect(stage.hasSigned(.finalize, 1))
        #expect(stage.core.position.view == View(2))
        #expect(stage.committed.isEmpty)
        for seat in others { try stage.receive(bench.vote(.finalize, 1, bench.digest(block), by: seat)) }
        #expect(stage.committed == [block])
        #expect(stage.core.position.floor == View(1))
        #expect(!stage.hasSigned(.nullify, 1))
    }

    @Test func aLeaderProposesItsBlockOnceItsVoteIsDurable() throws {
        var stage = Stage(bench, seat: bench.leader(1), starting: false)
        stage.persistsAtOnce = false
        stage.handle(.start(recovered: nil, nonce: 0))
        #expect(stage.hasSigned(.notarize, 1))
        #expect(stage.proposals.isEmpty)
        stage.settle()
        #expect(stage.proposals.count == 1)
        let proposal = try #require(stage.proposals.first)
        #expect(proposal.header.parent == bench.plan.anchor.block)
        try Stage(bench, seat: voter).accepting(proposal)
    }

    @Test func aVoteLeavesOnlyAfterItIsDurable() throws {
        var stage = Stage(bench, seat: voter)
        stage.persistsAtOnce = false
        let block = bench.block(1)
        try stage.receive(block)
        #expect(stage.hasSigned(.notarize, 1))
        #expect(stage.sent.isEmpty)
        // With the leader's and one more, ours would be the third: it does not count yet.
        let other = try #require(others.first { $0 != bench.leader(1) })
        try stage.receive(bench.vote(.notarize, 1, bench.digest(block), by: other))
        #expect(stage.core.position.view == View(1))
        stage.settle()
        #expect(stage.sent.contains { $0.statement.kind == .notarize })
        #expect(stage.core.position.view == View(2))
    }

    @Test func withoutAProposalTheViewIsGivenUp() throws {
        var stage = Stage(bench, seat: voter)
        stage.pass(.milliseconds(999))
        #expect(stage.signed.isEmpty)
        stage.pass(.milliseconds(1))
        #expect(stage.signed.map(\.kind) == [.nullify])
        for seat in others.prefix(2) { try stage.receive(bench.vote(.nullify, 1, by: seat)) }
        #expect(stage.core.position.view == View(2))
    }

    @Test func aPendingProposalStopsTheFirstTimerOnly() throws {
        var stage = Stage(bench, seat: voter)
        stage.validatesAtOnce = false
        try stage.receive(bench.block(1))
        stage.pass(.milliseconds(1_499))
        #expect(stage.signed.isEmpty)
        stage.pass(.milliseconds(1))
        #expect(stage.signed.map(\.kind) == [.nullify])
    }

    @Test func anInvalidBodyIsATimeout() throws {
        var stage = Stage(bench, seat: voter)
        stage.validatesAtOnce = false
        let block = bench.block(1)
        try stage.receive(block)
        stage.handle(.payloadValidated(bench.digest(block), isValid: false))
        #expect(stage.signed.map(\.kind) == [.nullify])
        #expect(stage.effects.contains(.penalise(bench.seat(bench.leader(1)).node, .invalidPayload)))
    }

    @Test func theLeadersOwnNullifyEndsItsViewWhileItLasts() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.vote(.nullify, 1, by: bench.leader(1)))
        #expect(stage.hasSigned(.nullify, 1))
        var later = Stage(bench, seat: voter)
        try later.receive(bench.notarization(bench.block(1)))
        try later.receive(bench.vote(.nullify, 1, by: bench.leader(1)))
        #expect(!later.hasSigned(.nullify, 1))
    }

    @Test func theSecondProposalOfALeaderIsEvidence() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.block(1, payload: [1]))
        try stage.receive(bench.block(1, payload: [2]))
        #expect(stage.signed.count == 1)
        #expect(stage.evidence.map(\.offence) == [.twoNotarizes])
        #expect(stage.evidence.map(\.offender) == [MemberIndex(UInt16(bench.leader(1)))])
    }

    @Test func aBlockOfSomeoneElseIsRefused() throws {
        var stage = Stage(bench, seat: voter)
        let usurper = try #require(others.first { $0 != bench.leader(1) })
        try stage.receive(bench.block(1, leader: usurper))
        #expect(stage.signed.isEmpty)
        #expect(stage.effects.contains(.penalise(bench.seat(usurper).node, .notTheLeader)))
    }

    @Test func aFinalizeIsCastEvenForABlockNotVotedFor() throws {
        var stage = Stage(bench, seat: voter)
        let mine = bench.block(1, payload: [1])
        let theirs = bench.block(1, payload: [2])
        try stage.receive(mine)
        try stage.receive(bench.notarization(theirs, by: others))
        #expect(
            stage.signed.last
                == VoteStatement(
                    epoch: Epoch(0), view: View(1), kind: .finalize, block: bench.digest(theirs)))
    }

    @Test func neitherFinalizeAfterNullifyNorNullifyAfterFinalize() throws {
        var stage = Stage(bench, seat: voter)
        stage.pass(.seconds(1))
        #expect(stage.hasSigned(.nullify, 1))
        try stage.receive(bench.notarization(bench.block(1), by: others))
        #expect(!stage.hasSigned(.finalize, 1))

        var other = Stage(bench, seat: voter)
        try other.receive(bench.notarization(bench.block(1), by: others))
        #expect(other.hasSigned(.finalize, 1))
        other.pass(.milliseconds(900))
        #expect(!other.hasSigned(.nullify, 1))
    }

    @Test func aCertificateOfAnyHigherViewIsFollowed() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.nullification(9_000, by: others))
        #expect(stage.core.position.view == View(9_001))
        try stage.receive(bench.nullification(.max, by: others))
        #expect(stage.core.position.view == View(.max))
    }

    @Test func aLateCertificateOfAnEarlierViewStillDrawsItsFinalize() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.nullification(1, by: others))
        try stage.receive(bench.notarization(bench.block(1), by: others))
        #expect(stage.hasSigned(.finalize, 1))
        #expect(stage.core.position.view == View(2))
    }

    @Test func whatIsMissingBetweenFloorAndFinalizationIsFetched() throws {
        var stage = Stage(bench, seat: voter)
        let first = bench.block(1, payload: [1])
        let second = bench.block(2, on: first, payload: [2])
        try stage.receive(bench.finalization(second, by: others))
        stage.pass(.milliseconds(500))
        #expect(stage.committed.isEmpty)
        #expect(stage.effects.contains(.fetchBlock(bench.digest(second))))
        stage.handle(.blocks([bench.block(1, payload: [9])]))
        #expect(stage.committed.isEmpty, "a block nobody named is not taken")
        stage.handle(.blocks([second]))
        #expect(stage.effects.contains(.fetchBlock(bench.digest(first))))
        stage.handle(.blocks([first]))
        #expect(stage.committed == [first, second])
    }

    /// Views shorter than D leave no time for a retry, so the next finalization has to ask for what is missing.
    @Test func aGapIsFilledThoughNoRetryComes() throws {
        let leaders = (1...3).map { bench.leader($0) }
        let voter = try #require((0..<4).first { !leaders.contains($0) })
        let others = (0..<4).filter { $0 != voter }
        var stage = Stage(bench, seat: voter)
        let first = bench.block(1, payload: [1])
        let second = bench.block(2, on: first, payload: [2])
        let third = bench.block(3, on: second, payload: [3])
        try stage.receive(bench.finalization(first, by: others))
        #expect(!stage.effects.contains(.fetchBlock(bench.digest(first))), "the newest block may be on its way")
        for block in [second, third] {
            try stage.receive(block)
            try stage.receive(bench.finalization(block, by: others))
        }
        #expect(stage.effects.contains(.fetchBlock(bench.digest(first))))
        stage.handle(.blocks([first]))
        #expect(stage.committed == [first, second, third])
    }

    @Test func aWideGapIsLeftToTheSynchroniser() throws {
        var stage = Stage(bench, seat: voter)
        var blocks = [bench.block(1)]
        for view in 2...20 { blocks.append(bench.block(UInt64(view), on: blocks[view - 2])) }
        try stage.receive(bench.finalization(blocks[19], by: others))
        stage.pass(.milliseconds(500))
        let asks = stage.effects.contains {
            if case .synchronise(let from, let to) = $0 {
                from == bench.plan.anchor && to.view == View(20)
            } else {
                false
            }
        }
        #expect(asks)
    }

    @Test func theLightestQuorumListsTheHeaviestSigners() throws {
        let heavy = try Bench(weights: [10, 1, 1, 30, 1, 20])
        let voter = 1
        var stage = Stage(heavy, seat: voter)
        let block = heavy.block(1)
        if heavy.leader(1) != voter { try stage.receive(block) }
        for seat in [0, 3, 5, 4] { try stage.receive(heavy.vote(.notarize, 1, heavy.digest(block), by: seat)) }
        let made = stage.effects.compactMap { effect -> Certificate? in
            if case .archive(let certificate) = effect { certificate.certificate } else { nil }
        }
        #expect(made.first.map { $0.signers.indices.map(\.number) } == [3, 5])
    }
}

extension Stage {
    var proposals: [Proposal] {
        effects.compactMap { if case .broadcast(.proposal(let proposal)) = $0 { proposal.proposal } else { nil } }
    }

    /// Delivers a proposal made by a core and expects a notarize for it.
    func accepting(_ proposal: Proposal) throws {
        var copy = self
        try copy.receive(.proposal(proposal), from: Int(proposal.header.leader.number))
        #expect(copy.hasSigned(.notarize, proposal.header.view.number))
    }
}
