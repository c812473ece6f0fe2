import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

/// Every way in which a taken transaction fails has a code of its own: a story that leads there, one line each. What
/// is not taken at all, and transfers, are in `TransferTests`.
@Suite struct RefusalTests {
    struct Story: Sendable, CustomTestStringConvertible {
        let expected: Outcome
        /// What happens before, all of it applied.
        let before: [(by: UInt8, Action)]
        let by: UInt8
        let last: Action

        init(_ expected: Outcome, after before: [(by: UInt8, Action)] = [], by: UInt8 = 1, _ last: Action) {
            self.expected = expected
            self.before = before
            self.by = by
            self.last = last
        }

        var testDescription: String { "\(expected)" }
    }

    private static func genesis() throws -> Genesis {
        try sampleGenesis(funded: [1, 2, 3, 100], balance: balance)
    }

    private static let unproven = Signature(r: .zero, s: .zero)

    private static func apply(_ number: UInt8) -> Action {
        let keys = ValidatorKeys(
            node: NodeID(repeated(number)), vote: PublicKey(repeated(number)),
            randomness: VRFPublicKey(repeated(number)))
        return .apply(Candidacy(keys: keys, voteProof: unproven, nodeProof: unproven))
    }

    private static func bond(_ tokens: UInt64) -> Action { .bond(Amount(units: tokens * Amount.one.units)) }

    private static func accuse(_ key: UInt8, epoch: UInt64) -> Action {
        let votes = [1, 2].map {
            Contradiction.Vote(kind: .notarize, block: Digest(repeated($0)), signature: unproven)
        }
        guard
            let contradiction = Contradiction(
                key: PublicKey(repeated(key)), epoch: Epoch(epoch), view: View(3), votes[0], votes[1])
        else { fatalError("a sample is wrong") }
        return .accuse(contradiction)
    }

    private static func open(_ price: UInt64, deposit: UInt64, of profile: Profile = .storageHot) -> Action {
        let order = ObjectOrder(
            profile: profile, root: Digest(repeated(1)), shards: 2, needed: 1, units: 4,
            price: Amount(units: price), deposit: Amount(units: deposit))
        guard let order else { fatalError("a sample is wrong") }
        return .open(order)
    }

    /// The first resource and the first object of account 1.
    private static let chain = (try? genesis())?.chain(using: Blake2b()) ?? ChainID(.zero)
    private static let resource = Resource.id(chain: chain, controller: account(1), sequence: 0, using: Blake2b())
    private static let object = ObjectOrder.id(chain: chain, owner: account(1), sequence: 0, using: Blake2b())
    private static let balance = 1000 * Amount.one.units
    private static let unit = Amount(units: 1)
    private static let register = Action.register(ResourceSamples.registration(1, 2))

