/// Why bytes were refused. The payloads are the numbers that explain it.
public enum DecodeError: Error, Equatable, Sendable {
    /// The value needs more bytes than are left.
    case truncated(need: Int, have: Int)
    /// A length or count is above its limit; nothing was allocated for it.
    case tooLarge(size: UInt64, limit: UInt64)
    /// Bytes are left after a value that must end its input.
    case trailing(count: Int)
    /// The same value has a shorter or different canonical form.
    case notCanonical(StaticString)
    /// A tag, kind or version this code does not know.
    case unknown(StaticString, UInt64)
    /// The bytes do not form a value of the named type.
    case invalid(StaticString)

    public static func == (left: DecodeError, right: DecodeError) -> Bool {
        String(describing: left) == String(describing: right)
    }
}
