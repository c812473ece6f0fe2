/// A host name in lower case, as labels of letters, digits, hyphens and underscores.
public struct DNSName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public static let longest = 253

    /// Accepts only the canonical spelling: lower case, no final dot.
    public init?(_ text: some StringProtocol) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            let label = Array(part)
            guard (1...63).contains(label.count), label.allSatisfy(Self.allowed),
                label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-")
            else { return nil }
        }
        description = String(text)
    }

    private static func allowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
