import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@Suite struct TransferTests {
    let ledger: Ledger<Blake2b>
    let state: MemoryState

    init() throws {
        let genesis = try sampleGenesis()
        ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        self.state = state
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: Outcome
        var from: UInt8 = 1
        var to: UInt8 = 2
        var amount: UInt64 = 5
        var nonce: UInt64 = 0
        var fee: UInt64 = 1000
        var expiry: UInt64 = 1
        var chain: ChainID?
        var key: PublicKey?

        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "applied", expected: .applied),
        Case(name: "to a new account", expected: .applied, to: 9),
        Case(name: "all that is left", expected: .applied, amount: 999_000),
        Case(name: "other chain", expected: .wrongChain, chain: ChainID(repeated(9))),
        Case(name: "expired", expected: .expired, expiry: 0),
        Case(name: "unknown sender", expected: .unknownSender, from: 55),
        Case(name: "somebody else's key", expected: .wrongKey, key: PublicKey(repeated(2))),
        Case(name: "from the future", expected: .nonceAhead, nonce: 1),
        Case(name: "cheap", expected: .feeTooLow, fee: 999),
        Case(name: "fee above balance", expected: .feeUnpayable, fee: 1_000_001),
        Case(name: "fee at the end of numbers", expected: .feeUnpayable, fee: .max),
        Case(name: "nothing", expected: .zeroAmount, amount: 0),
        Case(name: "to oneself", expected: .selfTransfer, to: 1),
        Case(name: "one more than is left", expected: .insufficientBalance, amount: 999_001),
        Case(name: "the end of numbers", expected: .insufficientBalance, amount: .max),
    ])
    func everyEndOfATransfer(_ wanted: Case) throws {
        let transaction = Transaction.vouched(
            from: account(wanted.from), nonce: wanted.nonce, fee: wanted.fee, expiry: wanted.expiry,
            chain: wanted.chain ?? ledger.chain, key: wanted.key,
            .transfer(to: account(wanted.to), amount: Amount(units: wanted.amount)))
        let outcome = try ledger.apply(LedgerBlock(context: context(1), transactions: [transaction]), to: state)
        #expect(outcome.receipts.map(\.outcome) == [wanted.expected])
        var after = state
        after.commit(outcome)
        #expect(audit(after.entries) == [])
        let fee = wanted.expected.isTaken ? wanted.fee : 0
        let moved = wanted.expected == .applied ? wanted.amount : 0
        #expect(outcome.receipts.map(\.fee.units) == [fee])
        #expect(try after.load(.account(account(100)))?.balance.units ?? 0 == fee)
        if wanted.from == 1 {
            let sender = try #require(try after.load(.account(account(1))))
            #expect(sender.balance.units == 1_000_000 - fee - moved)
            #expect(sender.nonce == (wanted.expected.isTaken ? 1 : 0))
        }
        if !wanted.expected.isTaken {
            let empty = try ledger.apply(LedgerBlock(context: context(1), transactions: []), to: state)
            #expect(after.root == empty.root)
        }
    }

    @Test func aTransactionRunsOnce() throws {
        let once = Transaction.vouched(
            from: account(1), nonce: 0, chain: ledger.chain, .transfer(to: account(2), amount: Amount(units: 7)))
        let outcome = try ledger.apply(LedgerBlock(context: context(1), transactions: [once, once]), to: state)
        #expect(outcome.receipts.map(\.outcome) == [.applied, .nonceUsed])
        var after = state
        after.commit(outcome)
        let again = try ledger.apply(LedgerBlock(context: context(2), transactions: [once]), to: after)
        #expect(again.receipts.map(\.outcome) == [.nonceUsed])
    }

    /// A proposer cannot choose who goes first: any arrangement of a block gives the same result.
    @Test func theOrderInABlockIsNotTheProposers() throws {
        let transactions = (1...3 as ClosedRange<UInt8>).flatMap { from in
            (0..<3 as Range<UInt64>).map { nonce in
                Transaction.vouched(
                    from: account(from), nonce: nonce, chain: ledger.chain,
                    .transfer(to: account(from % 3 + 1), amount: Amount(units: 400_000)))
            }
        }
        var random = SeededRandom(seed: 3)
        let first = try ledger.apply(LedgerBlock(context: context(1), transactions: transactions), to: state)
        for _ in 0..<10 {
            let shuffled = transactions.shuffled(using: &random)
            let other = try ledger.apply(LedgerBlock(context: context(1), transactions: shuffled), to: state)
            #expect(other == first)
        }
        let elsewhere = inInclusionOrder(transactions, after: Digest(repeated(1)), using: Blake2b())
        let here = inInclusionOrder(transactions, after: Digest(repeated(0)), using: Blake2b())
        #expect(elsewhere.map(\.value.sender) != here.map(\.value.sender))
    }
}
