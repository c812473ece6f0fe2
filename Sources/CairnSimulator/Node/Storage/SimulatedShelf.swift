import CairnBase
import CairnStorage
import CairnWire

/// A shelf of pieces on a simulated disk: a file each, and an index that is written anew with each change.
///
/// It is asked one thing at a time. The file that this needs was read before, and what it wants written is durable
/// before anybody hears of it; where that fails, the shelf is again what it was before.
struct SimulatedShelf: PieceKeeper, Sendable {
    struct Refusal: PieceRefusing {
        let status: PieceStatus
        var next: Int?

        static func refused(_ status: PieceStatus) -> Refusal { Refusal(status: status) }
    }

    struct Row: Sendable {
        let name: PieceName
        let unitTops: [Digest]
        var isDamaged = false
        var keepers: OrderedSet<NodeID> = []
        var lists = OrderedMap<Digest, Listed>()
    }

    /// The list of an object that a piece is of.
    struct Listed: Sendable {
        let list: PieceList
        var isAdopted = false
    }

    private struct Draft: Sendable {
        let name: PieceName
        var bytes: [UInt8] = []
        var digest = PieceDigest()
    }

    private(set) var rows = OrderedMap<Digest, Row>()
    private var drafts = OrderedMap<DraftKey, Draft>()
    private let capacity: UInt64
    /// What a file was found to hold, for the question under way; nil bytes where there is none.
    private var loaded: (root: Digest, bytes: [UInt8]?)?
    /// Files to be durable before the index, and to be removed after it.
    private var written: [(file: String, bytes: [UInt8])] = []
    private var removed: [String] = []
    private var isChanged = false

    init(capacity: UInt64) { self.capacity = capacity }

    static func file(_ root: Digest) -> String { "piece.\(root)" }

    var offer: PieceOffer {
        PieceOffer(capacity: capacity, used: rows.reduce(0) { $0 + UInt64($1.value.name.byteCount) })
    }

    // MARK: - Files around it

    /// The file that must be read before a question can be answered.
    func file(for question: PieceQuestion) -> PieceName? {
        switch question {
        case .read(let name, _, _), .prove(let name, _): rows[name.root]?.name
        case .show(let question):
            list(named: question.root).flatMap { list in
                list.roots.dropFirst(Int(question.shard)).first.flatMap { rows[$0]?.name }
            }
        default: nil
        }
    }

    /// Throws away what it was given to write.
    mutating func forget() { written = [] }

    mutating func load(_ root: Digest, _ bytes: [UInt8]?) { loaded = (root, bytes) }

    /// What must be written and removed now, and the index if that changed.
    mutating func flush() -> (written: [(file: String, bytes: [UInt8])], index: [UInt8]?, removed: [String]) {
        defer { (written, removed, isChanged, loaded) = ([], [], false, nil) }
        return (written, isChanged ? index : nil, removed)
    }

    // MARK: - What it is asked

    func check(_ name: PieceName) throws(Refusal) { _ = try row(of: name) }

    func resume(_ name: PieceName, for client: NodeID, at _: Instant) throws(Refusal) -> Int {
        if (try? row(of: name)) != nil { return name.byteCount }
        return drafts[DraftKey(client: client, root: name.root)]?.bytes.count ?? 0
    }

    mutating func write(
        _ bytes: [UInt8], at offset: Int, of name: PieceName, for client: NodeID, at _: Instant
    ) throws(Refusal) {
        if (try? row(of: name)) != nil { return keep(name, for: client) }
        let key = DraftKey(client: client, root: name.root)
        var draft = drafts[key] ?? Draft(name: name)
        if drafts[key] == nil, offer.free < UInt64(name.byteCount) { throw .refused(.full) }
        guard offset == draft.bytes.count, bytes.count <= name.byteCount - offset else {
            throw Refusal(status: .outOfOrder, next: draft.bytes.count)
        }
        draft.bytes += bytes
        draft.digest.update(bytes.span.bytes, using: MixHash())
        drafts[key] = draft
        guard draft.bytes.count == name.byteCount else { return }
        drafts[key] = nil
        guard draft.digest.name(using: MixHash()) == name else { throw .refused(.mismatch) }
        let known = rows[name.root]
        rows[name.root] = Row(
            name: name, unitTops: draft.digest.unitTops, keepers: known?.keepers ?? [],
            lists: known?.lists ?? OrderedMap())
        keep(name, for: client)
        written.append((Self.file(name.root), draft.bytes))
    }

    mutating func read(_ count: Int, at offset: Int, of name: PieceName) throws(Refusal) -> [UInt8] {
        _ = try row(of: name)
        guard offset >= 0, count > 0, offset <= name.byteCount - count else { throw .refused(.malformed) }
        guard let loaded, loaded.root == name.root, let bytes = loaded.bytes, bytes.count == name.byteCount else {
            damage(name.root)
            throw .refused(.damaged)
        }
        return Array(bytes[offset..<(offset + count)])
    }

    mutating func remove(_ name: PieceName, for client: NodeID) throws(Refusal) {
        guard rows[name.root]?.keepers.contains(client) == true else { throw .refused(.unknown) }
        rows[name.root]?.keepers.remove(client)
        isChanged = true
        guard rows[name.root]?.keepers.isEmpty == true else { return }
        rows[name.root] = nil
        removed.append(Self.file(name.root))
    }

