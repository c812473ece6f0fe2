import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The rules of accounts, bonds, validators and epochs written a second time, as plainly as they can be said: dictionaries
/// of numbers, no shared code, no undo. What a transaction needs is checked in full before anything is touched.
struct Model {
    struct Bond { var amount: UInt64, release: UInt64 }
    struct Thing {
        var owner: AccountID, offer: Offer, site: Site, root: AccountID, number: UInt32, bond: UInt64 = 0,
            isGone = false
        var record = ModelRecord()
    }
    struct Seat { var account: AccountID, keys: ValidatorKeys, weight: UInt64, met: UInt64 = 0, missed: UInt64 = 0 }

    var balance: [AccountID: UInt64] = [:]
    var nonce: [AccountID: UInt64] = [:]
    var signingKey: [AccountID: PublicKey] = [:]
    var nextKey: [AccountID: (key: PublicKey, from: UInt64)] = [:]
    var bonded: [AccountID: UInt64] = [:]
    var leaving: [AccountID: [Bond]] = [:]
    var keys: [AccountID: ValidatorKeys] = [:]
    var candidates: Set<AccountID> = []
    var keyOwner: [PublicKey: AccountID] = [:]
    var committees: [UInt64: [Seat]] = [:]
    var pots: [UInt64: UInt64] = [:]
    var punished: Set<[UInt64]> = []
    var resources: [ResourceID: Thing] = [:]
    /// The newest claim about each, by the number of the resource and of the partition.
    var sealedPartitions: [[UInt32]: SealedClaim] = [:]
    var registered: [AccountID: UInt64] = [:]
    var reserve: UInt64 = 0
    var treasury: UInt64 = 0
    var burned: UInt64 = 0
    var emitted: UInt64 = 0
    var carry: UInt64 = 0
    var burnedNow: UInt64 = 0
    var founding: [AccountID: UInt64] = [:]
    var recentBurns: [UInt64] = []
    var firstEmission: UInt64 = 0

    var parameters: Parameters
    let chain: ChainID
    var economy: ModelEconomy
    var government = ModelGovernment()
    var objects = ModelObjects()
    /// The sets of epochs as they were frozen: what the model takes as given. How they come about has tests of its own.
    var frozen: [UInt64: [FrozenResource]] = [:]
    /// By epoch and profile, as they were counted two epochs before.
    var activeRoots: [UInt64: [Int]] = [:]
    var outcomesOfVerdicts: [VerdictOutcome] = []

    init(_ genesis: Genesis, chain: ChainID) {
        parameters = genesis.parameters
        self.chain = chain
        economy = ModelEconomy(genesis.profiles)
        for entry in genesis.accounts { balance[entry.account] = entry.balance.units }
        for founder in genesis.validators {
            bonded[founder.account] = founder.bond.units
            founding[founder.account] = founder.bond.units
            keys[founder.account] = founder.keys
            keyOwner[founder.keys.vote] = founder.account
            candidates.insert(founder.account)
        }
        reserve = 100_000_000_000_000_000 - balance.values.reduce(0, +) - bonded.values.reduce(0, +)
        let seats = heaviest()
        committees = [0: seats, 1: seats]
    }

    var total: UInt64 {
        let leavingSum = leaving.values.joined().reduce(0) { $0 + $1.amount }
        let backed = resources.values.reduce(0) { $0 + $1.bond + $1.record.held }
        let deposits =
            government.proposals.reduce(0) { $0 + $1.deposit } + objects.all.values.reduce(0) { $0 + $1.left }
        return backed + deposits + economy.total + balance.values.reduce(0, +) + bonded.values.reduce(0, +) + leavingSum
            + pots.values.reduce(0, +)
            + reserve + treasury + burned + emitted + carry
    }

    mutating func run(
        _ transactions: [Transaction], _ verdicts: [Verdict] = [], in context: BlockContext
    ) -> [Outcome] {
        let (height, blocks) = (context.height.number, parameters[.epochBlocks])
        let epoch = (height - 1) / blocks
        if (height - 1) % blocks == 0 {
            govern(height)
            open(epoch)
        }
        attend(epoch, context)
        placeObjects(height, context.randomness)
        let outcomes = transactions.map { transaction in
            let (sender, fee) = (transaction.sender, transaction.fee.units)
            if let refused = refusal(transaction, height) { return refused }
            // What a holder says is paid for by the object's owner, long ago.
            let payer = word(transaction.action)
            if let payer { objects.all[payer.id]?.left -= fee }
            balance[sender, default: 0] -= payer == nil ? fee : 0
            nonce[sender, default: 0] += 1
            balance[context.proposer, default: 0] += fee
            return act(transaction.action, sender, height, epoch)
        }
        outcomesOfVerdicts = take(verdicts, height)
        if height % blocks == 0 { close(epoch) }
        return outcomes
    }

