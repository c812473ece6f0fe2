import CairnBase
import Testing

@testable import CairnConsensus

/// From one committee to the next, and help for those who lag behind.
@Suite struct EpochTests {
    private let bench: Bench
    private let voter: Int
    private let others: [Int]

    init() throws {
        bench = try Bench()
        let voter = (bench.leader(1) + 1) % 4
        self.voter = voter
        others = (0..<4).filter { $0 != voter }
    }

    private func nextPlan(after block: Block, committee: Committee? = nil) -> EpochPlan {
        EpochPlan(
            epoch: Epoch(1), committee: committee ?? bench.committee, nextCommittee: .zero,
            startState: .zero, middle: block.header.randomness.next(using: bench.hash),
            anchor: Anchor(
                block: bench.digest(block), height: block.header.height, time: block.header.time,
                randomness: block.header.randomness.next(using: bench.hash)))
    }

    @Test func anEpochEndsWithItsLastHeightAndTheNextBeginsThere() throws {
        var stage = Stage(bench, seat: voter, epochLength: 1)
        let last = bench.block(1)
        try stage.receive(last)
        try stage.receive(bench.finalization(last, by: others))
        #expect(stage.committed == [last])
        let end = try #require(stage.epochEnds.first)
        #expect(end.anchor.height == Height(1))
        // Nothing is voted between the epochs, and nothing in the next before it has begun.
        stage.effects = []
        stage.pass(.seconds(60))
        #expect(stage.signed.isEmpty)
        let finalizationIsDurable = stage.log.certificates.contains { $0.kind == .finalize }
        #expect(finalizationIsDurable)
        stage.handle(.epochReady(nextPlan(after: last)))
        #expect(stage.core.position == ChainPosition(epoch: Epoch(1), view: View(1), floor: View(0)))
        stage.pass(.seconds(60))
        #expect(stage.signed.contains { $0.epoch == Epoch(1) })
        #expect(stage.signed.allSatisfy { $0.epoch == Epoch(1) })
    }

    @Test func aBlockAboveTheLastFinalizesItAndIsDiscarded() throws {
        var stage = Stage(bench, seat: voter, epochLength: 1)
        let last = bench.block(1)
        let beyond = bench.block(2, on: last)
        let full = bench.block(2, on: last, payload: [1])
        try stage.receive(last)
        try stage.receive(bench.notarization(last, by: others))
        try stage.receive(full)
        #expect(!stage.hasSigned(.notarize, 2), "blocks above the last carry nothing")
        try stage.receive(bench.finalization(beyond, by: others))
        stage.handle(.blocks([beyond]))
        #expect(stage.committed == [last])
    }

    /// The chain's store lost its last commits and the log did not: votes of the next epoch bind when it begins again.
    @Test func votesOfAnEpochAheadOfTheStoreAreNotForgotten() throws {
        var stage = Stage(bench, seat: voter, epochLength: 1)
        let last = bench.block(1)
        try stage.receive(last)
        try stage.receive(bench.finalization(last, by: others))
        stage.handle(.epochReady(nextPlan(after: last)))
        stage.pass(.seconds(1))
        let before = try #require(stage.log.votes.first { $0.statement.epoch == Epoch(1) })
        #expect(before.statement.kind == .nullify)
        // It starts again in the first epoch, from its plan, and reaches the second once more.
        stage.restart(epochLength: 1)
        stage.pass(.seconds(5))
        #expect(stage.signed.isEmpty)
        stage.handle(.epochReady(nextPlan(after: last)))
        stage.pass(.seconds(5))
        #expect(stage.core.epoch.views[View(1)]?.own.hasNullified == true)
        #expect(stage.signed.isEmpty, "it has voted in this view already")
        #expect(stage.sent.contains(before))
    }

    @Test func aSeatWithoutAKeyFollows() throws {
        var follower = bench.core(nil)
        var effects: [ConsensusEffect] = []
        follower.handle(.start(recovered: nil, nonce: 0), at: .origin, into: &effects)
        let block = bench.block(1)
        let position = ChainPosition(epoch: Epoch(0), view: View(2), floor: View(1))
        for body in [
            ConsensusMessage.Body.certificates([bench.finalization(block)]), .proposal(bench.proposal(block)),
        ] {
            let message = try bench.verifier.verify(ConsensusMessage(position: position, body: body))
            follower.handle(.message(message, from: bench.seat(0).node), at: .origin, into: &effects)
        }
        #expect(follower.committed.height == Height(1))
        let hasPersisted = effects.contains { if case .persist = $0 { true } else { false } }
        #expect(!hasPersisted)
    }

