import CairnBase
import CairnCrypto

/// Hashes that find damage SQLite does not: a flipped bit inside a value passes its own integrity check.
struct RowCheck {
    private let hash = Blake2b()
    private static let tag = DomainTag("cn/row")

    /// For rows that are served to others whole.
    func full(_ bytes: [UInt8]) -> [UInt8] { hash.digest(Self.tag, bytes).raw.bytes }

    /// For small rows, of which there are many: eight bytes tell any accident from what was written.
    func short(_ key: [UInt8], _ value: [UInt8]) -> Value {
        .bits(hash.digest(Self.tag, key + value).raw.low64)
    }
}
