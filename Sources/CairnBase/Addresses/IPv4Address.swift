/// An IPv4 address.
@frozen
public struct IPv4Address: Sendable, Hashable, Comparable {
    /// The four bytes as one number, the first byte highest.
    public let number: UInt32

    @inlinable
    public init(_ number: UInt32) { self.number = number }

    @inlinable
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        number = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Parses four decimal numbers. Leading zeros are refused: some readers take them for octal.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(canonicalDecimal: part) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        self.number = number
    }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension IPv4Address: CustomStringConvertible {
    public var description: String {
        "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }
}
