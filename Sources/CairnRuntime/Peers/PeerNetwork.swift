public import CairnBase
import CairnCrypto
public import CairnGossip
public import CairnTransport
import CairnWire

/// The peers of this node over TCP: sockets and links, carried along as the switchboard decides.
///
/// Every connection, dialled or accepted, becomes the same thing: a `PeerLink` that any libp2p node can identify and ping,
/// and over which the nodes of our network, once their hellos fit, send messages and ask each other.
public final class PeerNetwork {
    /// What a network is made of, apart from its loop and its key.
    public struct Settings: Sendable {
        public var limits = Limits()
        public var messageLimit: Int
        public var kinds: [RequestKind] = []
        public var agent = "cairn"
        public var seed: UInt64

        public init(messageLimit: Int, seed: UInt64) {
            self.messageLimit = messageLimit
            self.seed = seed
        }
    }

    let loop: EventLoop
    let identity: NoiseIdentity
    let log: Logger
    let settings: Settings
    var switchboard: Switchboard
    // ORDER: looked up by link; walked sorted where order can be seen.
    var links: [LinkID: PeerLink] = [:]
    var connected: [NodeID: PeerLink] = [:]
    /// Sockets that were accepted and are being decided on.
    var arriving: [LinkID: StreamConnection] = [:]
    var departures: [NodeID: PeerDeparture] = [:]
    // ORDER: looked up by question; walked sorted where order can be seen.
    var questions: [OpenQuestion: (PeerAnswer) -> Void] = [:]
    var services: [any StreamService] = []
    /// Kinds of questions that are answered beside the handler. ORDER: looked up by name only.
    var answerers: [String: (PeerQuestion) -> Void] = [:]
    var listening: Endpoint?
    /// Where others are told to dial us, and our sealed peer record with that, which identify carries on links from now on.
    public var advertised: Endpoint?
    public var record: [UInt8] = []
    /// What a faulty network does to connections, where that is tried.
    var gate: FaultGate?
    private var listener: StreamListener?
    private var inputs: [Switchboard.Input] = []
    private var isBusy = false
    private var isClosed = false
    public internal(set) var counters = PeerCounters()
    /// What using addresses has taught about them.
    public var onAddress: ((AddressBookInput) -> Void)?
    /// A member did what no honest one does, from this address.
    public var onOffence: ((NodeID, Offence, IPAddress?) -> Void)?
    /// A member said who it is, and where it sees us.
    public var onIdentity: ((NodeID) -> Void)?
    public weak var handler: (any PeerNetworkHandler)?

    /// A question of ours that waits for its answer.
    public struct OpenQuestion: Hashable, Sendable {
        let link: LinkID
        let stream: StreamID
    }

    private static let housekeeping = TimeSpan.milliseconds(250)
    static let departuresKept = 128

    public init(on loop: EventLoop, as identity: NoiseIdentity, _ settings: Settings, log: Logger) {
        self.loop = loop
        self.identity = identity
        self.settings = settings
        self.log = log
        switchboard = Switchboard(
            identity.node, limits: settings.limits.connections, random: SeededRandom(seed: settings.seed))
        keepHouse()
    }

    /// Serves further protocols on all links from now on; called before the first connection.
    public func add(_ service: any StreamService) { services.append(service) }

    /// Has questions of one of the settings' kinds answered by somebody else than the handler.
    public func serve(_ kind: RequestKind, _ answer: @escaping (PeerQuestion) -> Void) {
        answerers[kind.spoken.name] = answer
    }

    /// Starts to accept connections; returns where, with the port that was chosen.
    public func listen(at endpoint: Endpoint) throws(SystemError) -> Endpoint {
        var admission = StreamListener.Admission()
        // Whom to admit is the switchboard's decision; this only bounds sockets that are on their way out.
        admission.total = 2 * (settings.limits.connections.inbound + settings.limits.connections.handshakes)
        admission.perAddress = admission.total
        let listener = try StreamListener(
            on: loop, at: .network(endpoint), admission: admission, limits: socketLimits
        ) { [weak self] socket in self?.accept(socket) }
        self.listener = listener
        guard case .network(let bound) = listener.place else { return endpoint }
        listening = bound
        if !bound.address.isUnspecified { advertised = bound }
        return bound
    }

    /// Takes no connections, and dials from this address.
    public func callOut(from endpoint: Endpoint) { listening = endpoint }

    /// Keeps a connection to a peer from now on.
    public func keep(_ address: PeerAddress, isConfigured: Bool = true) {
        give(.keep(address, isConfigured: isConfigured))
    }