    @Test func whoIsBehindGetsTheCertificateThatOpenedOurView() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.nullification(5, by: others))
        stage.effects = []
        let behind = ChainPosition(epoch: Epoch(0), view: View(2), floor: View(0))
        stage.handle(.position(behind, from: bench.seat(others[0]).node))
        stage.handle(.position(behind, from: bench.seat(others[0]).node))
        let helped = stage.effects.filter { effect in
            if case .send(.certificates(let certificates), _) = effect {
                certificates[0].view == View(5)
            } else {
                false
            }
        }
        #expect(helped.count == 1, "once in D")
    }

    @Test func whoIsAnEpochBehindGetsTheFinalizationThatEndedIt() throws {
        var stage = Stage(bench, seat: voter, epochLength: 1)
        let last = bench.block(1)
        try stage.receive(last)
        try stage.receive(bench.finalization(last, by: others))
        stage.handle(.epochReady(nextPlan(after: last)))
        stage.effects = []
        try stage.receive(
            .certificateRequest(CertificateRequest(epoch: Epoch(0), first: View(1), last: View(1))),
            from: others[1], at: ChainPosition(epoch: Epoch(0), view: View(1), floor: View(0)))
        let isServed = stage.effects.contains { effect in
            if case .send(.certificates(let certificates), _) = effect {
                certificates[0].kind == .finalize
            } else {
                false
            }
        }
        #expect(isServed)
    }

    @Test func firstMessagesOfTheNextEpochWait() throws {
        var stage = Stage(bench, seat: voter, epochLength: 1)
        let last = bench.block(1)
        try stage.receive(last)
        try stage.receive(bench.finalization(last, by: others))
        let verifier = MessageVerifier(
            chain: bench.chain, hash: bench.hash, cryptography: bench.keys,
            epochs: [.init(epoch: Epoch(1), committee: bench.committee)])
        let position = ChainPosition(epoch: Epoch(1), view: View(1), floor: View(0))
        for seat in others {
            let statement = VoteStatement(epoch: Epoch(1), view: View(1), kind: .nullify, block: .zero)
            let body = ConsensusMessage.Body.votes([bench.sign(statement, by: seat)])
            let message = try verifier.verify(ConsensusMessage(position: position, body: body))
            for _ in 0..<10 { stage.handle(.message(message, from: bench.seat(seat).node)) }
        }
        #expect(stage.core.early.count == 9)
        #expect(stage.core.counters.early == 21)
        stage.handle(.epochReady(nextPlan(after: last)))
        #expect(stage.core.position.view == View(2), "the three nullifies of view 1 counted")
    }

    /// Everything one member and any stranger can send leaves the core as large as it was.
    @Test func spamGrowsNothing() throws {
        var stage = Stage(bench, seat: voter)
        let liar = others[0]
        for round in 0..<400 as Range<UInt64> {
            for kind in VoteKind.allCases {
                let digest = bench.hash.digest(DomainTag("test/spam"), [UInt8(round & 255), kind.rawValue])
                try stage.receive(bench.vote(kind, 1 + round * 7, digest, by: liar))
                try stage.receive(bench.vote(kind, 1 + round % 5, digest, by: liar))
            }
        }
        #expect(stage.core.epoch.views.count <= 3)
        #expect(stage.core.epoch.blocks.isEmpty)
        #expect(stage.core.counters.outsideWindow > 1_000)
        #expect(stage.evidence.count == 1)

        var open = Stage(bench, seat: voter, rules: .all.lifting(.boundedWindow))
        for round in 1...400 as ClosedRange<UInt64> { try open.receive(bench.vote(.nullify, round, by: liar)) }
        #expect(open.core.epoch.views.count == 400)
    }

    @Test func strangersShareOneSmallAllowance() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.nullification(1, by: others))
        stage.effects = []
        let request = CertificateRequest(epoch: Epoch(0), first: View(1), last: View(1))
        let message = try bench.verifier.verify(
            ConsensusMessage(position: stage.core.position, body: .certificateRequest(request)))
        for number in 0..<100 {
            let node = NodeID(bench.hash.digest(DomainTag("test/stranger"), [UInt8(number)]).raw)
            stage.handle(.message(message, from: node))
        }
        let answers = stage.effects.count { if case .send(.certificates, _) = $0 { true } else { false } }
        #expect(answers == ConsensusLimits.repliesToStrangers)
    }
}
