/// An IPv4 or IPv6 address, as sixteen bytes in two words; IPv4 is held in its mapped form `::ffff:a.b.c.d`.
///
/// One form per address: a peer that arrives as `::ffff:10.0.0.1` and one that arrives as `10.0.0.1` are the same.
@frozen
public struct IPAddress: Sendable, Hashable, Comparable {
    /// Bytes 0–7 and 8–15, big-endian.
    public let high: UInt64
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    @inlinable
    public init(v4 address: UInt32) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address))
    }

    public static let loopback = IPAddress(v4: 0x7f00_0001)
    /// All IPv4 interfaces of the machine.
    public static let any = IPAddress(v4: 0)

    @inlinable
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// The 32 bits of an IPv4 address, or nil.
    @inlinable
    public var v4: UInt32? {
        high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil
    }

    public var isLoopback: Bool {
        if let v4 { return v4 >> 24 == 127 }
        return high == 0 && low == 1
    }

    public var isUnspecified: Bool {
        if let v4 { return v4 == 0 }
        return high == 0 && low == 0
    }

    public var isMulticast: Bool {
        if let v4 { return v4 >> 28 == 0xe }
        return high >> 56 == 0xff
    }
}

extension IPAddress: LosslessStringConvertible {
    /// Parses dotted IPv4 or any RFC 4291 form of IPv6. Leading zeros, scopes, brackets and blanks are refused.
    public init?(_ text: String) {
        if let v4 = IPv4Address(text) {
            self.init(v4: v4.number)
        } else if let v6 = IPv6Address(text) {
            self.init(high: UInt64(truncatingIfNeeded: v6.number >> 64), low: UInt64(truncatingIfNeeded: v6.number))
        } else {
            return nil
        }
    }

    /// Dotted IPv4, or RFC 5952.
    public var description: String {
        v4.map { IPv4Address($0).description } ?? IPv6Address(UInt128(high) << 64 | UInt128(low)).description
    }
}