    mutating func prove(_ name: PieceName, from start: Digest) throws(Refusal) -> HotAnswer {
        let row = try row(of: name)
        let size = StorageUnits.unitBytes
        let answer = try HotAnswer.showing(name, from: start, unitTops: row.unitTops, using: MixHash()) {
            (number) throws(Refusal) in
            try read(size, at: number * size, of: name)
        }
        guard let answer else {
            damage(name.root)
            throw .refused(.damaged)
        }
        return answer
    }

    func list(of object: Digest) throws(Refusal) -> PieceList? { list(named: object) }

    mutating func keep(_ list: PieceList) throws(Refusal) {
        guard let root = list.roots.first(where: { rows[$0] != nil }) else { throw .refused(.unknown) }
        let object = list.root(using: MixHash())
        if rows[root]?.lists[object] == nil { rows[root]?.lists[object] = Listed(list: list) }
        isChanged = true
    }

    mutating func adopt(_ name: PieceName, of object: Digest, by keeper: NodeID) throws(Refusal) {
        _ = try row(of: name)
        guard rows[name.root]?.lists[object]?.isAdopted != true || rows[name.root]?.keepers != [keeper] else { return }
        rows[name.root]?.lists[object]?.isAdopted = true
        rows[name.root]?.keepers = [keeper]
        isChanged = true
    }

    mutating func settle(_ objects: OrderedSet<Digest>, of keeper: NodeID) throws(Refusal) -> Int {
        var gone = 0
        for (root, row) in rows {
            let over = row.lists.keys.filter { row.lists[$0]?.isAdopted == true && !objects.contains($0) }
            guard !over.isEmpty else { continue }
            for object in over { rows[root]?.lists[object] = nil }
            try remove(row.name, for: keeper)
            gone += 1
        }
        return gone
    }

    /// Every file is gone; the index does not know.
    mutating func loseFiles() { removed += rows.keys.map { Self.file($0) } }

    // MARK: - Scrubbing

    func next(after root: Digest?) -> PieceName? {
        guard let root else { return rows.first?.value.name }
        return rows.first { root < $0.key }?.value.name
    }

    /// Whether the piece that was read is what it is called.
    mutating func scrub(_ name: PieceName) -> Bool {
        var digest = PieceDigest()
        let bytes = loaded?.bytes ?? []
        digest.update(bytes.span.bytes, using: MixHash())
        let isWhole = loaded?.root == name.root && digest.name(using: MixHash()) == name
        if !isWhole { damage(name.root) }
        return isWhole
    }

    private mutating func damage(_ root: Digest) {
        guard rows[root]?.isDamaged == false else { return }
        rows[root]?.isDamaged = true
        isChanged = true
    }

    private func row(of name: PieceName) throws(Refusal) -> Row {
        guard let row = rows[name.root], row.name == name else { throw .refused(.unknown) }
        guard !row.isDamaged else { throw .refused(.damaged) }
        return row
    }

    private func list(named object: Digest) -> PieceList? {
        for row in rows.values { if let listed = row.lists[object] { return listed.list } }
        return nil
    }

    private mutating func keep(_ name: PieceName, for client: NodeID) {
        guard rows[name.root]?.keepers.contains(client) == false else { return }
        rows[name.root]?.keepers.insert(client)
        isChanged = true
    }
}

private struct DraftKey: Sendable, Comparable {
    let client: NodeID
    let root: Digest

    static func < (left: DraftKey, right: DraftKey) -> Bool {
        (left.client, left.root) < (right.client, right.root)
    }
}

// MARK: - The index on the disk

extension SimulatedShelf {
    private var index: [UInt8] {
        var writer = ByteWriter()
        writer.count(rows.count)
        for row in rows.values { writer.value(row) }
        return writer.bytes
    }

    /// As the newest index has it.
    init(capacity: UInt64, index: [UInt8]?) {
        self.init(capacity: capacity)
        guard let index else { return }
        var reader = ByteReader(index.span.bytes)
        let read = try? reader.list(limit: 1_024) { reader throws(DecodeError) in try reader.value(Row.self) }
        for row in read ?? [] { rows[row.name.root] = row }
    }
}

extension SimulatedShelf.Row: Canonical {
    init(from reader: inout ByteReader) throws(DecodeError) {
        name = try reader.value()
        unitTops = try reader.list(limit: PieceName.unitsMax) { reader throws(DecodeError) in try reader.identifier() }
        isDamaged = try reader.bool()
        keepers = OrderedSet(try reader.list(limit: 64) { reader throws(DecodeError) in try reader.identifier() })
        let listed = try reader.list(limit: 64) { reader throws(DecodeError) in
            (list: try reader.value(PieceList.self), isAdopted: try reader.bool())
        }
        for one in listed {
            lists[one.list.root(using: MixHash())] = SimulatedShelf.Listed(list: one.list, isAdopted: one.isAdopted)
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.value(name)
        writer.count(unitTops.count)
        for top in unitTops { writer.identifier(top) }
        writer.bool(isDamaged)
        writer.count(keepers.count)
        for keeper in keepers { writer.identifier(keeper) }
        writer.count(lists.count)
        for one in lists.values {
            writer.value(one.list)
            writer.bool(one.isAdopted)
        }
    }
}
