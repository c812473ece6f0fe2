import CairnBase
import CairnCrypto
import CairnWire

/// Hashes that find damage SQLite does not: a flipped bit inside a value passes its own integrity check.
struct RowCheck {
    private let hash = Blake2b()
    private static let tag = DomainTag("cn/row")

    /// For rows that are served to others whole.
    func full(_ bytes: [UInt8]) -> [UInt8] { hash.digest(Self.tag, bytes).raw.bytes }

    /// For what a block left pending. It covers the height too, which decides what of two changes of an entry came later.
    func pending(_ changes: [UInt8], at height: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 8 + changes.count)
        writer.u64(height)
        writer.raw(changes)
        return full(writer.bytes)
    }

    /// For small rows, of which there are many: eight bytes tell any accident from what was written.
    func short(_ key: [UInt8], _ value: [UInt8]) -> Value { shorts([key + value])[0] }

    /// Of many rows, each given as its key and value end to end.
    func shorts(_ rows: [[UInt8]]) -> [Value] { hash.digests(Self.tag, rows).map { .bits($0.raw.low64) } }
}
