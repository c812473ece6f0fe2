internal import CairnBase

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

    public static func < (left: SendClass, right: SendClass) -> Bool { left.rawValue < right.rawValue }
}

extension Limits.Connections {
    /// Bytes a connection may have waiting in a class.
    func queue(_ sendClass: SendClass) -> Int {
        switch sendClass {
        case .control: controlQueue
        case .urgent: voteQueue
        case .block: blockQueue
        case .bulk: bulkQueue
        }
    }
}
