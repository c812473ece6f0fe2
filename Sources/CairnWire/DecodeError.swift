/// Why bytes or text were refused. The payloads are the numbers that explain it; the names are literals, never input.
public enum DecodeError: Error, Equatable, Sendable {
    /// The value needs more bytes than are left.
    case truncated(need: Int, have: Int)
    /// A length or count is above its limit; nothing was allocated for it.
    case tooLarge(size: UInt64, limit: UInt64)
    /// Bytes are left after a value that must end its input.
    case trailing(count: Int)
    /// The same value has a shorter or different canonical form.
    case notCanonical(String)
    /// A tag, kind or protocol this code does not know.
    case unknown(String, UInt64)
    /// A format version outside the range this code reads.
    case unsupportedVersion(found: UInt64, oldest: UInt64, newest: UInt64)
    /// The bytes do not form a value of the named type.
    case invalid(String)
}

extension DecodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let need, let have): "truncated: \(need) bytes needed, \(have) left"
        case .tooLarge(let size, let limit): "too large: \(size), the limit is \(limit)"
        case .trailing(let count): "\(count) bytes left over after the end"
        case .notCanonical(let name): "\(name) is not in canonical form"
        case .unknown(let name, let number): "unknown \(name) \(number)"
        case .unsupportedVersion(let found, let oldest, let newest):
            "version \(found) is not supported, only \(oldest) to \(newest)"
        case .invalid(let name): "invalid \(name)"
        }
    }
}