    static let stories: [Story] =
        [
            Story(.insufficientBalance, bond(1001)),
            Story(.insufficientBalance, .bond(Amount(units: .max))),
            Story(.zeroAmount, bond(0)),
            Story(.bondTooSmall, after: [(1, bond(5))], .unbond(Amount(units: 5 * Amount.one.units + 1))),
            Story(.bondTooSmall, .unbond(Amount(units: .max))),
            Story(
                .tooManyUnbondings, after: [(1, bond(5))] + (0..<16).map { _ in (1, .unbond(unit)) }, .unbond(unit)),
            Story(.nothingToWithdraw, after: [(1, bond(5)), (1, .unbond(unit))], .withdraw),
            Story(.bondBelowMinimum, after: [(1, bond(99))], apply(7)),
            Story(.bondBelowMinimum, after: [(1, bond(100)), (1, apply(7))], .unbond(unit)),
            Story(.voteKeyTaken, after: [(1, bond(100))], apply(102)),
            Story(.notACandidate, .resign),
            Story(.sameKey, .rotate(to: PublicKey(repeated(1)))),
            Story(.notInCommittee, accuse(9, epoch: 0)),
            Story(.evidenceFromTheFuture, accuse(102, epoch: 1)),
            Story(.selfAccusation, by: 100, accuse(102, epoch: 0)),
            Story(.alreadyPunished, after: [(2, accuse(102, epoch: 0))], accuse(102, epoch: 0)),
            Story(.unknownResource, .retire(ResourceID(repeated(9)))),
            Story(.notTheController, after: [(1, register)], by: 2, .retire(resource)),
            Story(.notTheController, after: [(1, register)], by: 2, .move(resource, to: ResourceSamples.site(5))),
            Story(.notTheStakeRoot, after: [(1, register)], by: 2, .back(resource, with: unit)),
            Story(.notTheStakeRoot, after: [(1, register)], by: 2, .unback(resource, by: unit)),
            Story(.bondTooSmall, after: [(1, register)], .unback(resource, by: unit)),
            Story(.resourceRetired, after: [(1, register), (1, .retire(resource))], .retire(resource)),
            Story(.deviceTaken, after: [(1, register)], by: 2, .register(ResourceSamples.registration(1, 3))),
            Story(.radioTaken, after: [(1, register)], by: 2, .register(ResourceSamples.registration(4, 2))),
            Story(
                .unknownPartition, after: [(1, register)],
                .seal(
                    SealedClaim(
                        resource: resource, partition: 0, node: NodeID(repeated(1)), packed: .zero, manifest: .zero))),
            Story(.changeOutOfBounds, .propose(.parameter(.standingLambda, to: 950_000))),
            Story(.changeOutOfBounds, .propose(.parameter(.epochBlocks, to: 60))),
            Story(.unknownProposal, .vote(on: 0, isYes: true)),
            Story(.noVote, after: [(1, .propose(.parameter(.feeMin, to: 7)))], .vote(on: 0, isYes: true)),
            Story(
                .alreadyVoted, after: [(1, .propose(.parameter(.feeMin, to: 7))), (100, .vote(on: 0, isYes: true))],
                by: 100, .vote(on: 0, isYes: false)),
            Story(.zeroAmount, open(0, deposit: 5)),
            Story(.depositTooSmall, open(10, deposit: 2019)),
            Story(.insufficientBalance, open(10, deposit: balance + 1)),
            Story(.unknownObject, .close(Digest(repeated(9)))),
            Story(.notTheOwner, after: [(1, open(10, deposit: 5000))], by: 2, .close(object)),
            Story(.notSold, open(10, deposit: 5000, of: .storageSealed)),
            Story(.priceTooLow, open(1, deposit: 5000)),
            Story(.objectTooYoung, after: [(1, open(10, deposit: 5000))], .close(object)),
        ]

    @Test(arguments: stories)
    func everyRefusalHasItsCode(_ story: Story) throws {
        let genesis = try Self.genesis()
        let ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        for (index, step) in (story.before + [(story.by, story.last)]).enumerated() {
            let nonce = try state.load(.account(account(step.by)))?.nonce ?? 0
            let height = UInt64(index) + 1
            let transaction = Transaction.vouched(from: account(step.by), nonce: nonce, chain: ledger.chain, step.1)
            let outcome = try ledger.apply(
                LedgerBlock(context: context(height), transactions: [transaction]), to: state)
            let isLast = index == story.before.count
            try #require(outcome.receipts.map(\.outcome) == [isLast ? story.expected : .applied], "step \(index)")
            // A refusal changes nothing but the fee and the nonce: those of sender and proposer, two entries at most.
            let accounts = [account(step.by), account(100)].map { RecordKey<Account>.account($0).key }
            let idle = try ledger.apply(LedgerBlock(context: context(height), transactions: []), to: state)
            let others = outcome.changes.filter { !accounts.contains($0.key) }
            if isLast { #expect(others == idle.changes.filter { !accounts.contains($0.key) }) }
            #expect(try auditStep(outcome.changes, from: state, opensEpoch: height % 30 == 1) == [])
            state.commit(outcome)
        }
        #expect(audit(state.entries) == [])
    }
}
