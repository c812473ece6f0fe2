public import CairnBase
import CairnCrypto
public import CairnStorage

/// The pieces that a holder keeps for others: a file each, and an index.
///
/// A piece goes through three syncs before anybody is told that it is there: of its file, of the directory it is moved
/// into, of its row. A process that ends in between leaves a draft or a file without a row, which the next start removes:
/// its client was told nothing.
///
/// Room is set aside when a piece is begun, so what was begun can be finished. When the index fails, nobody knows what is
/// kept, and the shelf answers nothing until it is opened anew.
public final class PieceShelf {
    public struct Settings: Sendable {
        /// Bytes that the pieces may take.
        public var capacity: UInt64
        /// Bytes of the disk that are left free whatever the capacity says.
        public var diskReserve = Limits.Store().diskReserve
        public var space = DiskSpace()
        /// Pieces that are being written, in all and by one client.
        public var drafts = 64
        public var draftsPerClient = 16
        /// After so long without a portion, a draft is given up when its room is wanted.
        public var draftTime = TimeSpan.seconds(120)

        public init(capacity: UInt64) { self.capacity = capacity }
    }

    struct DraftKey: Hashable {
        let client: NodeID
        let root: Digest
    }

    public var settings: Settings
    let directory: String
    let index: PieceIndex
    private let lock: DirectoryLock
    private var drafts: [DraftKey: DraftBox] = [:]
    private var draftNumber: UInt64 = 0
    private(set) var failure: StoreError?

    /// - Parameter directory: is made if it is not there; everything in it belongs to the shelf.
    public init(directory: String, _ settings: Settings) throws(StoreError) {
        self.directory = directory
        self.settings = settings
        if !DiskFile.exists(directory) { try DiskFile.makeDirectory(directory) }
        lock = try DirectoryLock(directory + "/lock")
        for name in ["/incoming", "/pieces"] where !DiskFile.exists(directory + name) {
            try DiskFile.makeDirectory(directory + name)
        }
        try DiskFile.syncDirectory(directory)
        index = try PieceIndex(path: directory + "/index.db")
        try sweep()
    }

    public var offer: PieceOffer { PieceOffer(capacity: settings.capacity, used: used) }
    public var pieceCount: UInt64 { index.pieces }
    public var draftCount: Int { drafts.count }

    /// What pieces take, and what is set aside for those that are being written.
    var used: UInt64 {
        let begun = drafts.values.reduce(0) { $0 + UInt64($1.draft.name.units) }
        return (index.units + begun) * UInt64(StorageUnits.unitBytes)
    }

    /// Whether a piece is here, whole as far as is known.
    public func check(_ name: PieceName) throws(PieceRefusal) {
        _ = try row(of: name)
    }

    /// How many bytes of a piece are here from this client. All of them when the piece is; it is kept for this client too
    /// then.
    public func resume(_ name: PieceName, for client: NodeID, at now: Instant) throws(PieceRefusal) -> Int {
        if let known = try whole(name) {
            try guarded { () throws(StoreError) in try index.keep(known.name, for: client) }
            return name.byteCount
        }
        return try begun(name, for: client, at: now).draft.digest.byteCount
    }

    /// Takes the next portion. When it makes the piece whole, the piece is durable on return.
    public func write(
        _ bytes: [UInt8], at offset: Int, of name: PieceName, for client: NodeID, at now: Instant
    ) throws(PieceRefusal) {
        if try whole(name) != nil {
            return try guarded { () throws(StoreError) in try index.keep(name, for: client) }
        }
        let box = try begun(name, for: client, at: now)
        let next = box.draft.digest.byteCount
        guard offset == next, bytes.count <= name.byteCount - next else { throw .outOfOrder(next: next) }
        do throws(StoreError) {
            try box.draft.append(bytes, at: now)
        } catch {
            drop(DraftKey(client: client, root: name.root))
            throw .failed(error)
        }
        if box.draft.isWhole { try finish(box, for: client) }
    }

    public func read(_ count: Int, at offset: Int, of name: PieceName) throws(PieceRefusal) -> [UInt8] {
        _ = try row(of: name)
        guard offset >= 0, count > 0, offset <= name.byteCount - count else { throw .refused(.malformed) }
        do throws(StoreError) {
            let bytes = try DiskFile.open(path(of: name.root)).read(count, at: offset)
            guard bytes.count == count else { throw .damaged(row: "piece \(name.root)") }
            return bytes
        } catch {
            guard error.meansDamage else { throw .failed(error) }
            try damage(name)
            throw .refused(.damaged)
        }
    }

    /// Lets go of a piece for a client; its file goes when nobody else keeps it.
    public func remove(_ name: PieceName, for client: NodeID) throws(PieceRefusal) {
        let wasBegun = drop(DraftKey(client: client, root: name.root))
        let released = try guarded { () throws(StoreError) -> Bool? in
            guard let row = try index.row(of: name.root), row.name == name else { return nil }
            return try index.release(row, by: client)
        }
        if released == true { DiskFile.remove(path(of: name.root)) }
        guard released != nil || wasBegun else { throw .refused(.unknown) }
    }

