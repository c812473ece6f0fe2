internal import CairnBase
public import CairnWire
internal import Glibc

/// What a running node tells the commands of this machine about itself.
public struct NodeEntry: Sendable, Equatable {
    public var process: ProcessIdentity
    public var home: String
    public var network: String
    public var name: String
    /// The peer id.
    public var node: String
    public var socket: String
    /// Where the API listens on loopback TCP; nil when it does not.
    public var api: String?
    public var listen: String
    public var version: String
    /// RFC 3339.
    public var started: String

    public var json: JSON {
        [
            "schema": "cairn.node/1", "pid": JSON(process.pid), "start_ticks": JSON(process.startTicks),
            "home": .string(home), "network": .string(network), "name": .string(name), "node": .string(node),
            "socket": .string(socket), "api": api.map { .string($0) } ?? .null, "listen": .string(listen),
            "version": .string(version), "started": .string(started),
        ]
    }

    public init?(_ json: JSON) {
        guard json["schema"]?.string == "cairn.node/1", let pid = json["pid"]?.integer(Int32.self),
            let ticks = json["start_ticks"]?.integer(UInt64.self), let home = json["home"]?.string,
            let network = json["network"]?.string, let name = json["name"]?.string, let node = json["node"]?.string,
            let socket = json["socket"]?.string, let listen = json["listen"]?.string,
            let version = json["version"]?.string, let started = json["started"]?.string
        else { return nil }
        self.init(
            process: ProcessIdentity(pid: pid, startTicks: ticks), home: home, network: network, name: name,
            node: node, socket: socket, api: json["api"]?.string, listen: listen, version: version, started: started)
    }

    public init(
        process: ProcessIdentity, home: String, network: String, name: String, node: String, socket: String,
        api: String?, listen: String, version: String, started: String
    ) {
        self.process = process
        self.home = home
        self.network = network
        self.name = name
        self.node = node
        self.socket = socket
        self.api = api
        self.listen = listen
        self.version = version
        self.started = started
    }
}

/// The nodes that run on this machine under one user, one small file each.
///
/// `cairn status` without a flag finds its node here. The directory belongs to the user alone, or is not used: in /tmp
/// somebody else may have made it first. Entries of processes that are gone are removed by whoever meets them.
public struct NodeRegistry: Sendable {
    public enum Refusal: Error, Equatable, Sendable {
        /// The directory is another user's, open to others, or no directory.
        case untrusted(path: String)
        case failed(SystemError)
    }

    public let directory: String

    private static let entryLimit = 256
    /// Nodes that were killed leave their files: they are looked through, and only those that live count above.
    private static let fileLimit = 65_536
    private static let entryBytes = 4_096

    public init(directory: String) {
        self.directory = directory
    }

    /// `$XDG_RUNTIME_DIR/cairn`, for root `/run/cairn`, else `/tmp/cairn-UID`.
    public init(environment: [String: String], user: UInt32? = nil) {
        let user = user ?? getuid()
        if user == 0 {
            directory = "/run/cairn"
        } else if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            directory = runtime + "/cairn"
        } else {
            directory = "/tmp/cairn-\(user)"
        }
    }

    /// Announces this process's node.
    public func write(_ entry: NodeEntry) throws(Refusal) {
        try prepare()
        do throws(SystemError) {
            try SmallFile.replace(path(entry.process.pid), with: Array(entry.json.indentedText.utf8) + [10])
        } catch {
            throw .failed(error)
        }
    }

    public func remove(_ process: ProcessIdentity) {
        unlink(path(process.pid))
    }

    /// The nodes that run now, by process number. No directory means no nodes.
    public func list() throws(Refusal) -> [NodeEntry] {
        guard access(directory, F_OK) == 0 else { return [] }
        try check()
        var entries: [NodeEntry] = []
        for pid in pids() where entries.count < Self.entryLimit {
            guard let bytes = try? SmallFile.read(path(pid), limit: Self.entryBytes),
                let json = try? JSONReader.read(bytes), let entry = NodeEntry(json), entry.process.pid == pid
            else { continue }
            if entry.process.isAlive { entries.append(entry) } else { remove(entry.process) }
        }
        return entries
    }

    private func path(_ pid: Int32) -> String { "\(directory)/\(pid).json" }

    private func prepare() throws(Refusal) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw .failed(lastError("mkdir")) }
        try check()
    }

    private func check() throws(Refusal) {
        var status = stat()
        // SAFETY: the pointer is to a local that lives across the call.
        guard unsafe lstat(directory, &status) == 0 else { throw .failed(lastError("lstat")) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw .untrusted(path: directory)
        }
    }

    /// The numbers of the files named `<pid>.json`, ascending.
    private func pids() -> [Int32] {
        guard let folder = opendir(directory) else { return [] }
        defer { closedir(folder) }
        var pids: [Int32] = []
        // SAFETY: readdir's entry is valid until the next call, and its name is NUL-terminated within its array.
        while let entry = unsafe readdir(folder), pids.count < Self.fileLimit {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json"), let pid = Int32(name.dropLast(5)), pid > 0 { pids.append(pid) }
        }
        return pids.sorted()
    }
}
