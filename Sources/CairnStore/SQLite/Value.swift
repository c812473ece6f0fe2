/// A value as SQLite stores it.
public enum Value: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// The same 64 bits: heights, views and times never reach the upper half, hashes may.
    static func bits(_ value: UInt64) -> Value { .integer(Int64(bitPattern: value)) }
}
