import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

/// What a service asks of a bond decides who takes part in its epochs (I9).
@Suite struct BondingTests {
    /// Runs blocks up to a height; what is to happen in each is told by height.
    private func run(_ bonding: String, to last: UInt64, _ actions: [UInt64: Action]) throws -> MemoryState {
        let file = GenesisTests.file.replacing(
            #""accounts""#,
            with:
                "\"profiles\": [{\"profile\": \"coverage.radio\", \"bonding\": \"\(bonding)\", \"bondMin\": \"5\"}], \"accounts\""
        )
        let genesis = try Genesis(json: JSONReader.read(Array(file.utf8), limits: Genesis.jsonLimits))
        let ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        for height in 1...last {
            let nonce = try state.load(.account(account(1)))?.nonce ?? 0
            let transactions = actions[height].map {
                [
                    Transaction.vouched(
                        from: account(1), nonce: nonce, chain: ledger.chain, Self.named($0, on: ledger.chain))
                ]
            }
            let context = BlockContext(
                height: Height(height), epoch: genesis.parameters.epoch(of: Height(height)), proposer: account(1),
                time: height, parent: .zero)
            let outcome = try ledger.apply(LedgerBlock(context: context, transactions: transactions ?? []), to: state)
            try #require(outcome.receipts.allSatisfy { $0.outcome == .applied }, "\(outcome.receipts)")
            state.commit(outcome)
        }
        #expect(audit(state.entries) == [])
        return state
    }

    /// The one resource of these stories, whose id depends on the chain.
    private static func named(_ action: Action, on chain: ChainID) -> Action {
        let id = Resource.id(chain: chain, controller: account(1), sequence: 0, using: Blake2b())
        switch action {
        case .back(_, let amount): return .back(id, with: amount)
        case .unback(_, let amount): return .unback(id, by: amount)
        default: return action
        }
    }

    private static let someone = ResourceID(repeated(1))
    private static let register = Action.register(ResourceSamples.registration(1, 2))
    private static let five = Amount(units: 5 * Amount.one.units)

    /// The last block of epoch 0 freezes the set of epoch 2.
    @Test func strictBondingLeavesOutWhoHasNoBond() throws {
        let unit = Amount(units: 1)
        let stories: [(String, [UInt64: Action], UInt32)] = [
            ("strict", [1: Self.register], 0),
            ("strict", [1: Self.register, 2: .back(Self.someone, with: Self.five.reduced(by: unit))], 0),
            ("strict", [1: Self.register, 2: .back(Self.someone, with: Self.five)], 1),
            (
                "strict",
                [
                    1: Self.register, 2: .back(Self.someone, with: Self.five), 3: .unback(Self.someone, by: unit),
                ], 0
            ),
            ("held", [1: Self.register], 1),
            ("none", [1: Self.register], 1),
        ]
        for (bonding, actions, count) in stories {
            let state = try run(bonding, to: 60, actions)
            #expect(try state.load(.census(Epoch(2)))?.count == count, "\(bonding) \(actions.count)")
        }
    }
}
