public import CairnBase

/// What an audit of a whole state, or of the step from one to the next, found wrong.
public enum AuditFinding: Error, Equatable, Sendable {
    /// I1: all tokens together are not the cap; of a step, what changed does not hold what it held before.
    case supply(total: Amount?)
    /// An entry's bytes are not a record of its table; a parameter out of its bounds (I11) is none.
    case unreadable(StateKey)
    /// A rule between entries is broken; the text begins with its number.
    case inconsistent(StateKey, String)
}

/// Checks what must be true of every state, by looking at all of it.
///
/// Simulations run it after every block, a node on demand. It is written against the records, not against the rules
/// that made them, so that a mistake in a rule shows here.
public func audit(_ entries: [StateChange]) -> [AuditFinding] {
    var audit = StateAudit()
    for entry in entries {
        guard let bytes = entry.value else { continue }
        do throws(StateError) {
            try audit.read(bytes, under: entry.key)
        } catch {
            audit.findings.append(.unreadable(entry.key))
        }
    }
    audit.conclude()
    return audit.findings
}

/// What an audit gathers on its way through a state.
struct StateAudit {
    var findings: [AuditFinding] = []
    private var amounts: [Amount] = []
    /// I7, by epoch: what the pools were, and what was paid and carried out of them.
    private var pools = OrderedMap<UInt64, Books>()
    /// I8: how many verdicts wait, and how many their lists name.
    private var verdicts = (stored: 0, listed: 0)
    /// How many rows of a kind there are, and how many the pages of their numbers name.
    private var shards = (stored: 0, listed: 0), live = (stored: 0, listed: 0), rewards = (stored: 0, listed: 0)
    /// The space that objects take, and that providers have given.
    private var space = (taken: UInt64(0), given: UInt64(0))
    /// What is bonded behind validators, and what the record of all of it says.
    private var bonded = (sum: Amount.zero, recorded: Amount.zero)

    private struct Books {
        var pools = Amount.zero
        var paid = Amount.zero
    }

    mutating func read(_ bytes: [UInt8], under key: StateKey) throws(StateError) {
        guard let table = key.table else { return findings.append(.unreadable(key)) }
        amounts += try Self.tokens(bytes, under: key, of: table)
        switch table {
        case .stake:
            var sum = bonded.sum
            add([try decodeRecord(bytes, under: RecordKey<Stake>(key)).bonded], to: &sum, key)
            bonded.sum = sum
        case .object: try read(decodeRecord(bytes, under: RecordKey<PrepaidObject>(key)), key)
        case .reward: try read(decodeRecord(bytes, under: RecordKey<Reward>(key)), key)
        case .result: try read(decodeRecord(bytes, under: RecordKey<EpochResult>(key)), key)
        case .bonded: bonded.recorded = try decodeRecord(bytes, under: RecordKey<StakeHistory>(key)).now
        case .verdict:
            verdicts.stored += 1
            _ = try decodeRecord(bytes, under: RecordKey<OrderedVerdict>(key))
        case .shard:
            shards.stored += 1
            _ = try decodeRecord(bytes, under: RecordKey<HeldShard>(key))
        case .heldSlots: shards.listed += try decodeRecord(bytes, under: RecordKey<NumberPage>(key)).count
        case .resource: live.stored += try decodeRecord(bytes, under: RecordKey<Resource>(key)).isRetired ? 0 : 1
        case .liveNumbers: live.listed += try decodeRecord(bytes, under: RecordKey<NumberPage>(key)).count
        case .rewardedNumbers: rewards.listed += try decodeRecord(bytes, under: RecordKey<NumberPage>(key)).count
        case .holdings: space.given += UInt64(try decodeRecord(bytes, under: RecordKey<Holdings>(key)).units)
        case .judged: verdicts.listed += try decodeRecord(bytes, under: RecordKey<JudgedPlaces>(key)).places.count
        default: try checkRecord(bytes, under: key, of: table)
        }
    }

    private mutating func read(_ object: PrepaidObject, _ key: StateKey) {
        space.taken += UInt64(object.order.units) * UInt64(object.holders.count)
        if object.left.adding(object.spent) != object.deposited {
            findings.append(.inconsistent(key, "I5: paid and left are not what was deposited"))
        }
    }

    private mutating func read(_ reward: Reward, _ key: StateKey) {
        rewards.stored += 1
        if reward.usage > reward.burned.share(ppm: 850_000) {
            findings.append(.inconsistent(key, "I12: usage pay above its bound"))
        }
        if reward.held > reward.bootstrap { findings.append(.inconsistent(key, "I7: more is held than was earned")) }
        if reward.verdicts == 0, reward.bootstrap > .zero, reward.witnessedNothing {
            findings.append(.inconsistent(key, "I8: a reward names no verdict"))
        }
        var books = pools[key.epochNumber] ?? Books()
        add([reward.bootstrap, reward.witnessing], to: &books.paid, key)
        pools[key.epochNumber] = books
    }

    private mutating func read(_ result: EpochResult, _ key: StateKey) {
        var books = pools[key.epochNumber] ?? Books()
        add([result.pool, result.witnessPool], to: &books.pools, key)
        add([result.carry], to: &books.paid, key)
        pools[key.epochNumber] = books
    }

    /// A state that is wrong may hold more than there can be.
    private mutating func add(_ amounts: [Amount], to sum: inout Amount, _ key: StateKey) {
        for amount in amounts {
            guard let next = sum.adding(amount) else {
                return findings.append(.inconsistent(key, "more than all tokens there are"))
            }
            sum = next
        }
    }

    mutating func conclude() {
        if amounts.total() != .cap { findings.append(.supply(total: amounts.total())) }
        for (epoch, books) in pools where books.pools != books.paid {
            let key = StateKey(.result, number: epoch)
            findings.append(.inconsistent(key, "I7: rewards \(books.paid) and pools \(books.pools) differ"))
        }
        if verdicts.stored != verdicts.listed {
            findings.append(.inconsistent(StateKey(.judged), "I8: verdicts and their lists differ"))
        }
        for (rows, table) in [(shards, StateTable.heldSlots), (live, .liveNumbers), (rewards, .rewardedNumbers)]
        where rows.stored != rows.listed {
            findings.append(.inconsistent(StateKey(table), "its pages name other rows than there are"))
        }
        if space.taken != space.given {
            findings.append(.inconsistent(StateKey(.holdings), "providers gave other space than objects take"))
        }
        if bonded.sum != bonded.recorded {
            findings.append(.inconsistent(StateKey(.bonded), "what is bonded is not the sum of the bonds"))
        }
    }
}

extension Reward {
    /// Whether all its units could only have come from its own challenges.
    fileprivate var witnessedNothing: Bool { units == 0 && islandUnits == 0 }
}

extension StateKey {
    /// The number right after the table's byte.
    fileprivate var epochNumber: UInt64 { bytes.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
