extension FixedWidthInteger where Self: UnsignedInteger {
    /// A number in the one way it is written: digits without sign and leading zeros.
    public init?(canonicalDecimal text: some StringProtocol) {
        guard let value = Self(text), String(value) == text else { return nil }
        self = value
    }
}
