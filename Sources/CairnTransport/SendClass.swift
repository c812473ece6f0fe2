/// How urgent a stream's bytes are. A vote waits for at most one frame of anything below it.
///
/// The classes are ours alone and invisible on the wire: they decide only in which order one connection's frames leave.
public enum SendClass: UInt8, Sendable, CaseIterable, Comparable {
    /// Keepalives, window credit, mesh control.
    case control = 0
    /// Votes and receipts: small, and finality waits for them.
    case urgent = 1
    /// Blocks and what else others wait for.
    case block = 2
    /// Pieces, snapshots, catching up.
    case bulk = 3

    /// Bytes a connection may have waiting in this class.
    public var queueLimit: Int {
        switch self {
        case .control: 64 << 10
        case .urgent: 256 << 10
        case .block: 2 << 20
        case .bulk: 1 << 20
        }
    }

    public static func < (left: SendClass, right: SendClass) -> Bool { left.rawValue < right.rawValue }
}
