internal import CairnBase
public import CairnCrypto
internal import CairnGossip
internal import CairnNode
internal import CairnStore
internal import CairnTransport
internal import CairnWire
internal import Glibc

/// A running node: one loop, its sockets, and the cores it carries out the effects of.
///
/// It holds the home's lock, listens for other nodes on UDP, answers its owner on a unix socket and, when asked to, any
/// program of this machine on loopback TCP. SIGTERM, SIGINT and `POST /v1/stop` end it within five seconds.
public final class NodeShell {
    /// What others are told once everything listens.
    public struct Ready: Sendable, Equatable {
        public let entry: NodeEntry

        /// The line scripts wait for.
        public var line: String {
            "cairn ready  \(entry.name)  \(entry.node)  network \(entry.network)  p2p \(entry.listen)"
                + "  api \(entry.api ?? "-")  socket \(entry.socket)\n"
        }

        /// To standard output, in one write; a reader that is gone is no reason to stop.
        public func print() {
            let bytes = Array(line.utf8)
            // SAFETY: the buffer outlives the call.
            _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        }
    }

    let configuration: NodeConfiguration
    let loop: EventLoop
    let id: NodeID
    let name: String
    let metrics = NodeMetrics()
    /// Made once, for it may have megabytes.
    lazy var cometGenesis = makeCometGenesis()
    let started = (wall: Clock.wall(), at: Clock.monotonic())
    private(set) var isStopping = false
    /// What it had to do before it stops is done.
    private var isOver = false

    let identity: NodeIdentity
    private let log: Logger
    private let p2pLog: Logger
    let output: LogOutput
    private let lock: HomeLock
    private(set) var mesh: MeshShell?
    private(set) var addresses: AddressBookShell?
    private(set) var bans: BanShell?
    private(set) var reachability: ReachabilityShell?
    private(set) var portMapping: PortMappingShell?
    private(set) var seeds: SeedShell?
    private(set) var servers: [HTTPServer] = []
    private var signals: SignalSource?
    private(set) var network: PeerNetwork?
    private(set) var chain: ChainShell?
    /// While a new home looks for a snapshot to begin with.
    private(set) var fetcher: SnapshotFetcher?
    private(set) var pubSub: PubSubShell?
    private(set) var gateway: GatewayShell?
    private(set) var pieces: PieceService?
    private(set) var custody: CustodyShell?
    private(set) var audits: AuditShell?
    private(set) var sealed: SealedService?
    private(set) var desk: QuestionDesk?
    private(set) var gate: FaultGate?
    let events: EventHub
    private var failure: ChainFailure?
    private var process = ProcessIdentity(pid: 0, startTicks: 0)

    /// How long answers that are on their way may take once the node is to stop.
    private static let stopTime: TimeSpan = .seconds(2)

    /// Runs a node on this thread until it is told to stop.
    ///
    /// - Parameter ready: called once everything listens; by default it prints `Ready.line` to standard output.
    public static func run(
        _ configuration: NodeConfiguration, identity: consuming NodeIdentity, log output: LogOutput,
        ready: (Ready) -> Void = { $0.print() }
    ) throws(NodeFailure) {
        let lock = try takeLock(configuration)
        let loop: EventLoop
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw .system(error)
        }
        let shell = NodeShell(configuration, identity, output, lock, loop)
        defer { shell.close() }
        let entry = try shell.open()
        // Fetching takes its time, in which the node already answers.
        let wish = shell.snapshotWish
        if wish != nil { ready(Ready(entry: entry)) }
        try shell.begin(wish)
        if wish == nil, !shell.isStopping { ready(Ready(entry: entry)) }
        try shell.turn()
        if let failure = shell.failure { throw .chain(failure) }
    }

    private init(
        _ configuration: NodeConfiguration, _ identity: consuming NodeIdentity, _ output: LogOutput,
        _ lock: consuming HomeLock, _ loop: EventLoop
    ) {
        self.configuration = configuration
        self.output = output
        self.loop = loop
        log = output.logger("node")
        p2pLog = output.logger("p2p")
        id = identity.id
        name = configuration.name ?? NodeName(of: identity.id, using: Blake2b()).description
        self.identity = identity
        self.lock = lock
        metrics.setVersion(configuration.version)
        events = EventHub(on: loop, run: started.wall.millisecondsSince1970, limits: configuration.limits.interface)
    }

    private static func takeLock(_ configuration: NodeConfiguration) throws(NodeFailure) -> HomeLock {
        do throws(HomeLock.Refusal) {
            return try HomeLock(runDirectory: configuration.runDirectory)
        } catch {
            switch error {
            case .held(let pid): throw .homeInUse(pid: pid)
            case .failed(let error): throw .socket(path: configuration.runDirectory, error)
            }
        }
    }
}

