import CairnBase
import CairnStorage

/// Which pieces are on the disk, how much room they take, and for whom they are kept.
///
/// A row is written after its file is durable and deleted before the file is, so a row without its file is damage, and a
/// file without a row is litter.
final class PieceIndex {
    struct Row {
        let name: PieceName
        let unitTops: [Digest]
        let isDamaged: Bool
    }

    static let migrations = [
        Migration(name: "pieces", sql: [piece, keeper]), Migration(name: "lists", sql: [list]),
    ]

    private static let piece = """
        CREATE TABLE piece(
            root BLOB PRIMARY KEY,
            units INTEGER NOT NULL,
            tops BLOB NOT NULL,          -- of the tree over each unit's leaves, 32 bytes each
            damaged INTEGER NOT NULL     -- 1 once its file was found changed or gone
        ) STRICT, WITHOUT ROWID
        """

    private static let keeper = """
        CREATE TABLE keeper(
            root BLOB NOT NULL REFERENCES piece(root) ON DELETE CASCADE,
            client BLOB NOT NULL,        -- the node id that put the piece here
            PRIMARY KEY(root, client)) STRICT, WITHOUT ROWID
        """

    private static let list = """
        CREATE TABLE list(
            object BLOB NOT NULL,        -- the root over the roots of its pieces
            piece BLOB NOT NULL REFERENCES piece(root) ON DELETE CASCADE,
            roots BLOB NOT NULL,         -- of the object's pieces, 32 bytes each
            adopted INTEGER NOT NULL,    -- 1 once the chain said that the piece is ours to keep
            PRIMARY KEY(object, piece)) STRICT, WITHOUT ROWID
        """

    let database: Database
    private(set) var units: UInt64
    private(set) var pieces: UInt64

    init(path: String) throws(StoreError) {
        database = try Database(path: path, role: .writer)
        try database.migrate(Self.migrations)
        units = UInt64(clamping: try database.integer("SELECT coalesce(sum(units), 0) FROM piece"))
        pieces = UInt64(clamping: try database.integer("SELECT count(*) FROM piece"))
    }

    func row(of root: Digest) throws(StoreError) -> Row? {
        try database.prepare("SELECT root, units, tops, damaged FROM piece WHERE root = ?")
            .first(.blob(root.raw.bytes)) { row throws(StoreError) in try Self.row(row) }
    }

    /// The first piece behind a root, in the order of roots.
    func row(after root: Digest?) throws(StoreError) -> Row? {
        try database.prepare("SELECT root, units, tops, damaged FROM piece WHERE root > ? ORDER BY root LIMIT 1")
            .first(.blob(root?.raw.bytes ?? [])) { row throws(StoreError) in try Self.row(row) }
    }

    /// Enters a piece that is durable, or one that was damaged and is whole again.
    func add(_ name: PieceName, unitTops: [Digest], for client: NodeID) throws(StoreError) {
        let known = try row(of: name.root)
        try database.transaction { () throws(StoreError) in
            try database.prepare(
                """
                INSERT INTO piece VALUES (?1, ?2, ?3, 0)
                ON CONFLICT(root) DO UPDATE SET units = ?2, tops = ?3, damaged = 0
                """
            ).run(
                .blob(name.root.raw.bytes), .integer(Int64(name.units)), .blob(unitTops.flatMap(\.raw.bytes)))
            try keep(name, for: client)
        }
        if let known {
            units -= UInt64(known.name.units)
        } else {
            pieces += 1
        }
        units += UInt64(name.units)
    }

    /// Keeps a piece for one more client.
    func keep(_ name: PieceName, for client: NodeID) throws(StoreError) {
        try database.prepare("INSERT OR IGNORE INTO keeper VALUES (?, ?)")
            .run(.blob(name.root.raw.bytes), .blob(client.raw.bytes))
    }

    /// Forgets that a client put a piece here; true when nobody else did and the piece is no more.
    func release(_ row: Row, by client: NodeID) throws(StoreError) -> Bool? {
        let root = Value.blob(row.name.root.raw.bytes)
        let isKeeper = try database.prepare("SELECT 1 FROM keeper WHERE root = ? AND client = ?")
            .first(root, .blob(client.raw.bytes)) { _ in true }
        guard isKeeper != nil else { return nil }
        let isLast = try database.transaction { () throws(StoreError) in
            try database.prepare("DELETE FROM keeper WHERE root = ? AND client = ?").run(root, .blob(client.raw.bytes))
            let others = try database.prepare("SELECT 1 FROM keeper WHERE root = ? LIMIT 1").first(root) { _ in true }
            if others == nil { try database.prepare("DELETE FROM piece WHERE root = ?").run(root) }
            return others == nil
        }
        if isLast {
            units -= UInt64(row.name.units)
            pieces -= 1
        }
        return isLast
    }

    func setDamaged(_ root: Digest) throws(StoreError) {
        try database.prepare("UPDATE piece SET damaged = 1 WHERE root = ?").run(.blob(root.raw.bytes))
    }

    private static func row(_ row: borrowing Statement) throws(StoreError) -> Row {
        let tops = row.blob(2)
        let size = Bytes32.count
        guard let root = Bytes32(row.blob(0)), let name = PieceName(root: Digest(root), units: Int(row.integer(1))),
            tops.count == name.units * size
        else { throw .damaged(row: "a piece in the index") }
        let unitTops = (0..<name.units).compactMap { Bytes32(Array(tops[($0 * size)..<(($0 + 1) * size)])) }
        return Row(name: name, unitTops: unitTops.map { Digest($0) }, isDamaged: row.integer(3) != 0)
    }
}
