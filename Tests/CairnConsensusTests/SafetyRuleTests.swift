import CairnBase
import Testing

@testable import CairnConsensus

/// Each rule with the counterexample that forced it: the scenario goes wrong without the rule and right with it.
@Suite struct SafetyRuleTests {
    private let bench: Bench
    private let voter: Int
    private let others: [Int]

    init() throws {
        let bench = try Bench()
        let voter = (0..<4).first { seat in (1...3).allSatisfy { bench.leader($0) != seat } }
        self.bench = bench
        self.voter = try #require(voter, "with this chain some seat leads none of the first three views")
        others = (0..<4).filter { [voter] in $0 != voter }
    }

    /// The scenario answers whether the harm came about.
    private func holds(_ rule: Rules, _ harm: (Rules) throws -> Bool) throws {
        #expect(try !harm(.all), "with every rule in force no harm is done")
        #expect(try harm(.all.lifting(rule)), "without the rule the counterexample works")
    }

    /// A nullify of view 1 is forgotten when the floor passes it; a late notarization of view 1 then draws a finalize,
    /// and two blocks become final.
    @Test func floorGuard() throws {
        try holds(.floorGuard) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            stage.pass(.seconds(1))
            #expect(stage.hasSigned(.nullify, 1))
            try stage.receive(bench.finalization(bench.block(2), by: others))
            try stage.receive(bench.notarization(bench.block(1), by: others))
            return stage.hasSigned(.finalize, 1)
        }
    }

    /// A block that skips a view it has no nullification for may leave a final block behind.
    @Test func ancestry() throws {
        try holds(.ancestry) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.notarization(bench.block(1), by: others))
            try stage.receive(bench.block(2))
            return stage.hasSigned(.notarize, 2)
        }
    }

    /// Without the certificate that opened a view in the log, a restarted committee has votes in a view that none of
    /// its members can prove was ever reached, and stalls for ever.
    @Test func certificatesBeforeVotes() throws {
        try holds(.certificatesBeforeVotes) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.nullification(1, by: others))
            try stage.receive(bench.block(2))
            #expect(stage.hasSigned(.notarize, 2))
            let isProvable = stage.log.certificates.contains { $0.kind == .nullify && $0.view == View(1) }
            stage.restart()
            try stage.receive(
                .certificateRequest(CertificateRequest(epoch: Epoch(0), first: View(1), last: View(1))),
                from: others[0])
            let isServed = stage.effects.contains { effect in
                if case .send(.certificates(let certificates), _) = effect {
                    certificates.contains { $0.kind == .nullify && $0.view == View(1) }
                } else {
                    false
                }
            }
            #expect(isServed == isProvable)
            return !isProvable
        }
    }

    /// Everything a notarize rests on is in the log before it: the block, the parent's notarization, the nullifications.
    @Test func aNotarizeRestsOnWhatTheLogHolds() throws {
        var stage = Stage(bench, seat: voter)
        let first = bench.block(1, payload: [1])
        let third = bench.block(3, on: first, payload: [3])
        try stage.receive(bench.notarization(first, by: others), bench.nullification(2, by: others))
        try stage.receive(third)
        let persist = try #require(stage.persists.first { $0.sign?.view == View(3) })
        #expect(persist.sign?.kind == .notarize)
        #expect(stage.log.blocks == [third])
        #expect(stage.log.certificates.map(\.view) == [View(1), View(2)])
    }

    /// A body that would crash the validator is voted for first and found out on every restart.
    @Test func validateBeforeRecord() throws {
        try holds(.validateBeforeRecord) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            stage.validatesAtOnce = false
            try stage.receive(bench.block(1))
            return !stage.log.votes.isEmpty
        }
    }

    /// A committee that nobody computed would take over at the end of the epoch.
    @Test func nextCommitteeCheck() throws {
        try holds(.nextCommitteeCheck) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.block(1, nextCommittee: .zero))
            return stage.hasSigned(.notarize, 1)
        }
    }

    /// Whoever executed to another state must not help to make theirs the one that newcomers take over.
    @Test func startStateCheck() throws {
        try holds(.startStateCheck) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.block(1, startState: .zero))
            return stage.hasSigned(.notarize, 1)
        }
    }

    /// A proposer that starts from a randomness of its choice draws again until it likes the outcome.
    @Test func randomnessChain() throws {
        try holds(.randomnessChain) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            try stage.receive(bench.block(1, randomness: .zero))
            return stage.hasSigned(.notarize, 1)
        }
    }

    /// What a proposer can vary, the payload and the time, leaves the next randomness as it is.
    @Test func theProposerCannotGrindTheSeed() {
        let one = bench.block(1, payload: [1], time: 2_000)
        let two = bench.block(1, payload: [2], time: 3_000)
        #expect(bench.digest(one) != bench.digest(two))
        #expect(one.header.randomness.next(using: bench.hash) == two.header.randomness.next(using: bench.hash))
    }

    @Test func notarizeOnce() throws {
        try holds(.notarizeOnce) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            stage.persistsAtOnce = false
            try stage.receive(bench.block(1))
            stage.handle(.payloadValidated(bench.digest(bench.block(1)), isValid: true))
            stage.core.notarize(.zero, resting: [])
            return stage.core.outstanding.count { $0.statement?.kind == .notarize } > 1
        }
    }

    @Test func noFinalizeAfterNullify() throws {
        try holds(.noFinalizeAfterNullify) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            stage.pass(.seconds(1))
            try stage.receive(bench.notarization(bench.block(1), by: others))
            return stage.hasSigned(.nullify, 1) && stage.hasSigned(.finalize, 1)
        }
    }

    /// A finalize vote that comes back from the log for the view we are still in: its notarization was never synced.
    @Test func noNullifyAfterFinalize() throws {
        try holds(.noNullifyAfterFinalize) { rules in
            var stage = Stage(bench, seat: voter)
            try stage.receive(bench.notarization(bench.block(1), by: others))
            #expect(stage.hasSigned(.finalize, 1))
            stage.restart(rules: rules) { $0.certificates = [] }
            stage.pass(.seconds(10))
            return stage.hasSigned(.nullify, 1)
        }
    }

    /// Five members, of whom two hold nearly everything: three heads are no quorum of the stake.
    @Test func weighByStake() throws {
        let bench = try Bench(weights: [1, 1, 1, 40, 50])
        try holds(.weighByStake) { rules in
            var stage = Stage(bench, seat: 0, rules: rules)
            stage.pass(.seconds(1))
            for seat in [1, 2, 3] { try stage.receive(bench.vote(.nullify, 1, by: seat)) }
            return stage.core.position.view == View(2)
        }
    }

    /// An own vote that counts before it is durable can complete a certificate, and be forgotten in a crash.
    @Test func persistBeforeCount() throws {
        try holds(.persistBeforeCount) { rules in
            var stage = Stage(bench, seat: voter, rules: rules)
            stage.persistsAtOnce = false
            stage.pass(.seconds(1))
            for seat in others.prefix(2) { try stage.receive(bench.vote(.nullify, 1, by: seat)) }
            return stage.core.position.view == View(2)
        }
    }

    /// After a restart the log's flags bind: what was given up is not finalized.
    @Test func keepOwnFlags() throws {
        try holds(.keepOwnFlags) { rules in
            var stage = Stage(bench, seat: voter)
            stage.pass(.seconds(1))
            #expect(stage.hasSigned(.nullify, 1))
            stage.restart(rules: rules.lifting(.askBeforeVoting))
            try stage.receive(bench.notarization(bench.block(1), by: others))
            return stage.hasSigned(.finalize, 1)
        }
    }

    /// Blocks above an epoch's last height exist to finalize it: they are empty, and nobody executes them.
    @Test func epochEnds() throws {
        try holds(.epochEnds) { rules in
            var stage = Stage(bench, seat: voter, rules: rules, epochLength: 1)
            let last = bench.block(1)
            let beyond = bench.block(2, on: last)
            try stage.receive(last)
            try stage.receive(beyond, certificates: [bench.notarization(last, by: others)])
            try stage.receive(bench.finalization(beyond, by: others))
            return stage.committed.contains(beyond)
        }
    }

    /// "Notarize X and finalize A ≠ X" is what an honest validator may do, and must never cost it its stake.
    @Test func onlyContradictionsAreEvidence() throws {
        let (x, a) = (bench.digest(bench.block(1, payload: [1])), bench.digest(bench.block(1, payload: [2])))
        func evidence(_ left: (VoteKind, Digest), _ right: (VoteKind, Digest)) -> Evidence.Offence? {
            Evidence(bench.vote(left.0, 1, left.1, by: 0), bench.vote(right.0, 1, right.1, by: 0))?.offence
        }
        #expect(evidence((.notarize, x), (.notarize, a)) == .twoNotarizes)
        #expect(evidence((.nullify, .zero), (.finalize, a)) == .nullifyAndFinalize)
        #expect(evidence((.finalize, x), (.finalize, a)) == .twoFinalizes)
        #expect(evidence((.notarize, x), (.finalize, a)) == nil)
        #expect(evidence((.notarize, x), (.nullify, .zero)) == nil)
        #expect(evidence((.notarize, x), (.notarize, x)) == nil)
        #expect(Evidence(bench.vote(.finalize, 1, x, by: 0), bench.vote(.finalize, 1, a, by: 1)) == nil)
        #expect(Evidence(bench.vote(.finalize, 1, x, by: 0), bench.vote(.finalize, 2, a, by: 0)) == nil)
    }

    /// Two final blocks in two views show nobody's lie. The certificates between them do, if they were kept.
    @Test func archiveEverything() throws {
        try holds(.archiveEverything) { rules in
            var archives: [[Certificate]] = []
            for isLeft in [true, false] {
                var stage = Stage(bench, seat: voter, rules: rules)
                if isLeft {
                    try stage.receive(bench.finalization(bench.block(1), by: [0, 1, 2]))
                } else {
                    try stage.receive(bench.nullification(1, by: [1, 2, 3]))
                    try stage.receive(bench.finalization(bench.block(2), by: [1, 2, 3]))
                }
                archives.append(
                    stage.effects.compactMap { effect in
                        if case .archive(let certificate) = effect { certificate.certificate } else { nil }
                    })
            }
            let found = archives[0].flatMap { one in
                archives[1].flatMap {
                    Evidence.between(one, $0, using: bench.hash) + Evidence.between($0, one, using: bench.hash)
                }
            }
            return !bench.committee.isThird(UInt64(Set(found.map(\.offender)).count))
        }
    }

    /// All three kinds of certificate are kept: with them, whoever forked the chain is named.
    @Test func certificatesOfEveryKindAreArchivedAndNameTheLiars() throws {
        var stage = Stage(bench, seat: voter)
        let block = bench.block(1)
        try stage.receive(bench.notarization(block, by: [0, 1, 2]), bench.nullification(2, by: [1, 2, 3]))
        try stage.receive(bench.finalization(block, by: [0, 1, 3]))
        let kinds = stage.effects.compactMap { effect -> VoteKind? in
            if case .archive(let certificate) = effect { certificate.kind } else { nil }
        }
        #expect(kinds == [.notarize, .nullify, .finalize])

        let named = Evidence.between(
            bench.nullification(1, by: [1, 2, 3]), bench.finalization(block, by: [0, 1, 3]), using: bench.hash)
        #expect(named.map(\.offender.number) == [1, 3])
        #expect(bench.committee.isThird(UInt64(named.count)))
    }

    /// A certificate that contradicts one we hold names its liars on the spot, each once.
    @Test func contradictingCertificatesBecomeEvidence() throws {
        var stage = Stage(bench, seat: voter)
        try stage.receive(bench.notarization(bench.block(1, payload: [1]), by: others))
        try stage.receive(bench.notarization(bench.block(1, payload: [2]), by: others))
        #expect(Set(stage.evidence.map(\.offender.number)) == Set(others.map(UInt16.init)))
        #expect(stage.evidence.count == 3)
    }
}
