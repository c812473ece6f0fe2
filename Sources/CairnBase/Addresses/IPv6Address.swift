/// An IPv6 address. Any spelling of RFC 4291 is read; RFC 5952 decides the one that is written.
@frozen
public struct IPv6Address: Sendable, Hashable, Comparable {
    /// The sixteen bytes as one number, the first byte highest.
    public let number: UInt128

    @inlinable
    public init(_ number: UInt128) { self.number = number }

    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        let halves = Self.halves(String(text))
        guard halves.count <= 2, let head = Self.groups(halves[0], last: halves.count == 1) else { return nil }
        var groups = head
        if halves.count == 2 {
            guard let tail = Self.groups(halves[1], last: true), head.count + tail.count < 8 else { return nil }
            groups += [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard groups.count == 8 else { return nil }
        number = groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The address inside `::ffff:0:0/96`.
    public var mapped: IPv4Address? {
        number >> 32 == 0xffff ? IPv4Address(UInt32(truncatingIfNeeded: number)) : nil
    }

    var groups: [UInt16] { (0..<8).map { UInt16(truncatingIfNeeded: number >> UInt128(112 - 16 * $0)) } }

    /// The text before and after `::`, or the whole text.
    private static func halves(_ text: String) -> [Substring] {
        let bytes = Array(text.utf8)
        var cuts: [Int] = []
        for index in bytes.indices.dropFirst()
        where bytes[index] == UInt8(ascii: ":") && bytes[index - 1] == bytes[index] {
            cuts.append(index)
        }
        guard let cut = cuts.first else { return [text[...]] }
        let middle = text.utf8.index(text.startIndex, offsetBy: cut)
        let before = text[..<text.utf8.index(before: middle)]
        let after = text[text.utf8.index(after: middle)...]
        return cuts.count == 1 ? [before, after] : [before, after, after]
    }

    /// Groups between single colons; the last two may be written as an IPv4 address.
    private static func groups(_ text: Substring, last: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if last, index == parts.count - 1, let inner = IPv4Address(part) {
                groups.append(UInt16(truncatingIfNeeded: inner.number >> 16))
                groups.append(UInt16(truncatingIfNeeded: inner.number))
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension IPv6Address: CustomStringConvertible {
    /// Lower case, no leading zeros, the first longest run of at least two zero groups as `::`.
    public var description: String {
        if let mapped { return "::ffff:\(mapped)" }
        let groups = self.groups
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return text(0..<8) }
        return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}
