import CairnBase
import CairnRuntime

/// A testnet as it was at one moment, under a name: the homes of all its nodes, inside the testnet's own directory.
struct SavedTestnet {
    let directory: TestnetDirectory
    let name: String

    private static func folder(_ directory: TestnetDirectory) -> String { joinPath(directory.path, "snapshots") }
    private static let draftSuffix = ".new"

    var path: String { joinPath(Self.folder(directory), name) }

    /// In the order of their names; what was not finished is none.
    static func all(in directory: TestnetDirectory) -> [SavedTestnet] {
        Directory.names(folder(directory)).filter(isLabel).map { SavedTestnet(directory: directory, name: $0) }
    }

    var isThere: Bool { fileExists(joinPath(path, TestnetManifest.fileName)) }

    func manifest() throws(Failure) -> TestnetManifest {
        let file = joinPath(path, TestnetManifest.fileName)
        guard fileExists(file) else {
            let others = Self.all(in: directory).map { Hint($0.name) }
            throw Failure(
                .savedNotFound, "there is no snapshot \(quoted(name)) of this testnet", tried: [Hint(path)],
                found: others,
                hints: [Hint("cairn testnet snapshot", "lists them"), Hint("cairn testnet snapshot NAME", "makes one")])
        }
        return try TestnetManifest(file: file, text: TextFile.read(file))
    }

    func byteCount() throws(Failure) -> UInt64 { try FolderCopy(path) { _ in false }.byteCount }

    // MARK: Copying

    /// What belongs to the moment and not to the testnet: locks, sockets, numbers of processes, and the snapshots themselves.
    private static func isLeftOut(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        switch parts.count {
        case 1: return path == "lock" || path == "snapshots" || path == "restoring"
        case 2: return parts[1] == "run" || parts[1] == "process.json"
        default: return false
        }
    }

    /// Copies the testnet, none of whose processes may write meanwhile. Returns how many bytes it has.
    func write(_ session: Session) throws(Failure) -> UInt64 {
        guard !isThere else {
            throw Failure(
                .savedExists, "there is a snapshot \(quoted(name)) of this testnet already",
                do: Hint("cairn testnet snapshot", "lists them; another name makes another"))
        }
        let draft = path + Self.draftSuffix
        let count = try Self.copy(directory.path, to: draft, "saving", session)
        try Self.move(draft, to: path)
        return count
    }

    /// Puts the copy in the place of the testnet, none of whose processes may run. The testnet stays as it is until the whole
    /// copy lies beside it; from then on until the end a mark says that it is neither.
    func putBack(_ session: Session, _ stop: () throws(Failure) -> Void) throws(Failure) {
        let draft = joinPath(Self.folder(directory), ".back" + Self.draftSuffix)
        try Self.copy(path, to: draft, "restoring", session)
        try stop()
        try TextFile.replace(directory.restoringFile, name + "\n")
        // The manifest goes last: an interrupted restoring still is a testnet, and can be repeated.
        let entries = try Directory.entries(directory.path).filter {
            !Self.isLeftOut($0) && $0 != TestnetManifest.fileName
        }
        for entry in entries { try Self.remove(joinPath(directory.path, entry)) }
        for entry in try Directory.entries(draft) where entry != TestnetManifest.fileName {
            try Self.move(joinPath(draft, entry), to: joinPath(directory.path, entry))
        }
        try Self.move(joinPath(draft, TestnetManifest.fileName), to: directory.manifestFile)
        try Directory.remove(draft)
        try removeFile(directory.restoringFile)
        try TextFile.sync(directory.path)
    }

    /// Returns how many bytes were copied.
    @discardableResult
    private static func copy(
        _ source: String, to draft: String, _ verb: String, _ session: Session
    ) throws(Failure) -> UInt64 {
        if Directory.exists(draft) { try Directory.remove(draft) }
        let copy = try FolderCopy(source, leavingOut: isLeftOut)
        let progress = TransferProgress(session, verb, of: copy.byteCount)
        defer { progress.end() }
        do throws(Failure) {
            try copy.write(to: draft, progress.reach)
        } catch {
            try? Directory.remove(draft)
            throw error
        }
        return copy.byteCount
    }

    private static func remove(_ path: String) throws(Failure) {
        if Directory.exists(path) { return try Directory.remove(path) }
        try removeFile(path)
    }

    private static func move(_ source: String, to target: String) throws(Failure) {
        try moveFile(source, to: target)
        try TextFile.sync(parent(of: target))
    }
}

extension TestnetStart {
    /// Processes that halt have done with their disks within this.
    private static let haltTime = TimeSpan.seconds(10)

    /// Saves the testnet as it is at this moment: its processes are halted together, and go on afterwards.
    func save(as saved: SavedTestnet) throws(Failure) -> String {
        let names = testnet.manifest.nodes.map(\.name) + (testnet.manifest.hasRadios ? [TestnetDirectory.radio] : [])
        // Whoever ends this command must not leave them halted: it ends when they go on.
        let held = HeldSignals()
        defer { held.release() }
        let running = names.compactMap { name in
            testnet.process(named: name).flatMap { $0.isPaused ? nil : (name: name, process: $0) }
        }
        let begin = Clock.monotonic()
        for (_, process) in running { process.signal(.pause) }
        defer { for (_, process) in running { process.signal(.resume) } }
        for (name, process) in running {
            guard process.waitUntilHalted(until: begin + Self.haltTime) else {
                throw Failure(.testnetStep, "\(name) does not halt within \(Self.haltTime.plain)")
            }
        }
        let count = try saved.write(session)
        let halted = running.isEmpty ? "" : ", halted for \(Clock.monotonic().since(begin).seconds)"
        return "saved \(testnet.manifest.nodes.count) nodes as \(saved.name): \(binarySize(count))\(halted)"
    }

    /// The testnet as it was saved; nothing of it runs yet.
    func restored(from saved: SavedTestnet) throws(Failure) -> TestnetStart {
        let manifest = try saved.manifest()
        try saved.putBack(session) { () throws(Failure) in
            for stopped in testnet.stop(within: .seconds(5)) where testnet.process(named: stopped.name) != nil {
                throw Failure(.testnetStep, "\(stopped.name) does not end, so nothing of the testnet was touched")
            }
        }
        return TestnetStart(
            testnet: Testnet(directory: testnet.directory, manifest: manifest), session: session, program: program)
    }
}
