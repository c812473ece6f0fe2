import CairnBase
import CairnCrypto
import CairnWire

extension SnapshotHeader {
    /// What a file says it is a snapshot of; the list of its chunks is compared with the header.
    public static func read(_ path: String) throws(StoreError) -> SnapshotHeader { try SnapshotFile.open(path).header }
}

/// A snapshot's file, read part by part. Every size is compared with its limit before memory is taken, and every chunk
/// with its hash before it is decoded.
struct SnapshotFile: ~Copyable {
    let header: SnapshotHeader
    private let file: DiskFile
    private let hashes: [UInt8]
    private var offset: Int
    private let hash = Blake2b()

    static func open(_ path: String) throws(StoreError) -> SnapshotFile {
        let file = try DiskFile.open(path)
        let bytes = try file.read(SnapshotHeader.byteCount, at: 0)
        guard let header = try? SnapshotHeader.decode(bytes, limit: SnapshotHeader.byteCount) else {
            throw .snapshot(path: path, .notASnapshot)
        }
        let listBytes = Int(header.chunkCount) * Bytes32.count
        let hashes = try file.read(listBytes, at: bytes.count)
        guard hashes.count == listBytes else { throw .snapshot(path: path, .cutShort) }
        guard SnapshotHash.list(hashes, Blake2b()) == header.chunkList else {
            throw .snapshot(path: path, .chunkList)
        }
        return SnapshotFile(header: header, file: file, hashes: hashes)
    }

    private init(header: SnapshotHeader, file: consuming DiskFile, hashes: [UInt8]) {
        self.header = header
        self.file = file
        self.hashes = hashes
        offset = SnapshotHeader.byteCount + hashes.count
    }

    var path: String { file.path }

    func fault(_ fault: SnapshotFault) -> StoreError { .snapshot(path: path, fault) }

    /// The chunk with this number; they are asked for in order.
    mutating func chunk(_ number: UInt32) throws(StoreError) -> SnapshotChunk {
        let length = try file.read(4, at: offset)
        guard length.count == 4 else { throw fault(.cutShort) }
        let size = (0..<4).reduce(0) { $0 | Int(length[$1]) << (8 * $1) }
        guard size <= SnapshotHeader.chunkBytesMax else { throw fault(.chunkTooLarge(number, bytes: UInt64(size))) }
        let bytes = try file.read(size, at: offset + 4)
        guard bytes.count == size else { throw fault(.cutShort) }
        let place = Int(number) * Bytes32.count
        guard SnapshotHash.chunk(bytes, hash).raw.bytes == Array(hashes[place..<place + Bytes32.count]) else {
            throw fault(.chunkAltered(number))
        }
        offset += 4 + size
        do throws(DecodeError) {
            return try SnapshotChunk.decode(bytes, limit: size)
        } catch {
            throw fault(.chunkMalformed(number))
        }
    }

    func requireEnd() throws(StoreError) {
        guard file.size == offset else { throw fault(.tooLong) }
    }
}
