import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire

extension ChainReader {
    /// Chunks are closed at this size, so that one more record seldom makes them too large.
    private static var chunkBytes: Int { 1 << 18 }

    /// Writes a snapshot of the newest state into a new file, unless less than `reserve` of the disk would be left.
    /// `progress` hears how many of all entries are done.
    ///
    /// The state is read twice: the header comes first in the file and stands for all chunks.
    public func exportSnapshot(
        to path: String, keeping reserve: UInt64 = 0,
        progress: (_ done: UInt64, _ all: UInt64) -> Void = { _, _ in }
    ) throws(StoreError) -> SnapshotHeader {
        // What is not the state of its header is a lie to whoever takes it over.
        try requireWhole()
        let hash = Blake2b()
        var hashes: [Digest] = []
        var all: UInt64 = 0
        try forEachChunk { chunk, done throws(StoreError) in
            guard chunk.count <= SnapshotHeader.chunkBytesMax, hashes.count < SnapshotHeader.chunkCountMax else {
                throw .snapshot(path: path, .chunkTooLarge(UInt32(hashes.count), bytes: UInt64(chunk.count)))
            }
            hashes.append(SnapshotContents.hash(ofChunk: chunk, using: hash))
            all = done
        }
        let header = SnapshotHeader(
            chain: chain, height: head.height, block: head.digest, root: head.root, entryCount: all,
            chunkCount: UInt32(hashes.count), chunkList: SnapshotContents.hash(ofList: hashes, using: hash))
        let file = try SnapshotDraft(SnapshotContents(header: header, chunks: hashes), at: path, keeping: reserve)
        do throws(StoreError) {
            try forEachChunk { chunk, done throws(StoreError) in
                try file.append(chunk)
                progress(done, all)
            }
            try file.sync()
        } catch {
            DiskFile.remove(path)
            throw error
        }
        return header
    }

    /// The first block that a node needs which starts from the newest: what decides the seats of this epoch lies in the
    /// one before, and who joins from here asks for as much again.
    private func firstBlock() throws(StoreError) -> Height {
        let parameters: Parameters?
        do throws(StateError) {
            parameters = try load(.parameters)
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
        var (blocks, entries, size) = ([StoredBlock](), [SnapshotChunk.Entry](), 0)
        var hasBlock = false
        for number in max(1, try firstBlock().number)...max(1, head.height.number) {
            guard let block = try block(at: Height(number)) else {
                // A chain that began with a snapshot has none before.
                guard !hasBlock, number < head.height.number || number == 1 else {
                    throw .damaged(row: "block \(number) is missing")
                }
                continue
            }
            hasBlock = true
            blocks.append(block)
            size += 256 + block.header.count + block.payload.count
            guard size >= Self.chunkBytes else { continue }
            try body(SnapshotChunk.blocks(blocks).encoded, 0)
            (blocks, size) = ([], 0)
        }
        if !blocks.isEmpty { try body(SnapshotChunk.blocks(blocks).encoded, 0) }
        size = 0
        var done: UInt64 = 0
        try forEachEntry { key, value throws(StoreError) in
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
