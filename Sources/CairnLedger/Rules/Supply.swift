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

    public init(reserve: Amount, treasury: Amount = .zero, burned: Amount = .zero) {
        self.reserve = reserve
        self.treasury = treasury
        self.burned = burned
    }

    /// All that is counted here.
    public var parts: [Amount] { [reserve, treasury, burned] }
}

extension Supply: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        reserve = try Amount(from: &reader)
        treasury = try Amount(from: &reader)
        burned = try Amount(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        for part in parts { part.encode(into: &writer) }
    }
}
