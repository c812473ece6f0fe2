public import CairnBase
public import CairnWire

/// What an account has at risk behind its validator: bonded, or on its way back and still liable.
public struct Stake: Record {
    public var bonded: Amount
    /// In the order of their release.
    public var unbonding: [Unbonding]

    /// How many withdrawals one account may have under way.
    public static let unbondingMax = 16

    public init(bonded: Amount = .zero, unbonding: [Unbonding] = []) {
        self.bonded = bonded
        self.unbonding = unbonding
    }
}

/// An amount that is free again from a height on, and can be slashed until then.
public struct Unbonding: Sendable, Equatable {
    public var amount: Amount
    public let release: Height
}

extension Stake: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        bonded = try Amount(from: &reader)
        unbonding = []
        for _ in 0..<(try reader.count(limit: Self.unbondingMax)) {
            unbonding.append(Unbonding(amount: try Amount(from: &reader), release: try reader.ordinal()))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        bonded.encode(into: &writer)
        writer.count(unbonding.count)
        for entry in unbonding {
            entry.amount.encode(into: &writer)
            writer.ordinal(entry.release)
        }
    }
}
