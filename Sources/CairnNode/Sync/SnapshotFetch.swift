import CairnBase
import CairnLedger

/// The chunks of one snapshot on their way: asked for in any order, written in their own.
struct SnapshotFetch: Sendable, Equatable {
    let contents: SnapshotContents
    /// Chunks that are in the file.
    var written = 0
    /// Chunks handed on to be written.
    private var handed = 0
    /// The lowest that was never asked for.
    private var unasked = 0
    /// Those that somebody did not give.
    private var again: OrderedSet<UInt32> = []
    private var held = OrderedMap<UInt32, [UInt8]>()
    private var misses = OrderedMap<NodeID, Int>()

    /// Chunks that may be on their way, waiting or being written: 32 of half a mebibyte at the most.
    private static let window = 32
    /// Who leaves so many questions without an answer has what it offered no longer, or is too slow.
    private static let missesAllowed = 4

    init(_ contents: SnapshotContents) {
        self.contents = contents
    }

    /// The number of a chunk to ask for, now marked as asked.
    mutating func want() -> UInt32? {
        if let number = again.first {
            _ = again.remove(number)
            return number
        }
        guard unasked < contents.chunks.count, unasked - written < Self.window else { return nil }
        defer { unasked += 1 }
        return UInt32(unasked)
    }

    mutating func take(_ bytes: [UInt8], _ number: UInt32) { held[number] = bytes }

    /// The next chunk to write, if it is here.
    mutating func next() -> [UInt8]? {
        guard let bytes = held.removeValue(forKey: UInt32(handed)) else { return nil }
        handed += 1
        return bytes
    }

    mutating func missed(_ number: UInt32, by peer: NodeID) {
        again.insert(number)
        misses[peer, default: 0] += 1
    }

    var unreliable: [NodeID] { misses.filter { $0.value >= Self.missesAllowed }.map(\.key) }
}
