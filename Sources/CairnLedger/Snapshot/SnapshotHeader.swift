public import CairnBase
public import CairnWire

/// What a snapshot is of, and by what its parts are known: it is asked for first and checked first.
///
/// A snapshot is the state after one block and the blocks before it that a node needs to go on. Its file is
/// this header behind its length, the hash of every chunk, and the chunks, each behind its length. Whoever trusts the root,
/// from a certificate or from a person, need not trust the file: the entries are taken only if they have that root.
public struct SnapshotHeader: Sendable, Hashable {
    public let chain: ChainID
    public let height: Height
    /// Of the block at that height.
    public let block: Digest
    /// Of the state after it.
    public let root: Digest
    public let entryCount: UInt64
    public let chunkCount: UInt32
    /// BLAKE2b over the hashes of all chunks.
    public let chunkList: Digest

    public init(
        chain: ChainID, height: Height, block: Digest, root: Digest, entryCount: UInt64, chunkCount: UInt32,
        chunkList: Digest
    ) {
        self.chain = chain
        self.height = height
        self.block = block
        self.root = root
        self.entryCount = entryCount
        self.chunkCount = chunkCount
        self.chunkList = chunkList
    }

    /// The file's first bytes, and the version of its form.
    static let magic = Array("cairn-snapshot-2".utf8)
    public static let byteCount = 16 + 4 * Bytes32.count + 8 + 8 + 4
    public static let chunkCountMax = 65_536
    /// A chunk travels in one answer.
    public static let chunkBytesMax = 576 << 10
}

extension SnapshotHeader: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        for byte in Self.magic where try reader.u8() != byte { throw .notCanonical("snapshot magic") }
        chain = ChainID(try reader.bytes32())
        height = try reader.ordinal()
        block = try reader.identifier()
        root = try reader.identifier()
        entryCount = try reader.u64()
        chunkCount = try reader.u32()
        guard chunkCount <= Self.chunkCountMax else {
            throw .tooLarge(size: UInt64(chunkCount), limit: UInt64(Self.chunkCountMax))
        }
        chunkList = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.raw(Self.magic)
        writer.bytes32(chain.raw)
        writer.ordinal(height)
        writer.identifier(block)
        writer.identifier(root)
        writer.u64(entryCount)
        writer.u32(chunkCount)
        writer.identifier(chunkList)
    }
}
