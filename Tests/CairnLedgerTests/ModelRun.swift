import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

/// A ledger and its model, side by side over random blocks: every outcome, every balance.
struct ModelRun {
    let genesis: Genesis
    private let ledger: Ledger<Blake2b>
    private var workload: Workload
    private(set) var model: Model
    private(set) var state = MemoryState()
    /// What became of transactions and verdicts, and how many transactions there were.
    private(set) var seen: Set<Outcome> = []
    private(set) var judged: Set<VerdictOutcome> = []
    private(set) var transactionCount = 0

    init(seed: UInt64) throws {
        genesis = try Self.genesis()
        ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        model = Model(genesis, chain: ledger.chain)
        workload = Workload(seed: seed, chain: ledger.chain)
        state.commit(try ledger.begin(genesis))
    }

    /// Runs the block of a height, with up to so many transactions, on both. What the block did to every entry is
    /// audited (I1, I2, I6); the whole state is audited and compared from time to time.
    mutating func step(_ height: UInt64, atMost count: UInt64) throws {
        let context = workload.context(height, genesis.parameters, model)
        let transactions = workload.transactions(height, atMost: count, model)
        let verdicts = workload.verdicts(height, model)
        let block = LedgerBlock(context: context, transactions: transactions, verdicts: verdicts)
        let outcome = try ledger.apply(block, to: state)
        let order = inInclusionOrder(transactions, after: context.parent, using: Blake2b())
        let predicted = model.run(order.map(\.value), verdicts, in: context)
        try #require(outcome.receipts.map(\.outcome) == predicted, "height \(height)")
        try #require(outcome.verdicts.map(\.outcome) == model.outcomesOfVerdicts, "height \(height)")
        seen.formUnion(predicted)
        judged.formUnion(outcome.verdicts.map(\.outcome))
        transactionCount += transactions.count
        let opensEpoch = (height - 1).isMultiple(of: genesis.parameters[.epochBlocks])
        try #require(try auditStep(outcome.changes, from: state, opensEpoch: opensEpoch) == [])
        state.commit(outcome)
        if height.isMultiple(of: genesis.parameters[.epochBlocks]) { try model.look(at: state, after: height) }
        if height.isMultiple(of: 50) { try compare() }
    }

    /// Looks at everything at once.
    func compare() throws {
        try #require(model.total == Amount.cap.units)
        try #require(audit(state.entries) == [])
        for (id, balance) in model.balance {
            let account = try #require(try state.load(.account(id)))
            try #require(account.balance.units == balance)
            try #require(account.nonce == model.nonce[id, default: 0])
            let stake = try state.load(.stake(id)) ?? Stake()
            try #require(stake.bonded.units == model.bonded[id, default: 0])
            try #require(stake.unbonding.map(\.amount.units) == model.leaving[id, default: []].map(\.amount))
        }
        let supply = try #require(try state.load(.supply))
        try #require(
            supply.parts.map(\.units) == [model.reserve, model.treasury, model.burned, model.emitted, model.carry])
        for (index, funds) in model.economy.funds.enumerated() {
            let record = try #require(try state.load(.funds(Profile.allCases[index])))
            try #require(record.parts.map(\.units) == [funds.carry] + funds.unspent)
        }
        for (id, object) in model.objects.all {
            let record = try #require(try state.load(.object(id)))
            try #require(record.left.units == object.left)
            for (holder, predicted) in zip(record.holders, object.holders) {
                try #require((holder.number, holder.slot) == (predicted.number, predicted.slot))
                try #require((holder.isHolding, holder.isLost) == (predicted.isHolding, predicted.isLost))
                try #require(holder.missedBy.map { Int($0.shard) } == predicted.missedBy.map(\.shard))
            }
            try #require(record.holders.count == object.holders.count)
        }
        for (number, motion) in model.government.proposals.enumerated() {
            let record = try #require(try state.load(.proposal(UInt32(number))))
            try #require(
                [record.yes.units, record.no.units, record.deposit.units] == [motion.yes, motion.no, motion.deposit])
        }
        try #require(try state.load(.parameters) == model.parameters)
        try #require(try state.load(.candidates)?.accounts == model.candidates.sorted())
        for (id, thing) in model.resources {
            let resource = try #require(try state.load(.resource(id)))
            try #require(resource.bond.units == thing.bond)
            try #require(resource.stakeRoot == thing.root)
            try #require(resource.isRetired == thing.isGone)
            let live = try state.load(.liveNumbers(thing.number / 8192))
            try #require(live?.contains(thing.number) ?? false != thing.isGone)
            for partition in UInt32(0)..<3 {
                let claim = model.sealedPartitions[[thing.number, partition]]
                let known = try state.load(.sealedPartition(thing.number, partition))
                try #require(known?.packed == claim?.packed && known?.node == claim?.node)
            }
            let track = try #require(try state.load(.track(thing.number)))
            try #require(track.held.units == thing.record.held)
            try #require(track.standing.score == thing.record.score)
            try #require((track.streak, track.isSuspended) == (thing.record.streak, thing.record.isSuspended))
            try #require(resource.site == thing.site && resource.offer == thing.offer)
        }
        for (epoch, seats) in model.committees {
            let members = try #require(try state.load(.committee(Epoch(epoch)))).members
            try #require(members.map(\.weight) == seats.sorted { $0.keys.vote < $1.keys.vote }.map(\.weight))
        }
    }

    private static func genesis() throws -> Genesis {
        var parameters = Parameters(.testnet)
        let values: [(Parameter, UInt64)] = [
            (.epochBlocks, 12), (.epochsPerPeriod, 3), (.unbondingPeriods, 1), (.committeeMax, 4), (.feeMin, 10),
            (.candidateBondMin, 50_000), (.placeFee, 5000), (.missedViewsPPM, 300_000), (.proposalDeposit, 2000),
            (.vettingVerdicts, 3), (.vettingPeriods, 1), (.heldStagePeriods, 4), (.interactiveEpochs, 10),
            (.rewardEpochs, 12), (.spacePriceMin, 2),
        ]
        for (parameter, value) in values {
            let isWithinBounds = parameters.set(parameter, to: value)
            #expect(isWithinBounds)
        }
        return try Genesis(
            network: "model", symbol: "CRN", time: 0, parameters: parameters,
            accounts: Workload.accounts.map { Genesis.Allocation(account: $0, balance: Amount(units: 300_000)) },
            validators: Workload.accounts.prefix(3).enumerated().map { index, account in
                Genesis.FoundingValidator(
                    account: account, keys: Workload.keys(UInt8(index)), bond: Amount(units: 60_000))
            },
            anchors: [1, 2, 3].map { Genesis.Anchor(controller: account($0), sequence: 0) })
    }
}

extension Model {
    /// Takes over the set that was just frozen.
    mutating func look(at state: MemoryState, after height: UInt64) throws {
        let epoch = height / parameters[.epochBlocks] + 1
        let count = try state.load(.census(Epoch(epoch)))?.count ?? 0
        frozen[epoch] = try (0..<count).map { try #require(try state.load(.frozen(Epoch(epoch), $0))) }
    }
}
