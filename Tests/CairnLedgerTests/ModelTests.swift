import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Glibc
import Testing

/// The ledger against the model: every outcome, every balance, over many random blocks.
@Suite struct ModelTests {
    /// A hundred thousand blocks in all where CAIRN_LONG asks for it; enough to meet every rule of money otherwise.
    static let isLong = unsafe getenv("CAIRN_LONG") != nil
    static let blocks = isLong ? 25_000 : 360

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everyResultIsPredicted(seed: UInt64) throws {
        let genesis = try Self.genesis()
        let ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        var model = Model(genesis, chain: ledger.chain)
        var workload = Workload(seed: seed, chain: ledger.chain)
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        var seen: Set<Outcome> = []
        var judged: Set<VerdictOutcome> = []
        for height in 1...UInt64(Self.blocks) {
            let context = workload.context(height, genesis.parameters, model)
            let transactions = workload.transactions(height, model)
            let verdicts = workload.verdicts(height, model)
            let block = LedgerBlock(context: context, transactions: transactions, verdicts: verdicts)
            let outcome = try ledger.apply(block, to: state)
            let order = inInclusionOrder(transactions, after: context.parent, using: Blake2b())
            let predicted = model.run(order.map(\.value), verdicts, in: context)
            try #require(outcome.receipts.map(\.outcome) == predicted, "height \(height)")
            try #require(outcome.verdicts == model.outcomesOfVerdicts, "height \(height)")
            seen.formUnion(predicted)
            judged.formUnion(outcome.verdicts)
            let opensEpoch = (height - 1).isMultiple(of: genesis.parameters[.epochBlocks])
            try #require(try auditStep(outcome.changes, from: state, opensEpoch: opensEpoch) == [])
            state.commit(outcome)
            if height.isMultiple(of: genesis.parameters[.epochBlocks]) { try model.look(at: state, after: height) }
            if height.isMultiple(of: 50) { try compare(state, model) }
        }
        try compare(state, model)
        #expect(try StateTree(Blake2b()).apply(state.entries, to: MemoryState()).root == state.root)
        // The workload did what it is for: proofs were paid, owners paid, votes were carried out.
        #expect(model.economy.proofsPaid > 0 && model.economy.ownersPaid > 0)
        guard Self.isLong else { return }
        #expect(model.government.executed > 0)
        // Only a thousand candidates, four billion resources and the like are out of this workload's reach.
        #expect(
            Set(Outcome.allCases).subtracting(seen).isSubset(of: [
                .tooManyCandidates, .tooManyResources, .tooManyProposals, .tooManyObjects,
            ]))
        #expect(
            Set(VerdictOutcome.allCases).subtracting(judged).isSubset(of: [
                .unknownVerifier, .tooManyVerdicts, .epochSettled,
            ]))
    }

    private func compare(_ state: MemoryState, _ model: Model) throws {
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
            try #require(record.holders.map(\.number) == object.holders.map(\.0))
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
            (.rewardEpochs, 12),
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

/// Random blocks, made to meet every rule: amounts around the limits, stale nonces, old and new keys, old evidence.
struct Workload {
    static let accounts = (1...9 as ClosedRange<UInt8>).map(account)
    var random: SeededRandom
    private let chain: ChainID

    init(seed: UInt64, chain: ChainID) {
        random = SeededRandom(seed: seed)
        self.chain = chain
    }

    static func keys(_ number: UInt8) -> ValidatorKeys {
        ValidatorKeys(
            node: NodeID(repeated(150 + number)), vote: PublicKey(repeated(200 + number)),
            randomness: VRFPublicKey(repeated(250)))
    }

    mutating func context(_ height: UInt64, _ parameters: Parameters, _ model: Model) -> BlockContext {
        let epoch = (height - 1) / parameters[.epochBlocks]
        let seats = model.committees[epoch, default: []].map(\.account)
        let missed = (0..<random.below(3)).compactMap { _ in seats.randomElement(using: &random) }
        return BlockContext(
            height: Height(height), epoch: Epoch(epoch), proposer: seats.randomElement(using: &random) ?? account(1),
            time: height, parent: Digest(random.bytes32()), missed: missed, randomness: Digest(random.bytes32()))
    }

    mutating func transactions(_ height: UInt64, _ model: Model) -> [Verified<Transaction>] {
        (0..<random.below(5)).map { _ in transaction(height, model) }
    }

    private mutating func transaction(_ height: UInt64, _ model: Model) -> Verified<Transaction> {
        let sender = random.chance(ppm: 20_000) ? account(99) : anyone()
        let nonce = model.nonce[sender, default: 0]
        let (balance, epoch) = (model.balance[sender, default: 0], (height - 1) / model.parameters[.epochBlocks])
        var key = model.signingKey[sender] ?? sender.key
        if let next = model.nextKey[sender], next.from <= height { key = next.key }
        if random.chance(ppm: 20_000) { key = PublicKey(repeated(77)) }
        let usedNonce: UInt64 = random.chance(ppm: 25_000) ? nonce &- 1 : random.chance(ppm: 25_000) ? nonce + 1 : nonce
        let fee: UInt64 = random.chance(ppm: 20_000) ? balance + 1 : 9 + random.below(30)
        let expiry = random.chance(ppm: 20_000) ? height - 1 : height
        let chain = random.chance(ppm: 20_000) ? ChainID(repeated(0)) : chain
        return Transaction.vouched(
            from: sender, nonce: usedNonce, fee: fee, expiry: expiry, chain: chain, key: key,
            action(sender, height, epoch, model))
    }

    private mutating func action(
        _ sender: AccountID, _ height: UInt64, _ epoch: UInt64, _ model: Model
    ) -> Action {
        let amount = Amount(units: random.chance(ppm: 30_000) ? 0 : random.below(40_000))
        // Account 9 asks for little and hardly ever collects, so that its queue of withdrawals fills up.
        if sender == account(9), random.chance(ppm: 700_000) {
            return random.chance(ppm: 20_000) ? .withdraw : .unbond(Amount(units: 1))
        }
        if random.chance(ppm: 150_000) { return newer(sender, height, model) }
        switch random.below(22) {
        case 0..<4: return .transfer(to: anyone(), amount: amount)
        case 4: return .transfer(to: anyone(), amount: Amount(units: model.balance[sender, default: 0] + 1))
        case 5, 6: return .bond(amount)
        case 7: return .unbond(Amount(units: random.below(model.bonded[sender, default: 0] + 2)))
        case 8: return .unbond(Amount(units: random.below(20)))
        case 9: return .withdraw
        case 10, 11:
            let proof = Signature(r: .zero, s: .zero)
            let keys = Self.keys(UInt8(random.below(20)))
            return .apply(Candidacy(keys: keys, voteProof: proof, nodeProof: proof))
        case 12: return .resign
        case 13: return .rotate(to: PublicKey(repeated(UInt8(1 + random.below(9)))))
        case 14:
            let when = random.chance(ppm: 200_000) ? epoch + 1 : epoch - min(epoch, random.below(8))
            return accusation(epoch: when, model) ?? .resign
        case 15, 16:
            let (device, radio) = (UInt8(random.below(60)), UInt8(random.below(60)))
            let backer = random.chance(ppm: 500_000) ? sender : anyone()
            return .register(ResourceSamples.any(device, radio, backer: backer))
        case 17: return .move(resource(model), to: ResourceSamples.site(Int32(random.below(1000))))
        case 18: return random.chance(ppm: 400_000) ? .retire(resource(model)) : .withdraw
        case 19: return .back(resource(model), with: amount)
        case 20: return .unback(resource(model), by: Amount(units: random.below(3) == 0 ? 1 : random.below(20_000)))
        default: return .transfer(to: account(UInt8(10 + random.below(20))), amount: amount)
        }
    }

    /// Accusations are rare: each one costs, and the model is to run for long.
    private mutating func accusation(epoch: UInt64, _ model: Model) -> Action? {
        let zero = Signature(r: .zero, s: .zero)
        let left = Contradiction.Vote(kind: .notarize, block: Digest(repeated(1)), signature: zero)
        let right = Contradiction.Vote(kind: .notarize, block: Digest(repeated(2)), signature: zero)
        let key = PublicKey(repeated(200 + UInt8(random.below(20))))
        let seated = model.committees[epoch, default: []].map(\.keys.vote)
        let accused = random.chance(ppm: 500_000) ? seated.randomElement(using: &random) ?? key : key
        return Contradiction(key: accused, epoch: Epoch(epoch), view: View(3), left, right).map(Action.accuse)
    }

    private mutating func resource(_ model: Model) -> ResourceID {
        if random.chance(ppm: 50_000) { return ResourceID(repeated(1)) }
        return model.resources.keys.sorted().randomElement(using: &random) ?? ResourceID(repeated(2))
    }

    private mutating func anyone() -> AccountID { Self.accounts[Int(random.below(UInt64(Self.accounts.count)))] }
}
