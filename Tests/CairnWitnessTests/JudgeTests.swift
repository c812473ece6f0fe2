import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

/// What a validator votes for, and what not.
@Suite struct JudgeTests {
    private func finished(_ town: Town = Town(8), leavingOut: Int? = nil) throws -> JudgeUnderTest {
        let round = try Round(town)
        var judge = round.judge()
        try judge.run(try round.witnesses.filter { $0 != leavingOut }.map { ($0, try round.opening($0)) })
        return judge
    }

    private func height(_ judge: JudgeUnderTest, _ blocks: UInt64) -> Height {
        judge.round.challenged.height.advanced(by: blocks)
    }

    private func place(_ verdict: CoverageVerdict) -> VerdictPlace { Verdict.coverage(verdict).place }

    @Test func twoValidatorsComputeTheSameBytes() throws {
        let (one, other) = (try finished(), try finished())
        let verdict = try one.verdict
        #expect(try other.verdict.encoded == verdict.encoded)
        #expect(other.judge.check([verdict], at: height(other, 11)) == .agreed)
        #expect(other.judge.check([verdict], at: height(other, 40)) == .agreed)
    }

    /// Any field changed makes the block invalid.
    @Test func aWrongScoreIsRefused() throws {
        let judge = try finished()
        let verdict = try judge.verdict
        func changed(
            units: UInt32? = nil, reasons: Reasons? = nil, neighbours: UInt64? = nil,
            seats: [CoverageVerdict.Seat]? = nil
        ) throws -> CoverageVerdict {
            try #require(
                CoverageVerdict(
                    height: verdict.height, target: verdict.target, kind: .radio, units: units ?? verdict.units,
                    reasons: reasons ?? verdict.reasons, receipts: verdict.receipts,
                    neighbours: neighbours ?? verdict.neighbours, seats: seats ?? verdict.seats))
        }
        let wrong = [
            try changed(units: verdict.units + 1), try changed(units: 0),
            try changed(reasons: Reasons(.density)), try changed(neighbours: 1),
            try changed(seats: verdict.seats.dropLast()),
        ]
        for verdict in wrong {
            #expect(
                judge.judge.check([verdict], at: height(judge, 12)) == .refused(.wrongScore(place(verdict))))
        }
    }

    @Test func theWindowAndTheOrderHold() throws {
        var judge = try finished()
        let verdict = try judge.verdict
        for blocks in [10, 41] as [UInt64] {
            #expect(
                judge.judge.check([verdict], at: height(judge, blocks)) == .refused(.notInWindow(place(verdict))))
        }
        #expect(judge.judge.check([verdict, verdict], at: height(judge, 12)) == .refused(.order(place(verdict))))
        judge.advance(to: 11, adopted: [verdict])
        #expect(
            judge.judge.check([verdict], at: height(judge, 12)) == .refused(.alreadyAdopted(place(verdict))))
        #expect(!judge.judge.verdicts(at: height(judge, 12)).contains(verdict))
        let stranger = try #require(
            CoverageVerdict(
                height: verdict.height, target: 99, kind: .radio, units: 0, reasons: [], receipts: .zero,
                neighbours: 0, seats: []))
        #expect(
            judge.judge.check([stranger], at: height(judge, 12)) == .refused(.notChallenged(place(stranger))))
    }

    /// A proposer cannot pick receipts: those that others froze must be in. Others it may add, with their receipts.
    @Test func leavingOutAReceiptIsRefused() throws {
        let mine = try finished()
        let left = try mine.round.witnesses[2]
        let theirs = try finished(leavingOut: left)
        let verdict = try theirs.verdict
        guard case .needs(let wanted) = mine.judge.check([verdict], at: height(mine, 12)) else {
            Issue.record("unknown receipts must be asked for")
            return
        }
        var judge = mine
        let receipts = try #require(theirs.judge.receipts(of: wanted[0].challenge, under: wanted[0].root))
        // Others than those that were asked for are not kept: a liar would push out the right ones.
        judge.give(.fetched(wanted[0], try vouch(receipts.dropLast(), judge.round)))
        #expect(judge.judge.refusals[JudgeRefusal.otherRoot.rawValue] == 1 && !judge.judge.holds(wanted[0]))
        judge.give(.fetched(wanted[0], try vouch(receipts, judge.round)))
        #expect(judge.judge.holds(wanted[0]))
        #expect(
            judge.judge.check([verdict], at: height(mine, 12))
                == .refused(.omits(place(verdict), witness: try mine.round.town.index(of: left))))
    }

    /// A validator that missed a receipt, but not its commit, fetches it and agrees.
    @Test func aMissingReceiptIsFetched() throws {
        let full = try finished()
        let round = full.round
        let missed = try round.witnesses[1]
        var judge = round.judge()
        judge.advance(to: 2)
        for seed in try round.witnesses { judge.give(.commit(try round.commit(seed, try round.opening(seed)))) }
        judge.advance(to: 6)
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        for seed in try round.witnesses where seed != missed {
            judge.give(.reveals([try round.reveal(seed, try round.opening(seed))]))
        }
        judge.advance(to: 10)
        let verdict = try full.verdict
        #expect(try judge.verdict != verdict)
        guard case .needs(let wanted) = judge.judge.check([verdict], at: height(judge, 12)) else {
            Issue.record("unknown receipts must be asked for")
            return
        }
        let receipts = try #require(full.judge.receipts(of: wanted[0].challenge, under: wanted[0].root))
        judge.give(.fetched(wanted[0], try vouch(receipts, round)))
        #expect(judge.judge.check([verdict], at: height(judge, 12)) == .agreed)
    }

    /// A receipt whose commit this validator never saw in time does not count, however true it looks.
    @Test func aReceiptWithoutACommitIsRefused() throws {
        let full = try finished()
        let sneaked = try full.round.witnesses[0]
        var judge = try finished(leavingOut: sneaked)
        let verdict = try full.verdict
        let root = verdict.receipts
        let receipts = try #require(full.judge.receipts(of: full.round.challenged.id, under: root))
        judge.give(
            .fetched(
                WantedReceipts(challenge: full.round.challenged.id, root: root), try vouch(receipts, full.round)))
        #expect(
            judge.judge.check([verdict], at: height(judge, 12))
                == .refused(.untrueReceipt(place(verdict), witness: try full.round.town.index(of: sneaked))))
    }

    @Test func aBeaconThatWasProvenCannotBeDenied() throws {
        let round = try Round(Town(8))
        var denier = round.judge()
        try denier.run(try round.witnesses.map { ($0, try round.opening($0)) }, beacon: false)
        let verdict = try denier.verdict
        let judge = try finished()
        #expect(
            judge.judge.check([verdict], at: height(judge, 12)) == .refused(.beaconWasProven(place(verdict))))
    }

    /// Who was not in step cannot say what was left out, and checks the arithmetic.
    @Test func whoWasAwayChecksArithmeticOnly() throws {
        let full = try finished()
        let verdict = try full.verdict
        var judge = full.round.judge()
        judge.advance(to: 0)
        let gap = height(full, 9)
        judge.give(.block(gap, randomness: Town.randomness(gap), adopted: []))
        #expect(judge.judge.check([verdict], at: height(full, 12)) == .agreed)
        let greedy = try #require(
            CoverageVerdict(
                height: verdict.height, target: verdict.target, kind: .radio, units: 2_000_000,
                reasons: verdict.reasons, receipts: verdict.receipts, neighbours: 0, seats: verdict.seats))
        #expect(judge.judge.check([greedy], at: height(full, 12)) == .refused(.arithmetic(place(greedy))))
    }

    @Test func whatComesOutOfItsWindowIsDropped() throws {
        let round = try Round(Town(8))
        var judge = round.judge()
        let all = try round.witnesses
        judge.advance(to: 1)
        for seed in all { judge.give(.commit(try round.commit(seed, try round.opening(seed)))) }
        judge.advance(to: 4)
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        #expect(judge.judge.refusals[JudgeRefusal.tooEarly.rawValue] == 1)
        judge.advance(to: 5)
        judge.give(.reveals([try round.reveal(all[0], try round.opening(all[0]))]))
        #expect(judge.judge.refusals[JudgeRefusal.tooEarly.rawValue] == 2)
        judge.advance(to: 9)
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        #expect(judge.judge.refusals[JudgeRefusal.tooLate.rawValue] == 1)
        judge.give(.reveals([try round.reveal(all[0], try round.opening(all[0]))]))
        judge.advance(to: 10)
        judge.give(.reveals([try round.reveal(all[1], try round.opening(all[1]))]))
        #expect(judge.judge.refusals[JudgeRefusal.tooLate.rawValue] == 2)
        #expect(try judge.verdict.reasons == Reasons(.noBeacon))
    }

    @Test func twoCommitsAreEvidence() throws {
        let round = try Round(Town(8))
        var judge = round.judge()
        judge.advance(to: 1)
        let seed = try round.witnesses[0]
        let first = try round.commit(seed, try round.opening(seed))
        let second = try round.commit(seed, try round.opening(seed) { $0.counter = 1 })
        for commit in [first, first, second] { judge.give(.commit(commit)) }
        #expect(judge.effects == [.accuse(first.value, second.value)])
        // One pair is enough.
        judge.give(.commit(try round.commit(seed, try round.opening(seed) { $0.counter = 2 })))
        #expect(judge.effects.count == 1)
    }

    /// What changes nothing here is neither checked nor passed on.
    @Test func onlyWhatIsNewIsWorthAFurtherLook() throws {
        let round = try Round(Town(8))
        var judge = round.judge()
        let seed = try round.witnesses[0]
        let opening = try round.opening(seed)
        let commits = try (0..<3).map { count in
            try round.commit(seed, try round.opening(seed) { $0.counter += UInt32(count) })
        }
        func news() -> [Bool] { commits.map { judge.judge.isNew(.commit($0.value)) } }
        #expect(news() == [false, false, false], "of a challenge that is not open here")
        judge.advance(to: 1)
        #expect(news() == [true, true, true])
        judge.give(.commit(commits[0]))
        #expect(news() == [false, true, true])
        judge.give(.commit(commits[1]))
        #expect(news() == [false, false, false])
        judge.advance(to: 6)
        let beacon = try round.beaconReveal()
        #expect(judge.judge.isNew(.beacon(beacon.value)))
        judge.give(.beacon(beacon, output: round.output))
        #expect(!judge.judge.isNew(.beacon(beacon.value)))
        guard case .alone(let reveal) = try round.reveal(seed, opening) else { return }
        #expect(judge.judge.isNew(.reveal(reveal.value)))
        judge.give(.reveals([.alone(reveal)]))
        #expect(!judge.judge.isNew(.reveal(reveal.value)))
    }

    /// One signature over many receipts is as good as many, and one receipt of a batch can be checked alone.
    @Test func aBatchIsOpenedReceiptByReceipt() throws {
        let round = try Round(Town(8))
        let seed = try round.witnesses[0]
        let openings = try (0..<5).map { count in try round.opening(seed) { $0.counter = UInt32(count) } }
        let root = RevealBatch.tree(of: openings, using: Town.hash).root
        let index = try round.town.index(of: seed)
        let statement = Statement.reveals(witness: index, root: root, openings)
        let (tag, body) = statement.signedBody
        let message = try #require(statement.signed(Town.key(seed).sign(body, tag: tag, chain: Town.chain)))
        #expect(try CoverageMessage.decode(message.encoded, limit: 60 << 10) == message)
        guard case .batch(let batch) = message else { return }
        let seal = try #require(round.verifier.verify(Claim(batch.seal, by: round.town.members[seed].device)))
        let reveals = try #require(batch.reveals(using: Town.hash))
        for endorsed in reveals {
            #expect(try EndorsedReveal.decode(endorsed.encoded, limit: 1 << 10) == endorsed)
            #expect(endorsed.endorsement?.covers(endorsed.reveal.opening, using: Town.hash) == true)
        }
        var judge = round.judge()
        judge.advance(to: 2)
        judge.give(.commit(try round.commit(seed, openings[3])))
        judge.advance(to: 6)
        // One that is not in the batch is refused, the one that was committed to counts.
        let foreign = EndorsedReveal(
            reveal: Reveal(opening: try round.opening(seed) { $0.counter = 77 }, signature: batch.signature),
            endorsement: reveals[0].endorsement)
        judge.give(.reveals([.batched(foreign, seal), .batched(reveals[3], seal)]))
        #expect(judge.judge.refusals[JudgeRefusal.notInBatch.rawValue] == 1)
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        judge.advance(to: 10)
        #expect(try judge.verdict.seats.map(\.witness) == [index])
    }

    /// A full case keeps the trusted.
    @Test func strangersDoNotPushOutTheTrusted() throws {
        var town = Town(8)
        town.rules.farthest = 100_000
        for seed in 8..<100 {
            var member = Town.member(seed, metresEast: 20_000 + 500 * seed)
            member.trust = 0
            town.members.append(member)
        }
        let round = try Round(town) { $0 < 8 }
        var judge = round.judge()
        judge.advance(to: 1)
        for seed in try round.witnesses.reversed() {
            judge.give(.commit(try round.commit(seed, try round.opening(seed))))
        }
        #expect(judge.judge.refusals[JudgeRefusal.noRoom.rawValue] == UInt64(99 - 64))
        judge.advance(to: 6)
        judge.give(.beacon(try round.beaconReveal(), output: round.output))
        for seed in try round.witnesses { judge.give(.reveals([try round.reveal(seed, try round.opening(seed))])) }
        judge.advance(to: 10)
        #expect(try judge.verdict.seats.allSatisfy { try round.town.seed(of: $0.witness) < 8 })
    }

    @Test func aFinishedCaseGoesToTheArchiveAndCanBeRunAgain() throws {
        var judge = try finished()
        let verdict = try judge.verdict
        judge.advance(to: 41)
        var archive = ReceiptArchive()
        for case .archive(let archived) in judge.effects { archive.add(archived) }
        let round = judge.round
        let again = try #require(
            archive.rerun(
                verdict, of: round.challenged.id, beacon: round.beacon, in: round.view,
                randomness: Town.randomness(height(judge, 10)), using: Town.hash))
        #expect(again.verdict == verdict)
        archive.prune(before: round.challenged.height.next)
        #expect(archive[round.challenged.id] == nil)
    }

    private func vouch(_ reveals: [EndorsedReveal], _ round: Round) throws -> [VouchedReveal] {
        try reveals.map { endorsed in
            .alone(try #require(round.verifier.verify(Claim(endorsed.reveal, by: endorsed.reveal.receipt.witness))))
        }
    }
}
