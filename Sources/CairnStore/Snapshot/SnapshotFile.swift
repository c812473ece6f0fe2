import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire

extension SnapshotHeader {
    /// What a file says it is a snapshot of; the list of its chunks is compared with the header.
    public static func read(_ path: String) throws(StoreError) -> SnapshotHeader { try SnapshotFile.open(path).header }
}

/// A snapshot's file, read part by part. Every size is compared with its limit before memory is taken, and every chunk
/// with its hash before it is decoded.
struct SnapshotFile: ~Copyable {
    let contents: SnapshotContents
    private let file: DiskFile
    private var offset: Int
    private let hash = Blake2b()

    static func open(_ path: String) throws(StoreError) -> SnapshotFile {
        let file = try DiskFile.open(path)
        let bytes = try file.read(SnapshotHeader.byteCount, at: 0)
        guard let header = try? SnapshotHeader.decode(bytes, limit: SnapshotHeader.byteCount) else {
            throw .snapshot(path: path, .notASnapshot)
        }
        let list = try file.read(Int(header.chunkCount) * Bytes32.count, at: bytes.count)
        guard list.count == Int(header.chunkCount) * Bytes32.count else { throw .snapshot(path: path, .cutShort) }
        let hashes = (0..<Int(header.chunkCount)).compactMap {
            Bytes32(Array(list[$0 * Bytes32.count..<($0 + 1) * Bytes32.count])).map(Digest.init)
        }
        let contents = SnapshotContents(header: header, chunks: hashes)
        guard contents.isWhole(using: Blake2b()) else { throw .snapshot(path: path, .chunkList) }
        return SnapshotFile(contents: contents, file: file)
    }

    /// One that was opened before.
    static func open(_ path: String, known contents: SnapshotContents) throws(StoreError) -> SnapshotFile {
        SnapshotFile(contents: contents, file: try DiskFile.open(path))
    }

    private init(contents: SnapshotContents, file: consuming DiskFile) {
        self.contents = contents
        self.file = file
        offset = SnapshotHeader.byteCount + contents.chunks.count * Bytes32.count
    }

    var header: SnapshotHeader { contents.header }

    var path: String { file.path }

    var byteCount: Int { file.size }

    func fault(_ fault: SnapshotFault) -> StoreError { .snapshot(path: path, fault) }

    /// The chunk with this number; they are asked for in order.
    mutating func chunk(_ number: UInt32) throws(StoreError) -> SnapshotChunk {
        let bytes = try bytes(ofChunk: number, at: offset)
        offset += 4 + bytes.count
        do throws(DecodeError) {
            return try SnapshotChunk.decode(bytes, limit: bytes.count)
        } catch {
            throw fault(.chunkMalformed(number))
        }
    }

    /// The bytes of a chunk that begins, with its length, at an offset.
    private func bytes(ofChunk number: UInt32, at offset: Int) throws(StoreError) -> [UInt8] {
        let size = try size(ofChunk: number, at: offset)
        let bytes = try file.read(size, at: offset + 4)
        guard bytes.count == size else { throw fault(.cutShort) }
        guard contents.holds(bytes, at: Int(number), using: hash) else { throw fault(.chunkAltered(number)) }
        return bytes
    }

    private func size(ofChunk number: UInt32, at offset: Int) throws(StoreError) -> Int {
        let length = try file.read(4, at: offset)
        guard length.count == 4 else { throw fault(.cutShort) }
        let size = (0..<4).reduce(0) { $0 | Int(length[$1]) << (8 * $1) }
        guard size <= SnapshotHeader.chunkBytesMax else { throw fault(.chunkTooLarge(number, bytes: UInt64(size))) }
        return size
    }

    func requireEnd() throws(StoreError) {
        guard file.size == offset else { throw fault(.tooLong) }
    }
}

extension SnapshotFile {
    /// Where each chunk begins, for whoever wants them in another order.
    func offsets() throws(StoreError) -> [Int] {
        var offsets: [Int] = []
        var next = SnapshotHeader.byteCount + contents.chunks.count * Bytes32.count
        for number in 0..<header.chunkCount {
            offsets.append(next)
            next += 4 + (try size(ofChunk: number, at: next))
        }
        return offsets
    }

    func bytes(ofChunk number: UInt32, among offsets: [Int]) throws(StoreError) -> [UInt8] {
        try bytes(ofChunk: number, at: offsets[Int(number)])
    }
}