// MARK: - Opening and stopping

extension NodeShell {
    /// Binds everything, announces the node, and looks for its first peers.
    private func open() throws(NodeFailure) -> NodeEntry {
        // First: threads that are started later inherit the blocked signals.
        do throws(SystemError) {
            signals = try SignalSource(on: loop) { [unowned self] request in
                switch request {
                case .stop: stop("signal")
                case .reload: reload(log)
                }
            }
        } catch {
            throw .system(error)
        }
        let mesh = try openMesh()
        if configuration.takesFaults { gate = FaultGate(seed: SecureRandom.seed()) }
        mesh.gate = gate
        try openNetwork(at: mesh.local)
        let addresses = openAddresses(mesh)
        self.addresses = addresses
        reachability = openReachability(mesh, addresses)
        portMapping = openPortMapping(at: mesh.local)
        bans = openBans(mesh)
        seeds = openSeeds(mesh, addresses)
        try openDesk()
        let router = HTTPRouter(routes)
        servers = [try serve(.local(path: configuration.socket), router)]
        if let api = configuration.api {
            guard api.address.isLoopback || configuration.token != nil else { throw .apiWithoutToken(api) }
            servers.append(try serve(.network(api), router))
        }
        let entry = try announce(listen: mesh.local)
        keepHouse()
        log.info("started", ["node": .text(id.peerID), "name": .text(name), "p2p": .endpoint(mesh.local)])
        bans?.start()
        mesh.start(seeds: configuration.peers.filter { $0 != mesh.local })
        addresses.handle(.start)
        portMapping?.start()
        seeds?.start()
        return entry
    }

    /// Turns the loop until the node is told to stop, or `stop` of the loop is called.
    private func turn() throws(NodeFailure) {
        guard !isOver else { return }
        do throws(SystemError) {
            try loop.run()
        } catch {
            throw .system(error)
        }
    }

    /// Opens the chain, from a snapshot where one is wished for.
    private func begin(_ wish: SnapshotWish?) throws(NodeFailure) {
        guard let part = configuration.part, let network else { return }
        if let wish { try fetchSnapshot(wish, part, network) }
        guard !isStopping else { return }
        try openChain(part, network)
        for server in servers { server.router = HTTPRouter(routes) }
        chain?.start()
        for node in network.members { chain?.meet(node) }
    }

    /// Nil where the home is not new, where there is nobody to ask, and where nobody could be believed.
    private var snapshotWish: SnapshotWish? {
        guard let part = configuration.part, let wish = part.snapshot, part.isNew,
            !configuration.peers.isEmpty || !configuration.seeds.isEmpty
        else { return nil }
        guard wish.isStale(part.genesis, since: part.checkpoint, at: Clock.wall().millisecondsSince1970) else {
            return wish
        }
        output.logger("chain").info(
            "the chain begins with genesis",
            ["why": .text("who is trusted may have withdrawn their stake; a newer chain.checkpoint names others")])
        return nil
    }

    private func fetchSnapshot(
        _ wish: SnapshotWish, _ part: ChainConfiguration, _ network: PeerNetwork
    ) throws(NodeFailure) {
        let log = output.logger("chain")
        do throws(ChainFailure) {
            let fetcher = try SnapshotFetcher(on: loop, network: network, part, wish, log: log)
            self.fetcher = fetcher
            fetcher.onEnd = { [unowned self] result in
                switch result {
                case .success(let head): log.info("the chain begins here", ["height": .ordinal(head.height)])
                case .failure(let why): log.info("the chain begins with genesis", ["why": .text("\(why)")])
                }
                loop.stop()
            }
            fetcher.start()
        } catch {
            throw .chain(error)
        }
        try turn()
        fetcher?.close()
        fetcher = nil
        if let failure { throw .chain(failure) }
    }