    private func currentKey(_ account: AccountID, _ height: UInt64) -> PublicKey {
        if let next = nextKey[account], next.from <= height { return next.key }
        return signingKey[account] ?? account.key
    }

    /// Why a transaction is not taken; nil where it is.
    func refusal(_ transaction: Transaction, _ height: UInt64) -> Outcome? {
        let sender = transaction.sender
        if transaction.chainPrefix != chain.prefix { return .wrongChain }
        if transaction.expiry.number < height { return .expired }
        let isHolder = word(transaction.action) != nil
        if balance[sender] == nil, !isHolder { return .unknownSender }
        if transaction.key != currentKey(sender, height) { return .wrongKey }
        if transaction.nonce < nonce[sender, default: 0] { return .nonceUsed }
        if transaction.nonce > nonce[sender, default: 0] { return .nonceAhead }
        if transaction.fee.units < parameters[.feeMin] { return .feeTooLow }
        if isHolder { return holderRefusal(transaction, height) }
        if transaction.fee.units > balance[sender, default: 0] { return .feeUnpayable }
        return nil
    }

    private mutating func act(_ action: Action, _ sender: AccountID, _ height: UInt64, _ epoch: UInt64) -> Outcome {
        let period = parameters[.epochBlocks] * parameters[.epochsPerPeriod]
        let least = parameters[.candidateBondMin]
        switch action {
        case .transfer(let to, let amount):
            if amount.units == 0 { return .zeroAmount }
            if to == sender { return .selfTransfer }
            if amount.units > balance[sender, default: 0] { return .insufficientBalance }
            balance[sender, default: 0] -= amount.units
            balance[to, default: 0] += amount.units
        case .bond(let amount):
            if amount.units == 0 { return .zeroAmount }
            if amount.units > balance[sender, default: 0] { return .insufficientBalance }
            balance[sender, default: 0] -= amount.units
            bonded[sender, default: 0] += amount.units
            noteStake(of: sender, epoch)
        case .unbond(let amount):
            if amount.units == 0 { return .zeroAmount }
            if amount.units > bonded[sender, default: 0] { return .bondTooSmall }
            if candidates.contains(sender), bonded[sender, default: 0] - amount.units < least {
                return .bondBelowMinimum
            }
            if leaving[sender, default: []].count == 16 { return .tooManyUnbondings }
            bonded[sender, default: 0] -= amount.units
            let release = (epoch + 2) * parameters[.epochBlocks] + 1 + parameters[.unbondingPeriods] * period
            leaving[sender, default: []].append(Bond(amount: amount.units, release: release))
            noteStake(of: sender, epoch)
        case .withdraw:
            let free = leaving[sender, default: []].filter { $0.release <= height }
            if free.isEmpty { return .nothingToWithdraw }
            balance[sender, default: 0] += free.reduce(0) { $0 + $1.amount }
            leaving[sender]?.removeAll { $0.release <= height }
        case .apply(let candidacy):
            if bonded[sender, default: 0] < least { return .bondBelowMinimum }
            if let owner = keyOwner[candidacy.keys.vote], owner != sender { return .voteKeyTaken }
            keyOwner[candidacy.keys.vote] = sender
            keys[sender] = candidacy.keys
            candidates.insert(sender)
        case .resign:
            return candidates.remove(sender) == nil ? .notACandidate : .applied
        case .rotate(let key):
            let current = currentKey(sender, height)
            let isWaiting = nextKey[sender].map { $0.from > height } ?? false
            if key == current && !isWaiting { return .sameKey }
            signingKey[sender] = current
            nextKey[sender] = key == current ? nil : (key, height + 1 + parameters[.keyRotationPeriods] * period)
        case .accuse(let contradiction):
            return accuse(contradiction, sender, epoch)
        case .register(let wish):
            if resources.values.contains(where: { $0.offer.device == wish.offer.device }) { return .deviceTaken }
            if let eui = wish.offer.radio?.eui, resources.values.contains(where: { $0.offer.radio?.eui == eui }) {
                return .radioTaken
            }
            if balance[sender, default: 0] < parameters[.placeFee] { return .insufficientBalance }
            payPlaceFee(sender)
            let sequence = registered[sender, default: 0]
            registered[sender] = sequence + 1
            let id = Resource.id(chain: chain, controller: sender, sequence: sequence, using: Blake2b())
            resources[id] = Thing(
                owner: sender, offer: wish.offer, site: wish.site, root: wish.backer, number: UInt32(resources.count),
                record: ModelRecord(passes: parameters[.standingStart], registered: epoch, since: epoch))
        case .move(let id, _), .retire(let id), .back(let id, _), .unback(let id, _):
            return use(id, action, sender, height, epoch)
        case .propose, .vote, .open, .topUp, .close, .hold, .miss, .seal: return actLater(action, sender, height, epoch)
        }
        return .applied
    }

