import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire
import Glibc

/// Finds the running node that a command means, or says where it looked and what runs instead.
///
/// In this order: `--node`, `--home`, `$CAIRN_NODE`, `$CAIRN_HOME`, the nearest `.cairn` upwards, the only node of this
/// user that runs, on the network of `--network` where that is given.
struct NodeFinder {
    private let session: Session
    private let registry: NodeRegistry

    init(_ session: Session) {
        self.session = session
        registry = session.surroundings.registry
    }

    func find() throws(Failure) -> NodeClient {
        let environment = session.surroundings.environment
        if let wanted = session.invocation[GlobalFlags.node] { return try named(wanted) }
        if session.invocation[GlobalFlags.home] == nil, let wanted = environment["CAIRN_NODE"], !wanted.isEmpty {
            return try named(wanted)
        }
        if let home = Home.named(session) { return client(home.controlSocket) }
        let network = session.invocation[GlobalFlags.network]
        let running = try running().filter { network == nil || $0.network == network }
        guard let only = running.first else { throw notFound("no running cairn node found", running) }
        guard running.count == 1 else {
            throw Failure(
                .nodeAmbiguous, "\(running.count) nodes run here, and it is not said which is meant",
                found: running.map(Self.line),
                hints: [Hint("--node \(only.name)", "means the first of them"), Hint("cairn nodes", "lists them")])
        }
        return client(only.socket)
    }

    /// The home that a command means, whether its node runs or not: as `find`, and last this user's own.
    func home() throws(Failure) -> Home {
        let environment = session.surroundings.environment
        let wanted =
            session.invocation[GlobalFlags.node]
            ?? (session.invocation[GlobalFlags.home] == nil ? environment["CAIRN_NODE"] : nil) ?? ""
        if !wanted.isEmpty {
            guard case .local(let socket) = try named(wanted).place else {
                throw Failure(
                    .badValue, "\(quoted(wanted)) is no node of this user here, so it names no home",
                    do: Hint("--home DIR", "says whose keys, chain and configuration are meant"))
            }
            return try Home(path: running().first { $0.socket == socket }?.home ?? parent(of: parent(of: socket)))
        }
        if let home = Home.named(session) { return home }
        let network = session.invocation[GlobalFlags.network]
        let running = try running().filter { network == nil || $0.network == network }
        if running.count > 1 { _ = try find() }
        if let only = running.first { return Home(path: only.home) }
        return try Home.chosen(session)
    }

    /// All nodes of this user that run on this machine.
    func running() throws(Failure) -> [NodeEntry] {
        do throws(NodeRegistry.Refusal) {
            return try registry.list()
        } catch {
            throw Failure(error)
        }
    }

    /// A node by its socket, its name, its three words, the start of its peer id, or the URL of its API.
    private func named(_ wanted: String) throws(Failure) -> NodeClient {
        if wanted.hasPrefix("http://") { return try client(url: wanted) }
        if wanted.contains("/") { return client(joinPath(session.surroundings.workingDirectory, wanted)) }
        let running = try running()
        let matches = running.filter {
            isMeant(wanted, name: $0.name, id: $0.node) || (try? NodeID(peerID: $0.node))?.words == wanted
        }
        guard let match = matches.first else { throw notFound("no node \(quoted(wanted)) runs here", running) }
        guard matches.count == 1 else {
            throw Failure(
                .nodeAmbiguous, "\(matches.count) nodes that run here are called \(quoted(wanted))",
                found: matches.map(Self.line), do: Hint("--node \(match.socket)", "means the first of them"))
        }
        return client(match.socket)
    }

    /// Over TCP a node answers what it answers anyone: what is for its owner alone goes by its socket.
    private func client(url: String) throws(Failure) -> NodeClient {
        let place = url.dropFirst("http://".count)
        guard let endpoint = Endpoint(String(place.last == "/" ? place.dropLast() : place)) else {
            throw Failure(
                .badValue, "\(quoted(url)) is no address of an API",
                do: Hint("--node http://127.0.0.1:7471", "is how one looks"))
        }
        if let own = try running().first(where: { $0.api == "\(endpoint)" }) { return client(own.socket) }
        return client(.network(endpoint))
    }

    private func client(_ socket: String) -> NodeClient { client(.local(path: socket)) }

    private func client(_ place: StreamListener.Place) -> NodeClient {
        NodeClient(at: place, timeout: session.invocation[GlobalFlags.timeout] ?? .seconds(10)) { message, tried in
            notFound(message, (try? running()) ?? [], tried: tried)
        }
    }

    private func notFound(_ message: String, _ running: [NodeEntry], tried: [Hint] = []) -> Failure {
        var found = running.map(Self.line)
        if session.surroundings.userID != 0, Directory.exists("/run/cairn") {
            found.append(Hint("/run/cairn", "root's nodes; sudo cairn nodes lists them"))
        }
        let others = running.first.map { [Hint("cairn --node \($0.name) status", "asks the one that runs")] } ?? []
        return Failure(
            .nodeNotFound, message, tried: tried.isEmpty ? [Hint(registry.directory, "the nodes of this user")] : tried,
            found: found, hints: others + beginning)
    }

    /// How there comes to be a node: where this user has no home yet, that is made first.
    private var beginning: [Hint] {
        let home = try? Home.chosen(session)
        if let home, fileExists(home.configFile) { return [Hint("cairn run", "starts one for this user")] }
        return [
            Hint("cairn init", "makes a home; then cairn run starts its node"),
            Hint("cairn dev", "runs a chain of one node, to try things on"),
        ]
    }

    private static func line(_ entry: NodeEntry) -> Hint {
        Hint("pid \(entry.process.pid)  \(entry.name)", "\(entry.home)  network \(entry.network)")
    }
}

extension NodeID {
    /// Its three words.
    var words: String { NodeName(of: self, using: Blake2b()).description }
}

extension Failure {
    init(_ refusal: NodeRegistry.Refusal) {
        switch refusal {
        case .untrusted(let path):
            self.init(
                .registryUntrusted, "\(path) is not a directory of this user alone",
                do: Hint("ls -ld \(shellWord(path))", "shows whose it is; remove it if nobody needs it"))
        case .failed(let error): self.init(.cannotWrite, "the list of running nodes: \(error)")
        }
    }
}