    /// Listens for peers on TCP, at the port where UDP listens.
    private func openNetwork(at endpoint: Endpoint) throws(NodeFailure) {
        guard let part = configuration.part else { return }
        var settings = PeerNetwork.Settings(messageLimit: NodeMessage.byteLimit, seed: SecureRandom.seed())
        settings.limits = configuration.limits
        settings.kinds =
            ChainShell.questionKinds + [ReachabilityShell.kind] + (configuration.storage == nil ? [] : [.pieces])
        settings.agent = "cairn/\(configuration.version)"
        let network = PeerNetwork(
            on: loop, as: NoiseIdentity(signedBy: identity.key, local: .generate()), settings, log: p2pLog)
        network.gate = gate
        self.network = network
        let pubSub = PubSubShell(on: loop, as: id, topics: ChainShell.topics, limits: configuration.limits.gossip) {
            [unowned self] in identity.key.sign($0)
        }
        network.add(pubSub)
        network.add(GenesisService(part.genesis.encoded) { [weak network] in network?.handler?.peerHello })
        self.pubSub = pubSub
        try openPieces(network)
        do throws(SystemError) {
            if configuration.isOutboundOnly {
                network.callOut(from: endpoint)
            } else {
                _ = try network.listen(at: endpoint)
            }
            network.record = peerRecord(of: network.advertised)
        } catch {
            throw .address(endpoint, error)
        }
    }

    private func openPieces(_ network: PeerNetwork) throws(NodeFailure) {
        guard let storage = configuration.storage else { return }
        do throws(PieceServiceFailure) {
            pieces = try PieceService(
                network, of: id, on: configuration.chain, storage, log: output.logger("storage"))
        } catch {
            throw .storage(error)
        }
    }

    private func openChain(_ part: ChainConfiguration, _ network: PeerNetwork) throws(NodeFailure) {
        do throws(ChainFailure) {
            let chain = try ChainShell(on: loop, network: network, part, log: output.logger("chain"))
            if let gate {
                chain.wall = { gate.wall }
                chain.equivocates = { gate.faults.equivocates }
            }
            if let pubSub { chain.join(pubSub) }
            if let mesh { chain.join(mesh) }
            tellEvents(of: chain)
            chain.onFailure = { [unowned self] failure in
                self.failure = failure
                stop("failure")
            }
            self.chain = chain
        } catch {
            throw .chain(error)
        }
        try openGateway()
        openCustody()
        try openSealed(network)
        let devices = [
            configuration.storage?.device, configuration.gateway?.device, configuration.sealed?.device,
        ].compactMap(\.self)
        guard !devices.isEmpty, let chain else { return }
        chain.devices = devices.map(\.device)
        let audits: AuditShell
        do throws(SystemError) {
            audits = try AuditShell(on: network, chain, devices, log: output.logger("storage"))
        } catch {
            throw .system(error)
        }
        audits.whereabouts = { [unowned self] node in
            mesh?.membership.members[node]?.endpoint ?? addresses?.book.entries[node]?.endpoint
        }
        self.audits = audits
    }

    /// Shards that the chain gives this node are looked after as soon as there are both.
    private func openCustody() {
        guard let pieces, let network, let chain else { return }
        let shell = CustodyShell(on: network, chain, pieces, of: id, log: output.logger("storage")) {
            [unowned self] in identity.key.sign($0)
        }
        custody = shell
        shell.begin()
    }

    private func openSealed(_ network: PeerNetwork) throws(NodeFailure) {
        guard let settings = configuration.sealed, let chain, let pieces else { return }
        do throws(SystemError) {
            let service = try SealedService(network, chain, settings, log: output.logger("sealed"))
            pieces.sealed = service
            sealed = service
        } catch {
            throw .system(error)
        }
    }

    private func openDesk() throws(NodeFailure) {
        do throws(SystemError) {
            desk = try QuestionDesk(
                configuration.part == nil ? [] : configuration.questions, on: loop,
                limits: configuration.limits.interface)
        } catch {
            throw .system(error)
        }
    }

    private func openGateway() throws(NodeFailure) {
        guard let settings = configuration.gateway, let chain else { return }
        do throws(SystemError) {
            gateway = try GatewayShell(on: loop, chain: chain, settings, log: output.logger("radio"))
        } catch {
            throw error.isAddressInUse ? .address(settings.listen, error) : .system(error)
        }
    }