    private mutating func actLater(
        _ action: Action, _ sender: AccountID, _ height: UInt64, _ epoch: UInt64
    ) -> Outcome {
        switch action {
        case .propose(let change): propose(change, sender, height, epoch)
        case .vote(let number, let isYes): vote(number, isYes, sender, height)
        case .open(let order): openObject(order, sender, height)
        case .topUp(let id, let amount): topUp(id, amount.units, sender, height)
        case .close(let id): closeObject(id, sender, epoch)
        case .hold, .miss: hear(action, sender, height)
        case .seal(let claim): seal(claim, sender)
        default: .applied
        }
    }

    /// Partitions are numbered from 0 to as many as lie whole in the room, and claimed in that order.
    private mutating func seal(_ claim: SealedClaim, _ sender: AccountID) -> Outcome {
        guard let thing = resources[claim.resource] else { return .unknownResource }
        if thing.owner != sender { return .notTheController }
        if thing.isGone { return .resourceRetired }
        let size = ProfileRules.template(.storageSealed, .testnet)["unitsPerPartition"]
        let end = (UInt64(claim.partition) + 1) * size
        guard thing.offer.profile == .storageSealed, UInt64(thing.offer.capacity ?? 0) >= end else {
            return .unknownPartition
        }
        if claim.partition > 0, sealedPartitions[[thing.number, claim.partition - 1]] == nil {
            return .unknownPartition
        }
        sealedPartitions[[thing.number, claim.partition]] = claim
        return .applied
    }

    private mutating func payPlaceFee(_ payer: AccountID) {
        balance[payer, default: 0] -= parameters[.placeFee]
        burned += parameters[.placeFee]
        burnedNow += parameters[.placeFee]
    }

    private mutating func use(
        _ id: ResourceID, _ action: Action, _ sender: AccountID, _ height: UInt64, _ epoch: UInt64
    ) -> Outcome {
        let zero =
            switch action {
            case .back(_, let amount), .unback(_, let amount): amount.units == 0
            default: false
            }
        if zero { return .zeroAmount }
        guard var thing = resources[id] else { return .unknownResource }
        switch action {
        case .move(_, let site):
            if thing.owner != sender { return .notTheController }
            if thing.isGone { return .resourceRetired }
            if balance[sender, default: 0] < parameters[.placeFee] { return .insufficientBalance }
            payPlaceFee(sender)
            if site.position != thing.site.position || site.height != thing.site.height { thing.record.since = epoch }
            thing.site = site
        case .retire:
            if thing.owner != sender { return .notTheController }
            if thing.isGone { return .resourceRetired }
            thing.isGone = true
            if thing.record.isSuspended {
                burned += thing.record.held
            } else {
                balance[sender, default: 0] += thing.record.held
            }
            burnedNow += thing.record.isSuspended ? thing.record.held : 0
            thing.record.held = 0
        case .back(_, let amount):
            if thing.isGone { return .resourceRetired }
            if thing.root != sender { return .notTheStakeRoot }
            if amount.units > balance[sender, default: 0] { return .insufficientBalance }
            balance[sender, default: 0] -= amount.units
            thing.bond += amount.units
        case .unback(_, let amount):
            if thing.root != sender { return .notTheStakeRoot }
            if amount.units > thing.bond { return .bondTooSmall }
            if leaving[sender, default: []].count == 16 { return .tooManyUnbondings }
            thing.bond -= amount.units
            let period = parameters[.epochBlocks] * parameters[.epochsPerPeriod]
            let release = (epoch + 2) * parameters[.epochBlocks] + 1 + parameters[.unbondingPeriods] * period
            leaving[sender, default: []].append(Bond(amount: amount.units, release: release))
        default: break
        }
        resources[id] = thing
        return .applied
    }

