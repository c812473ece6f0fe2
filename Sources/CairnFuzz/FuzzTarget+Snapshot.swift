import CairnLedger
import CairnStore

extension FuzzTarget {
    /// The header of a snapshot, or, behind a first byte of one, a chunk of it.
    static let snapshot = FuzzTarget("snapshot") { bytes in
        if bytes.first == 1 {
            try requireCanonical(SnapshotChunk.self, Array(bytes.dropFirst()))
        } else {
            try requireCanonical(SnapshotHeader.self, bytes)
        }
    }
}
