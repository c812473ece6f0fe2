public import CairnBase
public import CairnWire

/// Where every token is that no account, bond or object holds. Together with those it always sums to the cap.
public struct Supply: Record {
    /// Not yet emitted.
    public var reserve: Amount
    /// Held for what the network votes to pay for.
    public var treasury: Amount
    /// Destroyed; only re-emission takes from it.
    public var burned: Amount
    /// Emitted for this period and not yet given to an epoch.
    public var emitted: Amount
    /// What rounding left over when validators were paid; the next epoch's pot takes it up.
    public var validatorsCarry: Amount
    /// What the first period emitted: re-emission in a period stays below a hundredth of it.
    var firstEmission: UInt64
    /// What was burned in this period, and in each of the last seven, newest last.
    var burnedNow: UInt64
    var recentBurns: [UInt64]

    static let burnPeriods = 7

    public init(reserve: Amount, treasury: Amount = .zero) {
        self.reserve = reserve
        self.treasury = treasury
        burned = .zero
        emitted = .zero
        validatorsCarry = .zero
        (firstEmission, burnedNow, recentBurns) = (0, 0, [])
    }

    /// All that is counted here.
    public var parts: [Amount] { [reserve, treasury, burned, emitted, validatorsCarry] }
}

extension Supply: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        reserve = try Amount(from: &reader)
        treasury = try Amount(from: &reader)
        burned = try Amount(from: &reader)
        emitted = try Amount(from: &reader)
        validatorsCarry = try Amount(from: &reader)
        firstEmission = try reader.u64()
        burnedNow = try reader.u64()
        recentBurns = try reader.list(limit: Self.burnPeriods) { reader throws(DecodeError) in try reader.u64() }
    }

    public func encode(into writer: inout ByteWriter) {
        for part in parts { part.encode(into: &writer) }
        writer.u64(firstEmission)
        writer.u64(burnedNow)
        writer.count(recentBurns.count)
        for units in recentBurns { writer.u64(units) }
    }
}
