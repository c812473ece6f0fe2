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
        if let v4 = Self.parseV4(text.utf8[...]) {
            self.init(v4: v4)
        } else if let (high, low) = Self.parseV6(text.utf8[...]) {
            self.init(high: high, low: low)
        } else {
            return nil
        }
    }

    /// Dotted IPv4, or RFC 5952: lower case, the longest run of zero groups as `::`.
    public var description: String {
        if let v4 { return Self.dotted(v4) }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(16 * (3 - index & 3)))
        }
        guard let run = Self.longestZeroRun(groups) else { return Self.colons(groups[...]) }
        return Self.colons(groups[..<run.lowerBound]) + "::" + Self.colons(groups[run.upperBound...])
    }

    private static func dotted(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    private static func colons(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end + 1
        }
        return best
    }

    private static func parseV4(_ text: Substring.UTF8View) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    private static func parseV6(_ text: Substring.UTF8View) -> (UInt64, UInt64)? {
        guard text.count <= 45 else { return nil }
        let halves = splitAtDoubleColon(text)
        guard var groups = parseGroups(halves.head, endsAddress: halves.tail == nil) else { return nil }
        if let tail = halves.tail {
            guard let last = parseGroups(tail, endsAddress: true), groups.count + last.count <= 7 else { return nil }
            groups += [UInt16](repeating: 0, count: 8 - groups.count - last.count) + last
        }
        guard groups.count == 8 else { return nil }
        let words = groups.reduce(into: [UInt64]()) { words, group in words.append(UInt64(group)) }
        let high: UInt64 = words[..<4].reduce(0) { $0 << 16 | $1 }
        let low: UInt64 = words[4...].reduce(0) { $0 << 16 | $1 }
        return (high, low)
    }

    private static func splitAtDoubleColon(
        _ text: Substring.UTF8View
    ) -> (head: Substring.UTF8View, tail: Substring.UTF8View?) {
        let colon = UInt8(ascii: ":")
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if next < text.endIndex, text[index] == colon, text[next] == colon {
                return (text[..<index], text[text.index(after: next)...])
            }
            index = next
        }
        return (text, nil)
    }

    /// Groups of up to four hexadecimal digits; the last may be a dotted IPv4 address when it ends the whole address.
    private static func parseGroups(_ text: Substring.UTF8View, endsAddress: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if endsAddress, index == parts.count - 1, let v4 = parseV4(part) {
                groups.append(UInt16(truncatingIfNeeded: v4 >> 16))
                groups.append(UInt16(truncatingIfNeeded: v4))
                continue
            }
            guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"), part.first != UInt8(ascii: "-"),
                let group = UInt16(String(Substring(part)), radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}

/// Where a datagram or stream comes from or goes to: an address and a port, written `10.0.0.1:7470` or `[::1]:7470`.
@frozen
public struct Endpoint: Sendable, Hashable, Comparable {
    public let address: IPAddress
    public let port: UInt16

    @inlinable
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    @inlinable
    public static func < (left: Endpoint, right: Endpoint) -> Bool {
        left.address != right.address ? left.address < right.address : left.port < right.port
    }
}

extension Endpoint: LosslessStringConvertible {
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0"), let port = UInt16(digits)
        else { return nil }
        var host = text[..<colon]
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if bracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)), bracketed == host.contains(":") else { return nil }
        self.init(address, port: port)
    }

    public var description: String {
        address.v4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
