import CairnBase
import CairnRuntime
import CairnWire
import Glibc

/// Where a local testnet keeps its manifest and the homes and logs of its nodes.
struct TestnetDirectory: Sendable, Equatable {
    let path: String

    static let defaultName = "local"

    /// The directory asked for, or one that is this user's own: temporary, because a testnet is.
    init(_ given: String?, name: String, _ surroundings: Surroundings) throws(Failure) {
        if let given {
            path = joinPath(surroundings.workingDirectory, given)
            return
        }
        path = joinPath(try Self.base(surroundings), name)
    }

    /// Where this user's testnets are unless told otherwise.
    private static func base(_ surroundings: Surroundings) throws(Failure) -> String {
        let runtime = surroundings.environment["XDG_RUNTIME_DIR"] ?? ""
        let base =
            runtime.hasPrefix("/") ? joinPath(runtime, "cairn-testnet") : "/tmp/cairn-testnet-\(surroundings.userID)"
        try checkOwner(base, surroundings.userID)
        return base
    }

    /// Lets one testnet of this user after the other choose ports and take them; held until its nodes listen.
    static func lockPorts(_ surroundings: Surroundings) throws(Failure) -> FileLock {
        let base = try base(surroundings)
        try Directory.make(base)
        // The slowest start of another testnet is shorter.
        guard let lock = try FileLock(joinPath(base, "ports.lock"), until: Clock.monotonic() + .seconds(120)) else {
            throw Failure(.testnetBusy, "another testnet of this user is being started")
        }
        return lock
    }

    var manifestFile: String { joinPath(path, TestnetManifest.fileName) }
    var lockFile: String { joinPath(path, "lock") }
    /// Names the snapshot that is being put in the place of this testnet, from before the first file goes to after the last came.
    var restoringFile: String { joinPath(path, "restoring") }

    /// Keeps two commands from starting and stopping the same nodes at once; held until the value is let go.
    func lock() throws(Failure) -> FileLock {
        guard let lock = try FileLock(lockFile) else {
            throw Failure(
                .testnetBusy, "another command is at work on the testnet in \(path)",
                do: Hint("Wait until it is done, or end it."))
        }
        return lock
    }

    /// The testnet's own copy of the town its gateways stand in.
    var townFile: String { joinPath(path, "town.toml") }
    var radioFile: String { joinPath(folder(Self.radio), "radio.toml") }

    /// The process with the simulated radios, beside the nodes.
    static let radio = "radio"

    func home(of node: TestnetManifest.Node) -> String { folder(node.name) }
    func log(of node: TestnetManifest.Node) -> String { log(node.name) }
    func output(of node: TestnetManifest.Node) -> String { output(node.name) }

    /// What a process of the testnet has to itself.
    func folder(_ name: String) -> String { joinPath(path, name) }
    func log(_ name: String) -> String { joinPath(folder(name), "log") }
    func output(_ name: String) -> String { joinPath(folder(name), "out") }
    private func processFile(_ name: String) -> String { joinPath(folder(name), "process.json") }

    /// The manifest, or nil when there is no testnet here.
    func manifest() throws(Failure) -> TestnetManifest? {
        guard fileExists(manifestFile) else { return nil }
        return try TestnetManifest(file: manifestFile, text: TextFile.read(manifestFile))
    }

    /// Refuses a testnet that is half what it was and half a snapshot. Its missing homes would be made anew, and validators
    /// without their sign logs vote twice.
    func requireWhole() throws(Failure) {
        guard fileExists(restoringFile) else { return }
        let name = trimmed(try TextFile.read(restoringFile))
        throw Failure(
            .testnetHalfRestored,
            "the testnet in \(path) was being put back to \(quoted(name)), and that did not come to its end",
            do: Hint("cairn testnet restore \(shellWord(name))", "does it again"))
    }

    func existing() throws(Failure) -> TestnetManifest {
        guard let manifest = try manifest() else {
            throw Failure(
                .testnetNotFound, "there is no testnet in \(path)", do: Hint("cairn testnet up", "starts one"))
        }
        return manifest
    }

    /// The process that a node, or the radios, was last started as; whether it lives is another question.
    func process(_ name: String) -> ProcessIdentity? {
        guard let text = try? TextFile.read(processFile(name), limit: 4096),
            let record = try? JSONReader.read(Array(text.utf8)),
            let pid = record["pid"]?.integer(Int32.self), let start = record["start"]?.integer(UInt64.self)
        else { return nil }
        return ProcessIdentity(pid: pid, startTicks: start)
    }

    func record(_ process: ProcessIdentity, of name: String) throws(Failure) {
        let record: JSON = ["pid": JSON(process.pid), "start": JSON(process.startTicks)]
        try TextFile.replace(processFile(name), record.text + "\n", mode: 0o600)
    }

    /// /tmp is everybody's: a directory another user has put there must not be written to.
    private static func checkOwner(_ base: String, _ user: UInt32) throws(Failure) {
        // SAFETY: the call writes one local of the type it wants.
        var status = stat()
        guard unsafe lstat(base, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user, status.st_mode & 0o022 == 0 else {
            throw Failure(
                .cannotWrite, "\(base) is not a directory of this user alone",
                do: Hint("--dir DIR", "puts the testnet somewhere else"))
        }
    }
}
