public import CairnBase
import CairnCrypto
public import CairnWire

/// A copy of a chain's database in a directory of its own, with a manifest that says what it is of and by what bytes it is
/// known.
///
/// It is taken beside a running node: one read transaction copies the file page by page, without what is free. The
/// sign log is no part of it. A vote key belongs to one place, and an old copy of what it has promised is worse than none.
public struct Backup: Sendable, Equatable {
    public let chain: ChainID
    public let height: Height
    /// Of the newest block.
    public let block: Digest
    public let root: Digest
    public let bytes: UInt64
    /// BLAKE2b over the file.
    public let hash: Digest

    static let database = "chain.db"
    static let manifest = "manifest.json"
    private static let schema = "cairn.backup/1"
    private static let tag = DomainTag("cn/backup")
    private static let manifestLimit = 4 << 10

    /// Copies the chain of a directory into a new directory and opens the copy, so that what is kept is known to be whole.
    public static func make(of home: String, into directory: String) throws(StoreError) -> Backup {
        try DiskFile.makeDirectory(directory)
        let copy = directory + "/" + database
        do throws(StoreError) {
            let source = try Database(path: home + "/" + database, role: .reader)
            try source.expect(ChainSchema.migrations)
            try source.prepare("VACUUM INTO ?").run(.text(copy))
            let backup = try described(directory)
            let file = try DiskFile.create(directory + "/" + manifest + ".new")
            try file.append(Array((backup.json.text + "\n").utf8))
            try file.sync()
            try DiskFile.move(file.path, to: directory + "/" + manifest)
            return backup
        } catch {
            DiskFile.removeChain(in: directory)
            throw error
        }
    }

    /// Reads the manifest of a directory, and the whole file against it.
    public static func check(_ directory: String) throws(StoreError) -> Backup {
        let path = directory + "/" + manifest
        let file = try DiskFile.open(path)
        let text = try file.read(manifestLimit, at: 0)
        guard let json = try? JSONReader.read(text), let backup = Backup(json) else {
            throw .damaged(row: "\(path) is not the manifest of a backup")
        }
        let found = try measure(directory + "/" + database)
        guard found.bytes == backup.bytes, found.hash == backup.hash else {
            throw .damaged(row: "\(directory)/\(database) is not the file that its manifest names")
        }
        return backup
    }

    /// Puts a backup's database into a home that has none, unless too little of the disk would be left.
    public static func restore(
        _ directory: String, into home: String, limits: Limits.Store = Limits.Store(), space: DiskSpace = DiskSpace()
    ) throws(StoreError) -> Backup {
        let draft = try ChainDraft(of: home, keeping: limits.diskReserve, space: space)
        let backup = try check(directory)
        try draft.requireRoom(for: backup.bytes)
        do throws(StoreError) {
            try draft.begin()
            try copy(directory + "/" + database, to: draft)
            let found = try described(draft.directory)
            guard (found.root, found.block, found.height) == (backup.root, backup.block, backup.height) else {
                throw .damaged(row: "the backup holds another state than its manifest names")
            }
            try draft.moveIntoPlace()
            return backup
        } catch {
            draft.remove()
            throw error
        }
    }

    /// Opens a copied database as a node would and says what it is.
    private static func described(_ directory: String) throws(StoreError) -> Backup {
        let (head, chain) = try opened(directory)
        guard let head, let chain else { throw .damaged(row: "a chain without a beginning") }
        for suffix in ["-wal", "-shm"] { DiskFile.remove(directory + "/" + database + suffix) }
        DiskFile.remove(directory + "/chain.lock")
        let (bytes, hash) = try measure(directory + "/" + database)
        return Backup(
            chain: chain, height: head.height, block: head.digest, root: head.root, bytes: bytes, hash: hash)
    }

    private static func opened(_ directory: String) throws(StoreError) -> (ChainHead?, ChainID?) {
        let store = try ChainStore(directory: directory)
        // The file is measured and moved without its log.
        try store.writer.file().database.checkpoint()
        return (store.head, store.chain)
    }

    private static let pieceBytes = 1 << 20

    private static func measure(_ path: String) throws(StoreError) -> (bytes: UInt64, hash: Digest) {
        let file = try DiskFile.open(path)
        var stream = Blake2b.Stream(tag)
        var offset = 0
        while case let piece = try file.read(pieceBytes, at: offset), !piece.isEmpty {
            stream.update(piece.span.bytes)
            offset += piece.count
        }
        return (UInt64(offset), stream.finish())
    }

    private static func copy(_ path: String, to draft: borrowing ChainDraft) throws(StoreError) {
        let source = try DiskFile.open(path)
        let copy = try DiskFile.create(draft.directory + "/" + database)
        var offset = 0
        while case let piece = try source.read(pieceBytes, at: offset), !piece.isEmpty {
            try draft.requireRoom(for: UInt64(piece.count))
            try copy.append(piece)
            offset += piece.count
        }
        try copy.sync()
    }
}

extension Backup {
    public var fields: [JSON.Member] {
        [
            .init("chain", .string(chain.description)), .init("height", JSON(height.number)),
            .init("block", .string(block.description)), .init("state_root", .string(root.description)),
            .init("bytes", JSON(bytes)), .init("blake2b", .string(hash.description)),
        ]
    }

    fileprivate var json: JSON { .object([.init("schema", .string(Self.schema))] + fields) }

    fileprivate init?(_ json: JSON) {
        func id(_ name: String) -> Bytes32? { json[name]?.string.flatMap(bytes(hex:)).flatMap { Bytes32($0) } }
        func number(_ name: String) -> UInt64? {
            if case .number(let number)? = json[name] { UInt64(exactly: number) } else { nil }
        }
        guard json["schema"]?.string == Self.schema, let chain = id("chain"), let block = id("block"),
            let root = id("state_root"), let hash = id("blake2b"), let height = number("height"),
            let bytes = number("bytes")
        else { return nil }
        self.init(
            chain: ChainID(chain), height: Height(height), block: Digest(block), root: Digest(root), bytes: bytes,
            hash: Digest(hash))
    }
}
