public import CairnBase
import CairnCrypto
public import CairnLedger

/// The newest snapshots of a chain, in a directory of their own, for nodes that begin.
///
/// Each is of the state that an epoch starts from, which every header of that epoch names. Written beside its place and
/// moved there when it is whole, so what stands here can be handed out.
public struct SnapshotShelf: ~Copyable {
    /// Of a state whose epoch has ended when somebody asks, of the one that has just begun, and one in between.
    public static let kept = 3

    /// A whole file that the shelf can take.
    public struct Prepared: Sendable {
        public let header: SnapshotHeader
        let path: String
    }

    private struct Shelved {
        let name: String
        let contents: SnapshotContents
        let offsets: [Int]
    }

    private let directory: String
    /// Lowest first.
    private var shelved: [Shelved] = []

    /// Takes up what is there of this chain. Drafts, what cannot be read as a snapshot and other chains' are deleted.
    public init(directory: String, of chain: ChainID) throws(StoreError) {
        self.directory = directory
        if !DiskFile.exists(directory) { try DiskFile.makeDirectory(directory) }
        for name in DiskFile.names(in: directory) {
            guard name.hasSuffix(Self.suffix) else {
                DiskFile.remove(directory + "/" + name)
                continue
            }
            do throws(StoreError) {
                let found = try Self.read(name, in: directory)
                guard found.contents.header.chain == chain else { throw .snapshot(path: name, .otherChain(chain)) }
                shelved.append(found)
            } catch {
                if case .snapshot = error { DiskFile.remove(directory + "/" + name) }
            }
        }
        sort()
    }

    private static let suffix = ".snapshot"

    private static func read(_ name: String, in directory: String) throws(StoreError) -> Shelved {
        let file = try SnapshotFile.open(directory + "/" + name)
        return Shelved(name: name, contents: file.contents, offsets: try file.offsets())
    }

    /// Makes a file of what a reader sees: long work, for another thread than the one that hands out.
    public static func prepare(
        _ reader: ChainReader, in directory: String, keeping reserve: UInt64
    ) throws(StoreError) -> Prepared {
        let path = "\(directory)/\(reader.head.height).new"
        DiskFile.remove(path)
        return Prepared(header: try reader.exportSnapshot(to: path, keeping: reserve), path: path)
    }

    /// Puts a prepared file here, and takes the oldest away.
    public mutating func add(_ prepared: Prepared) throws(StoreError) {
        let name = "\(prepared.header.height)\(Self.suffix)"
        try DiskFile.move(prepared.path, to: directory + "/" + name)
        let found = try Self.read(name, in: directory)
        shelved.removeAll { $0.name == name }
        shelved.append(found)
        sort()
        while shelved.count > Self.kept { remove(shelved[0]) }
    }

    private mutating func sort() { shelved.sort { $0.contents.header.height < $1.contents.header.height } }

    private mutating func remove(_ snapshot: Shelved) {
        DiskFile.remove(directory + "/" + snapshot.name)
        shelved.removeAll { $0.name == snapshot.name }
    }

    /// What there is of a height; nil for nothing, and for what is too large to be handed out.
    public func contents(at height: Height) -> SnapshotContents? {
        shelved.first { $0.contents.header.height == height }.map(\.contents).flatMap {
            $0.chunks.count <= SnapshotContents.servedChunksMax ? $0 : nil
        }
    }

    /// A chunk of the snapshot with this list of chunks. One that is no longer what was written is taken away.
    public mutating func chunk(_ number: UInt32, of list: Digest) throws(StoreError) -> [UInt8]? {
        guard let found = shelved.first(where: { $0.contents.header.chunkList == list }),
            number < found.contents.header.chunkCount
        else { return nil }
        do throws(StoreError) {
            return try SnapshotFile.open(directory + "/" + found.name, known: found.contents)
                .bytes(ofChunk: number, among: found.offsets)
        } catch {
            if case .snapshot = error { remove(found) }
            throw error
        }
    }
}
