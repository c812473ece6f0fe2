public import CairnBase
public import CairnWire

/// What a profile has to pay out for one epoch: for proofs, and for what was used and paid for.
public struct ProfilePot: Record {
    public internal(set) var bootstrap: Amount
    public internal(set) var usage: Amount

    init(bootstrap: Amount, usage: Amount) {
        self.bootstrap = bootstrap
        self.usage = usage
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        bootstrap = try reader.value()
        usage = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        bootstrap.encode(into: &writer)
        usage.encode(into: &writer)
    }
}

/// What a profile carries from epoch to epoch: rests of rounding, unspent usage pay, and the averages that its subsidy
/// and its bonds follow.
public struct ProfileFunds: Record {
    /// What rounding left of the bootstrap pot.
    public internal(set) var carry: Amount
    /// Unspent usage pay by period, the period's number modulo ten; after ten periods it returns to the reserve.
    public internal(set) var usageCarry: [Amount]
    /// Emission into the profile and revenue of its providers: averages over 30 periods, and the period's sums so far.
    public internal(set) var emission = Average()
    public internal(set) var revenue = Average()
    /// What one unit of capacity earned in a period.
    public internal(set) var unitReward = Average()
    /// The bootstrap pots of the last periods, newest last.
    public internal(set) var bootstraps: [UInt64]

    public static let usageCarryPeriods = 10
    public static let bootstrapsMax = 60

    /// An average over thirty periods, and what came together since the last.
    public struct Average: Sendable, Equatable {
        public internal(set) var value: UInt64 = 0
        public internal(set) var now: UInt64 = 0

        /// ⌊(29 average + new) ÷ 30⌋; all of it below the cap, so nothing overflows.
        mutating func turn() {
            value = (29 * min(value, Amount.cap.units) + min(now, Amount.cap.units)) / 30
            now = 0
        }

        mutating func add(_ amount: UInt64) { now = min(now, Amount.cap.units) + min(amount, Amount.cap.units) }
    }

    init() {
        carry = .zero
        usageCarry = [Amount](repeating: .zero, count: Self.usageCarryPeriods)
        bootstraps = []
    }

    /// All tokens in it.
    public var parts: [Amount] { [carry] + usageCarry }

    /// How much of what the profile gets is for proofs alone: 70 % without revenue, 5 % at last.
    public var bootstrapPPM: UInt64 {
        let (emitted, earned) = (UInt128(emission.value), UInt128(revenue.value))
        guard emitted + 2 * earned > 0 else { return 700_000 }
        return max(50_000, UInt64(clamping: 700_000 * emitted / (emitted + 2 * earned)))
    }
}

extension ProfileFunds {
    /// Begins a period: averages move, and usage pay that waited for ten periods is given up.
    mutating func turnPeriod(_ period: UInt64) -> Amount {
        emission.turn()
        revenue.turn()
        unitReward.turn()
        bootstraps = (bootstraps + [0]).suffix(Self.bootstrapsMax)
        let slot = Int(period % UInt64(Self.usageCarryPeriods))
        let expired = usageCarry[slot]
        usageCarry[slot] = .zero
        return expired
    }

    /// Begins an epoch with so much, and hands the carry over to its pot.
    mutating func open(_ part: Amount, bootstrap: Amount) {
        emission.add(part.units)
        carry = .zero
        if let last = bootstraps.popLast() { bootstraps.append(min(Amount.cap.units, last + bootstrap.units)) }
    }
}

extension ProfileFunds: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        carry = try reader.value()
        usageCarry = []
        for _ in 0..<Self.usageCarryPeriods { usageCarry.append(try reader.value()) }
        emission = Average(value: try reader.u64(), now: try reader.u64())
        revenue = Average(value: try reader.u64(), now: try reader.u64())
        unitReward = Average(value: try reader.u64(), now: try reader.u64())
        bootstraps = try reader.list(limit: Self.bootstrapsMax) { reader throws(DecodeError) in try reader.u64() }
        guard bootstraps.allSatisfy({ $0 <= Amount.cap.units }) else { throw .invalid("bootstrap pot") }
    }

    public func encode(into writer: inout ByteWriter) {
        for part in parts { part.encode(into: &writer) }
        for average in [emission, revenue, unitReward] {
            writer.u64(average.value)
            writer.u64(average.now)
        }
        writer.count(bootstraps.count)
        for amount in bootstraps { writer.u64(amount) }
    }
}
