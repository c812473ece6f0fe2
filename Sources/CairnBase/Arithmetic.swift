/// The arithmetic of rewards, draws and scores: floors of exact 128-bit products, never floating point.
///
/// Rates and shares are parts per million. Where a result may not fit, it is optional: a number that someone voted
/// for or sent to us must neither trap nor wrap.
extension UInt64 {
    /// One whole, in parts per million.
    public static let millionPPM: UInt64 = 1_000_000

    /// ⌊self × factor ÷ divisor⌋; nil when the divisor is zero or the result needs more than 64 bits.
    @inlinable
    public func times(_ factor: UInt64, over divisor: UInt64) -> UInt64? {
        let product = multipliedFullWidth(by: factor)
        guard product.high < divisor else { return nil }
        return divisor.dividingFullWidth(product).quotient
    }

    /// ⌊self × parts ÷ 10^6⌋; nil when the result needs more than 64 bits, which takes more than a million parts.
    @inlinable
    public func ppm(_ parts: UInt64) -> UInt64? {
        times(parts, over: Self.millionPPM)
    }

    /// Maps a number drawn evenly from all 64-bit numbers onto one below `total`: ⌊self × total ÷ 2^64⌋.
    @inlinable
    public func scaledDraw(below total: UInt64) -> UInt64 {
        multipliedFullWidth(by: total).high
    }

    /// The bound below which an evenly drawn number hits with probability numerator ÷ denominator:
    /// min(2^64 − 1, ⌊2^64 × numerator ÷ denominator⌋). A denominator of zero never hits.
    @inlinable
    public static func drawThreshold(_ numerator: UInt64, over denominator: UInt64) -> UInt64 {
        guard denominator > 0 else { return 0 }
        guard numerator < denominator else { return .max }
        return denominator.dividingFullWidth((high: numerator, low: 0)).quotient
    }

    /// ⌊√self⌋.
    @inlinable
    public var squareRoot: UInt64 {
        guard self > 1 else { return self }
        // Newton's method from a power of two at or above the root falls monotonically onto its floor.
        var root: UInt64 = 1 << UInt64((bitWidth - leadingZeroBitCount + 1) / 2)
        while true {
            let next = (root + self / root) >> 1
            if next >= root { return root }
            root = next
        }
    }
}
