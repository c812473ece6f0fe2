/// Sines and cosines in 30-bit fixed point, the same on every machine.
///
/// The table holds round(2^30 sin(πi ÷ 8192)) for i = 0…4096 and is part of the protocol: a test pins its hash. It is
/// summed once from the Taylor series in 62-bit fixed point, whose error stays far below the half unit that rounding
/// to 30 bits forgives. Angles are in units of 10^−7 degree; between two entries the table is interpolated.
enum Sine {
    /// A quarter turn.
    static let quarter: Int64 = 900_000_000

    static let table: [UInt32] = (0...4096).map { index in
        // ⌊2^62 π⌋; index 4096 is π ÷ 2.
        let pi: UInt64 = 14_488_038_916_154_245_684
        let angle = pi.multipliedFullWidth(by: UInt64(index))
        return rounded(series((angle.high << 51) | (angle.low >> 13)))
    }

    /// sin(angle) × 2^30, rounded towards zero between the table's entries.
    static func sine(_ angle: Int64) -> Int64 {
        let turn = 4 * quarter
        let reduced = ((angle % turn) + turn) % turn
        let part = reduced % quarter
        switch reduced / quarter {
        case 0: return firstQuarter(part)
        case 1: return firstQuarter(quarter - part)
        case 2: return -firstQuarter(part)
        default: return -firstQuarter(quarter - part)
        }
    }

    static func cosine(_ angle: Int64) -> Int64 {
        sine(angle + quarter)
    }

    /// The product of two 30-bit fixed-point numbers, rounded towards zero.
    static func product(_ left: Int64, _ right: Int64) -> Int64 {
        let magnitude = Int64((left.magnitude * right.magnitude) >> 30)
        return (left < 0) == (right < 0) ? magnitude : -magnitude
    }

    private static func firstQuarter(_ angle: Int64) -> Int64 {
        let index = Int(angle * 4096 / quarter)
        let rest = angle * 4096 % quarter
        guard rest > 0 else { return Int64(table[index]) }
        let low = Int64(table[index])
        return low + (Int64(table[index + 1]) - low) * rest / quarter
    }

    /// The sine of an angle in radians of at most π ÷ 2, both in 62-bit fixed point.
    private static func series(_ angle: UInt64) -> UInt64 {
        let square = fixedProduct(angle, angle)
        var term = angle
        var sum = angle
        var divisor: UInt64 = 2
        var isNegative = true
        while term > 0 {
            term = fixedProduct(term, square) / (divisor * (divisor + 1))
            sum = isNegative ? sum - term : sum + term
            divisor += 2
            isNegative.toggle()
        }
        return sum
    }

    private static func fixedProduct(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return (product.high << 2) | (product.low >> 62)
    }

    private static func rounded(_ value: UInt64) -> UInt32 {
        UInt32((value + (1 << 31)) >> 32)
    }
}