    /// Dials a peer once, to learn whether it is there; the connection stays where a slot is free for it.
    public func probe(_ address: PeerAddress) { give(.probe(address)) }

    /// Dials a peer once to ask it something, beside the slots, and again when called again; `leave` ends that. Says
    /// whether it is being dialled: not where it is connected, where it must not be, or where too many are.
    @discardableResult
    public func visit(_ address: PeerAddress) -> Bool {
        give(.visit(address))
        return switchboard.isDialling(address.node)
    }

    /// What there was to ask of a visited peer is asked.
    public func leave(_ node: NodeID) { give(.leave(node)) }

    /// Dials a peer no more.
    public func forget(_ node: NodeID) { give(.forget(node)) }

    /// Has nothing to do with these from now on; connections with them end.
    public func obey(_ banned: Banned) { give(.banned(banned)) }

    /// The members of our network that are connected.
    public var members: [NodeID] { connected.keys.sorted() }

    /// Queues a message to a member. False when it is not connected or has too much waiting.
    @discardableResult
    public func send(_ message: [UInt8], to node: NodeID, urgent: Bool) -> Bool {
        guard let link = connected[node] else { return false }
        if link.send(message, urgent: urgent) { return true }
        counters.refusedMessages += 1
        return false
    }

    /// Asks a member, and tells once what came of it. Nil when it is not connected, has too many questions of this kind, or
    /// has no room for it; then nothing is told.
    @discardableResult
    public func ask(
        _ kind: RequestKind, _ question: [UInt8], of node: NodeID, _ done: @escaping (PeerAnswer) -> Void
    ) -> OpenQuestion? {
        // Asking sends, and what cannot be sent may be the end of the link.
        guard let link = connected[node], let stream = link.ask(kind, question), links[link.id] != nil else {
            return nil
        }
        let asked = OpenQuestion(link: link.id, stream: stream)
        questions[asked] = done
        counters.questions += 1
        return asked
    }

    /// Gives up a question of ours: the peer need not answer it, and nothing is told.
    public func cancel(_ question: OpenQuestion) {
        guard questions.removeValue(forKey: question) != nil else { return }
        counters.cancelledQuestions += 1
        links[question.link]?.cancel(question.stream)
    }

    /// Answers a question of a peer; false when nobody waits for it any more. Status 0 means well, the others belong to
    /// the kind.
    @discardableResult
    public func answer(_ question: PeerQuestion, status: UInt8 = 0, _ bytes: [UInt8]) -> Bool {
        links[question.link]?.answer(question.stream, status: status, bytes) ?? false
    }

    /// Ends a connection for a reason that the operator is told.
    public func disconnect(_ node: NodeID, because reason: String) {
        connected[node]?.close(reason)
    }

    /// Ends all connections, letting what waits leave; `isIdle` once that is done.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        listener?.close()
        give(.stop)
        for link in links.values.sorted(by: { $0.id < $1.id }) { link.close("this node is stopping") }
    }

    public var isIdle: Bool { links.isEmpty }

    var socketLimits: StreamConnection.Limits {
        var limits = StreamConnection.Limits()
        limits.stalledWrite = settings.limits.connections.stalledWrite
        limits.unsentInKernel = settings.limits.connections.unsentInKernel
        // Keepalives are the connection's own business.
        limits.idle = settings.limits.connections.keepalive * UInt64(settings.limits.connections.keepaliveMisses + 2)
        return limits
    }

    /// Lets the switchboard decide, and carries out what it wants; what happens meanwhile is decided after that.
    func give(_ input: Switchboard.Input) {
        inputs.append(input)
        guard !isBusy else { return }
        isBusy = true
        while !inputs.isEmpty {
            var effects: [Switchboard.Effect] = []
            switchboard.handle(inputs.removeFirst(), at: loop.now, into: &effects)
            for effect in effects { carryOut(effect) }
        }
        isBusy = false
    }

    /// Bytes that all peers together make this process hold.
    var heldBytes: Int { links.values.reduce(0) { $0 + $1.heldCount } }

    /// They are bounded: beyond it, the peer that makes it hold most has to go.
    private func keepHouse() {
        if heldBytes > settings.limits.streams.bytesPerProcess {
            links.values.max { ($0.heldCount, $0.id) < ($1.heldCount, $1.id) }?.abort("it made this node hold too much")
        }
        guard !isClosed else { return }
        loop.after(Self.housekeeping) { [weak self] in self?.keepHouse() }
    }
}
