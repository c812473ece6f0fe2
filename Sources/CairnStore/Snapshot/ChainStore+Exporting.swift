import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

extension ChainStore {
    /// Chunks are closed at this size, so that one more record seldom makes them too large.
    private static var chunkBytes: Int { 1 << 19 }

    /// Writes a snapshot of the newest state into a new file. `progress` hears how many of all entries are done.
    ///
    /// The state is read twice: the header comes first in the file and stands for all chunks.
    public func exportSnapshot(
        to path: String, progress: (_ done: UInt64, _ all: UInt64) -> Void = { _, _ in }
    ) throws(StoreError) -> SnapshotHeader {
        guard let head, let chain else { throw .damaged(row: "a chain without a beginning") }
        try settle()
        let hash = Blake2b()
        var hashes: [UInt8] = []
        var count: UInt32 = 0
        try forEachChunk { chunk, _ throws(StoreError) in
            guard chunk.count <= SnapshotHeader.chunkBytesMax, count < SnapshotHeader.chunkCountMax else {
                throw .snapshot(path: path, .chunkTooLarge(count, bytes: UInt64(chunk.count)))
            }
            hashes += SnapshotHash.chunk(chunk, hash).raw.bytes
            count += 1
        }
        let all = UInt64(rows.tree?.count ?? 0)
        let header = SnapshotHeader(
            chain: chain, height: head.height, block: head.digest, root: head.root, entryCount: all, chunkCount: count,
            chunkList: SnapshotHash.list(hashes, hash))
        let file = try DiskFile.create(path)
        try file.append(header.encoded + hashes)
        try forEachChunk { chunk, done throws(StoreError) in
            var writer = ByteWriter(capacity: 4 + chunk.count)
            writer.bytes(chunk)
            try file.append(writer.bytes)
            progress(done, all)
        }
        try file.sync()
        return header
    }

    /// The first block that a node needs which starts from the newest: what decides the seats of this epoch lies in the
    /// one before, and who joins from here asks for as much again.
    private func firstBlock() throws(StoreError) -> Height {
        guard let head else { return .genesis }
        let parameters: Parameters?
        do throws(StateError) {
            parameters = try state.load(.parameters)
        } catch {
            throw StoreError(error)
        }
        let length = max(1, parameters?[.epochBlocks] ?? 1)
        let epoch = head.height.number / length
        return Height(epoch < 2 ? 1 : (epoch - 2) * length)
    }

    private func forEachChunk(
        _ body: (_ chunk: [UInt8], _ entriesDone: UInt64) throws(StoreError) -> Void
    ) throws(StoreError) {
        var (blocks, entries, size) = ([SnapshotChunk.RootedBlock](), [SnapshotChunk.Entry](), 0)
        var done: UInt64 = 0
        let first = max(1, try firstBlock().number)
        let last = head?.height.number ?? 0
        for number in first...max(first, last) {
            guard let (block, root) = try self.blocks.rooted(at: Height(number)) else { continue }
            blocks.append(.init(block: block, root: root))
            size += 256 + block.header.count + block.payload.count + block.certificate.count
            guard size >= Self.chunkBytes else { continue }
            try body(SnapshotChunk.blocks(blocks).encoded, 0)
            (blocks, size) = ([], 0)
        }
        if !blocks.isEmpty { try body(SnapshotChunk.blocks(blocks).encoded, 0) }
        size = 0
        try rows.forEachEntry { key, value throws(StoreError) in
            entries.append(.init(key: key, value: value))
            done += 1
            size += 8 + key.bytes.count + value.count
            guard size >= Self.chunkBytes else { return }
            try body(SnapshotChunk.entries(entries).encoded, done)
            (entries, size) = ([], 0)
        }
        if !entries.isEmpty { try body(SnapshotChunk.entries(entries).encoded, done) }
    }
}

/// How a snapshot's parts are hashed.
enum SnapshotHash {
    private static let chunkTag = DomainTag("cn/snap.chunk")
    private static let listTag = DomainTag("cn/snap.list")

    static func chunk(_ bytes: [UInt8], _ hash: Blake2b) -> Digest { hash.digest(chunkTag, bytes) }
    static func list(_ hashes: [UInt8], _ hash: Blake2b) -> Digest { hash.digest(listTag, hashes) }
}
