import CairnBase
import CairnStorage

/// The lists of objects that pieces here belong to.
extension PieceIndex {
    /// Lists are no larger than a piece may have company; more lists than these of one piece are not kept.
    static let listsPerPiece = 4

    func list(of object: Digest) throws(StoreError) -> PieceList? {
        try database.prepare("SELECT roots FROM list WHERE object = ? LIMIT 1").first(.blob(object.raw.bytes)) {
            row throws(StoreError) -> PieceList in
            let bytes = row.blob(0)
            let roots = stride(from: 0, to: bytes.count - bytes.count % Bytes32.count, by: Bytes32.count).compactMap {
                Bytes32(Array(bytes[$0..<($0 + Bytes32.count)])).map { Digest($0) }
            }
            guard let list = PieceList(roots) else { throw .damaged(row: "a list in the index") }
            return list
        }
    }

    /// Keeps a list with a piece; false when the piece has enough of them.
    func add(_ list: PieceList, object: Digest, piece: Digest) throws(StoreError) -> Bool {
        let known = try database.prepare("SELECT count(*) FROM list WHERE piece = ? AND object != ?")
            .first(.blob(piece.raw.bytes), .blob(object.raw.bytes)) { $0.integer(0) }
        guard known ?? 0 < Self.listsPerPiece else { return false }
        try database.prepare("INSERT OR IGNORE INTO list VALUES (?, ?, ?, 0)")
            .run(.blob(object.raw.bytes), .blob(piece.raw.bytes), .blob(list.roots.flatMap(\.raw.bytes)))
        return true
    }

    /// From now on a piece is kept for the chain, and not for whoever wrote it.
    func adopt(_ piece: Digest, of object: Digest, by keeper: NodeID) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            try database.prepare("UPDATE list SET adopted = 1 WHERE piece = ? AND object = ?")
                .run(.blob(piece.raw.bytes), .blob(object.raw.bytes))
            try database.prepare("DELETE FROM keeper WHERE root = ?").run(.blob(piece.raw.bytes))
            try database.prepare("INSERT INTO keeper VALUES (?, ?)")
                .run(.blob(piece.raw.bytes), .blob(keeper.raw.bytes))
        }
    }

    /// The pieces that were kept for other objects than these, which are forgotten with their lists.
    func settle(_ objects: OrderedSet<Digest>) throws(StoreError) -> [Digest] {
        var kept: [(object: Bytes32?, piece: Bytes32?)] = []
        try database.prepare("SELECT object, piece FROM list WHERE adopted = 1").forEach { row throws(StoreError) in
            kept.append((Bytes32(row.blob(0)), Bytes32(row.blob(1))))
        }
        var freed: [Digest] = []
        for case (let object?, let piece?) in kept where !objects.contains(Digest(object)) {
            try database.prepare("DELETE FROM list WHERE object = ? AND piece = ?")
                .run(.blob(object.bytes), .blob(piece.bytes))
            freed.append(Digest(piece))
        }
        return freed
    }
}
