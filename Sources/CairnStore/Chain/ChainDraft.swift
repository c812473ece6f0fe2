import CairnBase

/// The database of a home while it is being made, in a directory of its own beside its place.
///
/// Until it is moved the home has no chain; from then on it has the whole one. A kill in between leaves the directory to
/// whoever starts next, and nobody reads what lies in it.
struct ChainDraft: ~Copyable {
    let directory: String
    private let home: String
    private let reserve: UInt64
    private let space: DiskSpace
    private let lock: DirectoryLock

    /// Takes the home, which must have no chain. What an attempt that was cut short left behind is nothing to anyone.
    init(of home: String, keeping reserve: UInt64, space: DiskSpace) throws(StoreError) {
        let lock = try DirectoryLock(home + "/chain.lock")
        guard !DiskFile.exists(home + "/chain.db") else { throw .exists(path: home + "/chain.db") }
        self.lock = lock
        self.home = home
        self.reserve = reserve
        self.space = space
        directory = Self.place(in: home)
    }

    /// For the owner of a home's lock: takes away what was never finished.
    static func removeLeftovers(in home: String) {
        DiskFile.removeChain(in: place(in: home))
        DiskFile.remove(SnapshotDraft.place(in: home))
    }

    private static func place(in home: String) -> String { home + "/chain.import" }

    func begin() throws(StoreError) {
        DiskFile.removeChain(in: directory)
        try DiskFile.makeDirectory(directory)
    }

    func remove() { DiskFile.removeChain(in: directory) }

    /// Refuses before so much is written that less than the reserve would be left: a full disk stops more than this.
    func requireRoom(for bytes: UInt64) throws(StoreError) {
        let need = reserve.addingReportingOverflow(bytes)
        guard let free = space.free(at: home), need.overflow || free < need.partialValue else { return }
        throw .diskFull(free: free, need: need.overflow ? .max : need.partialValue)
    }

    /// Gives the database its place, durably, once everyone who had it open is done with it. It must be whole without the
    /// write-ahead log, which does not move with it.
    func moveIntoPlace() throws(StoreError) {
        let (database, final) = (directory + "/chain.db", home + "/chain.db")
        for suffix in ["-wal", "-journal"] where DiskFile.exists(database + suffix) {
            let size = try DiskFile.open(database + suffix).size
            guard size == 0 else { throw .checkpoint(path: database, busy: false, left: Int64(clamping: size)) }
        }
        try DiskFile.open(database).sync()
        try DiskFile.syncDirectory(directory)
        // A log without its database is nothing, but SQLite would take it for that of the new one.
        for suffix in ["-wal", "-shm", "-journal"] { DiskFile.remove(final + suffix) }
        try DiskFile.syncDirectory(home)
        try DiskFile.move(database, to: final)
        remove()
    }
}
