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

    public init(reserve: Amount, treasury: Amount = .zero) {
        self.reserve = reserve
        self.treasury = treasury
        burned = .zero
        emitted = .zero
        validatorsCarry = .zero
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
    }

    public func encode(into writer: inout ByteWriter) {
        for part in parts { part.encode(into: &writer) }
    }
}
