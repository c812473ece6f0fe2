import CairnBase
import CairnLedger

/// The chunks of one snapshot on their way: asked for in any order, of everyone who has it, written in their own.
struct SnapshotFetch: Sendable {
    let contents: SnapshotContents
    /// Chunks that are in the file.
    private(set) var written = 0
    /// Chunks handed on to be written.
    private var handed = 0
    /// The lowest that was never asked for.
    private var unasked = 0
    /// Those that somebody did not give.
    private var again: OrderedSet<UInt32> = []
    private var held = OrderedMap<UInt32, [UInt8]>()
    private var sources = SyncPeers()

    /// Chunks that may be on their way, waiting or being written: 32 of half a mebibyte at the most.
    private static let window = 32
    /// Questions in a row that are left without an answer by whoever has the snapshot no longer.
    private static let strikesAllowed: UInt64 = 4

    init(_ contents: SnapshotContents, from peers: [NodeID]) {
        self.contents = contents
        for peer in peers { sources.join(peer) }
    }

    var isWhole: Bool { written == contents.chunks.count }

    mutating func join(_ peer: NodeID) { sources.join(peer) }

    mutating func leave(_ peer: NodeID) { sources.leave(peer) }

    /// A chunk to ask for, and of whom: both are marked as asked.
    mutating func ask(at now: Instant) -> (UInt32, NodeID)? {
        guard !again.isEmpty || (unasked < contents.chunks.count && unasked - written < Self.window),
            let peer = sources.pick(at: now)
        else { return nil }
        if let number = again.popFirst() { return (number, peer) }
        defer { unasked += 1 }
        return (UInt32(unasked), peer)
    }

    mutating func take(_ bytes: [UInt8], _ number: UInt32, from peer: NodeID) {
        sources.answered(peer)
        held[number] = bytes
    }

    /// The next chunk to write, if it is here.
    mutating func next() -> [UInt8]? {
        guard let bytes = held.removeValue(forKey: UInt32(handed)) else { return nil }
        handed += 1
        return bytes
    }

    mutating func wrote() { written += 1 }

    /// Whether the peer may still have the snapshot: one that answers slowly, or so many questions a second, rests.
    mutating func missed(_ number: UInt32, by peer: NodeID, at now: Instant) -> Bool {
        again.insert(number)
        sources.disappointed(peer, at: now)
        return sources.strikes(of: peer) < Self.strikesAllowed
    }
}