    private mutating func accuse(_ contradiction: Contradiction, _ sender: AccountID, _ epoch: UInt64) -> Outcome {
        let when = contradiction.epoch.number
        let liable = parameters[.unbondingPeriods] * parameters[.epochsPerPeriod] + 2
        if when > epoch { return .evidenceFromTheFuture }
        if when + liable < epoch { return .evidenceTooOld }
        guard let seat = committees[when, default: []].first(where: { $0.keys.vote == contradiction.key }) else {
            return .notInCommittee
        }
        if seat.account == sender { return .selfAccusation }
        if !punished.insert([when, contradiction.key.raw.low64]).inserted { return .alreadyPunished }
        let all = bonded[seat.account, default: 0] + leaving[seat.account, default: []].reduce(0) { $0 + $1.amount }
        var due = all * parameters[.doubleVotePPM] / 1_000_000
        let reward = due * parameters[.reporterPPM] / 1_000_000
        balance[sender, default: 0] += reward
        burned += due - reward
        burnedNow += due - reward
        let fromBond = min(due, bonded[seat.account, default: 0])
        bonded[seat.account, default: 0] -= fromBond
        due -= fromBond
        while due > 0, let last = leaving[seat.account]?.popLast() {
            if last.amount > due {
                leaving[seat.account]?.append(Bond(amount: last.amount - due, release: last.release))
            }
            due -= min(due, last.amount)
        }
        candidates.remove(seat.account)
        noteStake(of: seat.account, epoch)
        return .applied
    }

    private mutating func open(_ epoch: UInt64) {
        let perPeriod = parameters[.epochsPerPeriod]
        if epoch % perPeriod == 0 {
            let amount = UInt64(UInt128(reserve) * UInt128(parameters[.emissionRateQ32]) / (1 << 32))
            if firstEmission == 0 { firstEmission = amount }
            recentBurns.append(burnedNow)
            burnedNow = 0
            let again = min(firstEmission / 100, recentBurns.suffix(7).reduce(0, +) / 7, burned)
            reserve -= amount
            burned -= again
            emitted += amount + again
        }
        let budget = emitted / (perPeriod - epoch % perPeriod)
        let (validators, forTreasury) = (budget / 10, budget / 20)
        emitted -= budget
        treasury += forTreasury
        reserve += openProfiles(epoch, budget - validators - forTreasury)
        pots[epoch] = validators + carry
        carry = 0
    }

    private mutating func attend(_ epoch: UInt64, _ context: BlockContext) {
        for index in committees[epoch, default: []].indices {
            let account = committees[epoch, default: []][index].account
            if account == context.proposer { committees[epoch]?[index].met += 1 }
            committees[epoch]?[index].missed += UInt64(context.missed.filter { $0 == account }.count)
        }
    }

    private mutating func close(_ epoch: UInt64) {
        let late = (60 + parameters[.epochBlocks] - 1) / parameters[.epochBlocks]
        if epoch >= late, let pot = pots.removeValue(forKey: epoch - late) {
            let seats = committees[epoch - late, default: []]
            let weights = seats.map { seat in
                seat.met + seat.missed == 0
                    ? 0 : UInt64(UInt128(seat.weight) * UInt128(seat.met) / UInt128(seat.met + seat.missed))
            }
            let total = weights.reduce(0, +)
            var left = pot
            for (seat, weight) in zip(seats, weights) where total > 0 {
                let part = UInt64(UInt128(pot) * UInt128(weight) / UInt128(total))
                if part > 0 { balance[seat.account, default: 0] += part }
                left -= part
            }
            carry += left
        }
        if epoch >= late { settleProofs(epoch - late, at: epoch) }
        let active = resources.values.filter {
            !$0.isGone && max($0.record.since, $0.record.shown) + parameters[.interactiveEpochs] >= epoch
        }
        activeRoots[epoch + 2] = (1...4).map { profile in
            Set(active.filter { Int($0.offer.profile.rawValue) == profile }.map(\.root)).count
        }
        activeRoots[epoch] = nil
        let seats = committees[epoch, default: []]
        let silent = seats.filter { seat in
            seat.missed >= 4 && seat.missed * 1_000_000 / (seat.met + seat.missed) > parameters[.missedViewsPPM]
        }
        if 3 * silent.reduce(0, { $0 + $1.weight }) < seats.reduce(0, { $0 + $1.weight }) {
            for seat in silent { candidates.remove(seat.account) }
        }
        let next = heaviest()
        committees[epoch + 2] = next.isEmpty ? committees[epoch + 1]?.map(fresh) : next
        let remembered = max(late, parameters[.unbondingPeriods] * parameters[.epochsPerPeriod] + 2)
        for old in committees.keys.sorted().prefix(4) where old + remembered < epoch { committees[old] = nil }
    }

    private func fresh(_ seat: Seat) -> Seat { Seat(account: seat.account, keys: seat.keys, weight: seat.weight) }

    private func heaviest() -> [Seat] {
        let able = candidates.filter { bonded[$0, default: 0] >= parameters[.candidateBondMin] }
        let ranked = able.sorted { left, right in
            let (a, b) = (bonded[left, default: 0], bonded[right, default: 0])
            return a == b ? left < right : a > b
        }
        return ranked.prefix(Int(parameters[.committeeMax])).compactMap { account in
            keys[account].map { Seat(account: account, keys: $0, weight: bonded[account, default: 0]) }
        }
    }
}
