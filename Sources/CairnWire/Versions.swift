/// Versions stand in front of what they version, as one byte; what this code does not know is refused by name.
extension ByteReader {
    @inlinable
    public mutating func version(_ supported: ClosedRange<UInt8>) throws(DecodeError) -> UInt8 {
        let found = try u8()
        guard supported.contains(found) else {
            throw .unsupportedVersion(
                found: UInt64(found), oldest: UInt64(supported.lowerBound), newest: UInt64(supported.upperBound))
        }
        return found
    }
}

/// A protocol spoken on a stream, named like `/cairn/sync/1`.
///
/// The version is part of the name: two sides that share no name share no protocol, and neither parses the other's
/// bytes. Names are lower-case letters, digits and hyphens.
public struct ProtocolName: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    public let version: UInt32

    public static let longestName = 32

    public init?(_ name: String, version: UInt32) {
        guard (1...Self.longestName).contains(name.utf8.count), name.utf8.allSatisfy(Self.allowed), version > 0 else {
            return nil
        }
        self.name = name
        self.version = version
    }

    /// Parses the text form; every other spelling of the same name is refused.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[1] == "cairn", let version = UInt32(parts[3]) else {
            return nil
        }
        self.init(String(parts[2]), version: version)
        guard description == text else { return nil }
    }

    public var description: String { "/cairn/\(name)/\(version)" }

    private static func allowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
