public import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire
import Glibc

/// The newest snapshots of a chain, in a directory of their own, for nodes that begin.
///
/// Each is of the state that an epoch starts from, which every header of that epoch names. Written beside its place and
/// moved there when it is whole, so what stands here can be handed out.
public struct SnapshotShelf: ~Copyable {
    /// Of a state whose epoch has ended when somebody asks, of the one that has just begun, and one in between.
    public static let kept = 3

    private struct Shelved {
        let name: String
        let contents: SnapshotContents
        let offsets: [Int]
    }

    private let directory: String
    /// Lowest first.
    private var shelved: [Shelved] = []

    public init(directory: String) throws(StoreError) {
        self.directory = directory
        if !DiskFile.exists(directory) { try DiskFile.makeDirectory(directory) }
        for name in DiskFile.names(in: directory) {
            guard name.hasSuffix(Self.suffix), let found = try? Self.read(name, in: directory) else {
                DiskFile.remove(directory + "/" + name)
                continue
            }
            shelved.append(found)
        }
        sort()
    }

    private static let suffix = ".snapshot"

    private static func read(_ name: String, in directory: String) throws(StoreError) -> Shelved {
        let file = try SnapshotFile.open(directory + "/" + name)
        return Shelved(name: name, contents: file.contents, offsets: try file.offsets())
    }

    /// Puts a snapshot of what a reader sees here, and takes the oldest away.
    public mutating func add(_ reader: ChainReader) throws(StoreError) -> SnapshotHeader {
        let name = "\(reader.head.height)\(Self.suffix)"
        let draft = "\(directory)/\(reader.head.height).new"
        DiskFile.remove(draft)
        let header = try reader.exportSnapshot(to: draft)
        try DiskFile.move(draft, to: directory + "/" + name)
        let found = try Self.read(name, in: directory)
        shelved.removeAll { $0.name == name }
        shelved.append(found)
        sort()
        while shelved.count > Self.kept { DiskFile.remove(directory + "/" + shelved.removeFirst().name) }
        return header
    }

    private mutating func sort() { shelved.sort { $0.contents.header.height < $1.contents.header.height } }

    /// What there is of a height; nil for nothing, and for what is too large to be handed out.
    public func contents(at height: Height) -> SnapshotContents? {
        shelved.first { $0.contents.header.height == height }.map(\.contents).flatMap {
            $0.chunks.count <= SnapshotContents.servedChunksMax ? $0 : nil
        }
    }

    /// A chunk of the snapshot with this list of chunks.
    public func chunk(_ number: UInt32, of list: Digest) throws(StoreError) -> [UInt8]? {
        guard let found = shelved.first(where: { $0.contents.header.chunkList == list }),
            number < found.contents.header.chunkCount
        else { return nil }
        return try SnapshotFile.open(directory + "/" + found.name).bytes(ofChunk: number, among: found.offsets)
    }
}

/// A snapshot that is being fetched, written chunk by chunk.
public struct SnapshotDraft: ~Copyable {
    public let contents: SnapshotContents
    public let path: String
    private let file: DiskFile

    /// Begins anew; what an attempt before left is nothing to anyone.
    public init(_ contents: SnapshotContents, at path: String) throws(StoreError) {
        DiskFile.remove(path)
        let file = try DiskFile.create(path)
        try file.append(contents.header.encoded + contents.chunks.flatMap(\.raw.bytes))
        self.contents = contents
        self.path = path
        self.file = file
    }

    /// Takes the next chunk, in order.
    public func append(_ chunk: [UInt8]) throws(StoreError) {
        let size = UInt32(chunk.count)
        try file.append((0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) } + chunk)
    }

    public static func remove(_ path: String) { DiskFile.remove(path) }
}
