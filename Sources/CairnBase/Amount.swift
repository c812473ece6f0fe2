/// An amount of the network's token, in units of which 10^8 make one.
///
/// There is no `+`: a sum may not fit and a difference may not exist, and both are answers a ledger has to give, so
/// every operation that can fail returns nil and every division rounds down. Whoever splits an amount keeps the
/// remainder, so that nothing is made or lost by rounding.
@frozen
public struct Amount: Sendable, Hashable, Comparable {
    public let units: UInt64

    @inlinable
    public init(units: UInt64) {
        self.units = units
    }

    public static let zero = Amount(units: 0)
    /// One token.
    public static let one = Amount(units: 100_000_000)
    /// More than this never exists on a network: 10^9 tokens.
    public static let cap = Amount(units: 100_000_000_000_000_000)

    @inlinable
    public static func < (left: Amount, right: Amount) -> Bool { left.units < right.units }

    @inlinable
    public func adding(_ other: Amount) -> Amount? {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        return overflow ? nil : Amount(units: sum)
    }

    @inlinable
    public func subtracting(_ other: Amount) -> Amount? {
        units >= other.units ? Amount(units: units - other.units) : nil
    }

    /// What is left after taking `other`, stopping at zero.
    @inlinable
    public func reduced(by other: Amount) -> Amount {
        subtracting(other) ?? .zero
    }

    /// ⌊self × factor ÷ divisor⌋; nil when the divisor is zero or the result does not fit.
    @inlinable
    public func times(_ factor: UInt64, over divisor: UInt64 = 1) -> Amount? {
        units.times(factor, over: divisor).map(Amount.init(units:))
    }

    /// The given parts per million of this amount; more than a million parts count as the whole.
    @inlinable
    public func share(ppm parts: UInt64) -> Amount {
        times(min(parts, .millionPPM), over: .millionPPM) ?? self
    }

    /// The part of this amount that `weight` out of `total` earns; nothing when there is no weight at all. A weight
    /// above the total counts as the whole.
    @inlinable
    public func share(of weight: UInt64, in total: UInt64) -> Amount {
        guard total > 0 else { return .zero }
        return times(min(weight, total), over: total) ?? self
    }
}

extension Sequence<Amount> {
    /// The sum, or nil when it does not fit.
    @inlinable
    public func total() -> Amount? {
        var sum = Amount.zero
        for amount in self {
            guard let next = sum.adding(amount) else { return nil }
            sum = next
        }
        return sum
    }
}