    func path(of root: Digest) -> String {
        let name = root.description
        return "\(directory)/pieces/\(name.prefix(2))/\(name)"
    }

    func damage(_ name: PieceName) throws(PieceRefusal) {
        try guarded { () throws(StoreError) in try index.setDamaged(name.root) }
    }

    /// Runs something on the index; if that fails, nothing is answered any more.
    func guarded<Result>(_ body: () throws(StoreError) -> Result) throws(PieceRefusal) -> Result {
        if let failure { throw .failed(failure) }
        do throws(StoreError) {
            return try body()
        } catch {
            failure = error
            throw .failed(error)
        }
    }

    private func row(of name: PieceName) throws(PieceRefusal) -> PieceIndex.Row {
        let found = try guarded { () throws(StoreError) in try index.row(of: name.root) }
        guard let found, found.name == name else { throw .refused(.unknown) }
        guard !found.isDamaged else { throw .refused(.damaged) }
        return found
    }

    /// The row of a piece that need not be written.
    private func whole(_ name: PieceName) throws(PieceRefusal) -> PieceIndex.Row? {
        do throws(PieceRefusal) {
            return try row(of: name)
        } catch .refused {
            return nil
        } catch {
            throw error
        }
    }
}

// MARK: Drafts

extension PieceShelf {
    /// A draft in a dictionary: it owns a file and cannot be copied out of it.
    private final class DraftBox {
        var draft: PieceDraft

        init(_ draft: consuming PieceDraft) { self.draft = draft }
    }

    private func begun(_ name: PieceName, for client: NodeID, at now: Instant) throws(PieceRefusal) -> DraftBox {
        let key = DraftKey(client: client, root: name.root)
        if let box = drafts[key], box.draft.name == name { return box }
        if let failure { throw .failed(failure) }
        drop(key)
        giveUpDrafts(at: now)
        guard drafts.count < settings.drafts,
            drafts.keys.count(where: { $0.client == client }) < settings.draftsPerClient
        else { throw .refused(.busy) }
        let need = UInt64(name.byteCount)
        guard offer.free >= need else { throw .refused(.full) }
        guard let left = settings.space.free(at: directory), left >= settings.diskReserve,
            left - settings.diskReserve >= unwritten + need
        else { throw .refused(.diskFull) }
        draftNumber += 1
        do throws(StoreError) {
            let box = DraftBox(try PieceDraft(name, at: "\(directory)/incoming/\(draftNumber)", now: now))
            drafts[key] = box
            return box
        } catch {
            throw .failed(error)
        }
    }

    /// Bytes that drafts will still write.
    private var unwritten: UInt64 {
        drafts.values.reduce(0) { $0 + UInt64($1.draft.name.byteCount - $1.draft.digest.byteCount) }
    }

    private func finish(_ box: DraftBox, for client: NodeID) throws(PieceRefusal) {
        let name = box.draft.name
        defer { drop(DraftKey(client: client, root: name.root)) }
        guard box.draft.isWhatItSays else { throw .refused(.mismatch) }
        let path = path(of: name.root)
        do throws(StoreError) {
            try box.draft.sync()
            let parent = String(path.prefix(path.utf8.count - name.root.description.utf8.count - 1))
            if !DiskFile.exists(parent) {
                try DiskFile.makeDirectory(parent)
                try DiskFile.syncDirectory(directory + "/pieces")
            }
            try DiskFile.move(box.draft.path, to: path)
        } catch {
            throw .failed(error)
        }
        try guarded { () throws(StoreError) in
            try index.add(name, unitTops: box.draft.digest.unitTops, for: client)
        }
    }

    private func giveUpDrafts(at now: Instant) {
        for (key, box) in drafts where now.since(box.draft.touched) >= settings.draftTime { drop(key) }
    }

    /// Gives a draft up; false if there is none.
    @discardableResult
    private func drop(_ key: DraftKey) -> Bool {
        guard let box = drafts.removeValue(forKey: key) else { return false }
        DiskFile.remove(box.draft.path)
        return true
    }

    /// Removes what a process that ended did not finish.
    private func sweep() throws(StoreError) {
        for name in DiskFile.names(in: directory + "/incoming") { DiskFile.remove("\(directory)/incoming/\(name)") }
        for folder in DiskFile.names(in: directory + "/pieces") {
            for name in DiskFile.names(in: "\(directory)/pieces/\(folder)") {
                let root = bytes(hex: name).flatMap { Bytes32($0) }
                if let root, try index.row(of: Digest(root)) != nil { continue }
                DiskFile.remove("\(directory)/pieces/\(folder)/\(name)")
            }
        }
    }
}
