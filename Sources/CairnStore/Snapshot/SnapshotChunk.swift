import CairnBase
public import CairnLedger
public import CairnWire

/// One part of a snapshot: blocks in the order of their heights, or entries of the state in the order of their paths.
public enum SnapshotChunk: Sendable, Equatable {
    /// Without what makes them final, of which every node has other signatures: the same state is the same file.
    case blocks([StoredBlock])
    case entries([Entry])

    public struct Entry: Sendable, Equatable {
        public let key: StateKey
        public let value: [UInt8]
    }

    private static let blocksKind: UInt8 = 1
    private static let entriesKind: UInt8 = 2
}

extension SnapshotChunk: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        // The least that one of either takes, so that a count cannot ask for more memory than the bytes at hand.
        let count = try reader.count(limit: reader.remaining / 8)
        switch kind {
        case Self.blocksKind:
            var blocks: [StoredBlock] = []
            for _ in 0..<count { blocks.append(try Self.block(&reader)) }
            self = .blocks(blocks)
        case Self.entriesKind:
            var entries: [Entry] = []
            for _ in 0..<count {
                let key = StateKey(bytes: try reader.bytes(limit: reader.remaining))
                entries.append(Entry(key: key, value: try reader.bytes(limit: reader.remaining)))
            }
            self = .entries(entries)
        default: throw .unknown("snapshot chunk", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .blocks(let blocks):
            writer.u8(Self.blocksKind)
            writer.count(blocks.count)
            for block in blocks { Self.encode(block, into: &writer) }
        case .entries(let entries):
            writer.u8(Self.entriesKind)
            writer.count(entries.count)
            for entry in entries {
                writer.bytes(entry.key.bytes)
                writer.bytes(entry.value)
            }
        }
    }
}

extension SnapshotChunk {
    private static func block(_ reader: inout ByteReader) throws(DecodeError) -> StoredBlock {
        let (height, epoch, view): (Height, Epoch, View) = (
            try reader.ordinal(), try reader.ordinal(), try reader.ordinal()
        )
        let time = try reader.u64()
        let (proposer, digest, parent): (AccountID, Digest, Digest) = (
            try reader.identifier(), try reader.identifier(), try reader.identifier()
        )
        return StoredBlock(
            height: height, epoch: epoch, view: view, time: time, proposer: proposer, digest: digest, parent: parent,
            header: try reader.bytes(limit: reader.remaining), payload: try reader.bytes(limit: reader.remaining),
            certificate: [])
    }

    private static func encode(_ block: StoredBlock, into writer: inout ByteWriter) {
        writer.ordinal(block.height)
        writer.ordinal(block.epoch)
        writer.ordinal(block.view)
        writer.u64(block.time)
        writer.identifier(block.proposer)
        writer.identifier(block.digest)
        writer.identifier(block.parent)
        writer.bytes(block.header)
        writer.bytes(block.payload)
    }
}