    private func openMesh() throws(NodeFailure) -> MeshShell {
        do throws(SystemError) {
            let mesh = try MeshShell(
                on: loop, bind: configuration.listen, as: id, chain: configuration.chain, limits: configuration.limits,
                log: p2pLog
            ) { [unowned self] body in
                identity.key.sign(body, tag: NodeRecord.domainTag, chain: configuration.chain)
            }
            mesh.onChange = { [unowned self] node, endpoint, state in changed(node, at: endpoint, to: state) }
            self.mesh = mesh
            return mesh
        } catch {
            throw .address(configuration.listen, error)
        }
    }

    /// Who answers on UDP is dialled on TCP, where blocks travel.
    private func changed(_ node: NodeID, at endpoint: Endpoint, to state: Member.State) {
        let isConfigured = configuration.peers.contains(endpoint)
        if let mesh { pubSub?.adapt(to: mesh.membership.members.count + 1) }
        events.tell(
            .peer,
            [
                "node": .string(node.peerID), "address": .string(endpoint.description),
                "state": .string(state.rawValue),
            ])
        switch state {
        case .alive:
            addresses?.handle(.reached(node, at: endpoint))
            network?.keep(PeerAddress(node, at: endpoint), isConfigured: isConfigured)
        case .dead: if !isConfigured { network?.forget(node) }
        case .known, .suspect: break
        }
    }

    private func serve(_ place: StreamListener.Place, _ router: HTTPRouter) throws(NodeFailure) -> HTTPServer {
        do throws(SystemError) {
            let server = try HTTPServer(
                on: loop, at: place, router: router, token: configuration.token, limits: configuration.limits)
            server.onAnswer = { [metrics] status in metrics.requests[String(status.rawValue)].add() }
            server.common = { [unowned self] in
                chain.map { [("x-cairn-height", "\($0.status.height)")] } ?? []
            }
            return server
        } catch {
            switch place {
            case .local(let path): throw .socket(path: path, error)
            case .network(let endpoint): throw .address(endpoint, error)
            }
        }
    }

    private func announce(listen: Endpoint) throws(NodeFailure) -> NodeEntry {
        process = ProcessIdentity.current ?? process
        let entry = NodeEntry(
            process: process, home: configuration.home, network: configuration.network, name: name, node: id.peerID,
            socket: configuration.socket, api: apiEndpoint?.description, listen: listen.description,
            version: configuration.version, started: started.wall.rfc3339)
        do throws(NodeRegistry.Refusal) {
            try configuration.registry.write(entry)
        } catch {
            throw .registry(error)
        }
        return entry
    }

    /// Where the API really listens.
    var apiEndpoint: Endpoint? {
        for server in servers {
            if case .network(let endpoint) = server.place { return endpoint }
        }
        return nil
    }

    var listenEndpoint: Endpoint { mesh?.local ?? configuration.listen }

    /// Once a second: tells the log lines that were folded.
    private func keepHouse() {
        output.tellFolded()
        loop.after(.seconds(1)) { [unowned self] in keepHouse() }
    }

    /// Ends the node: nothing new is taken in, answers that are on their way are sent.
    func stop(_ why: String) {
        guard !isStopping else { return }
        isStopping = true
        log.info("stopping", ["why": .text(why)])
        // Not in this call: the answer to a stop request is sent at the end of this turn.
        loop.after(.zero) { [unowned self] in
            events.close()
            for server in servers { server.close() }
            gateway?.close()
            chain?.stop()
            addresses?.save()
            bans?.stop()
            portMapping?.stop()
            network?.close()
            waitForAnswers(until: loop.now + Self.stopTime)
        }
    }

    private func waitForAnswers(until deadline: Instant) {
        let isDone =
            servers.allSatisfy { $0.openCount == 0 } && network?.isIdle != false && portMapping?.isDone != false
        if isDone || loop.now >= deadline {
            isOver = true
            return loop.stop()
        }
        loop.after(.milliseconds(10)) { [unowned self] in waitForAnswers(until: deadline) }
    }

    private func close() {
        chain?.stop()
        desk?.close()
        audits?.close()
        sealed?.close()
        pieces?.close()
        servers = []
        mesh = nil
        // Not so when it never got as far as announcing itself.
        if process.pid != 0 {
            configuration.registry.remove(process)
            log.info("stopped", ["after": .span(Clock.monotonic().since(started.at))])
        }
        output.tellFolded(everything: true)
    }
}
