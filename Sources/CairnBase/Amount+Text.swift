/// The decimal form: whole tokens, then at most eight decimals without trailing zeros. `12.5` is 12.5 tokens.
extension Amount: CustomStringConvertible {
    private static let decimals = 8

    public var description: String {
        let whole = units / Self.one.units
        let part = units % Self.one.units
        guard part > 0 else { return String(whole) }
        var digits = String(part)
        digits = String(repeating: "0", count: Self.decimals - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// Reads the decimal form. Signs, exponents, separators, more than eight decimals, needless leading zeros and
    /// amounts that do not fit are refused; trailing zeros are allowed because people write them.
    public init?(tokens text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Self.number(parts[0]), parts[0].count == String(whole).utf8.count else {
            return nil
        }
        var part: UInt64 = 0
        if parts.count == 2 {
            guard parts[1].count <= Self.decimals, let digits = Self.number(parts[1]) else { return nil }
            part = (parts[1].count..<Self.decimals).reduce(digits) { value, _ in value * 10 }
        }
        guard let units = whole.times(Self.one.units, over: 1),
            let sum = Amount(units: units).adding(Amount(units: part))
        else { return nil }
        self = sum
    }

    /// A non-empty run of digits as a number, nil for anything else.
    private static func number(_ digits: Substring.UTF8View) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), let shifted = value.times(10, over: 1) else {
                return nil
            }
            let (sum, overflow) = shifted.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow else { return nil }
            value = sum
        }
        return value
    }
}
