public import CairnBase
internal import CairnCrypto
public import CairnTransport
internal import CairnWire

/// The TCP plane of a simulated process: the transport's own state machines over simulated sockets, byte for byte.
///
/// It stands under any process: whoever hosts one passes on its segments and the time, acts on its events, and sends what
/// `flush` gives. Between the sockets and the connections nothing is abbreviated: every handshake is made, every byte
/// sealed.
public struct StreamPlane: Sendable {
    public enum Event: Sendable {
        case accepted(SocketName, from: ProcessID)
        case connection(SocketName, Connection.Event)
        /// A byte was altered on its way: no byte from here on is what the peer sent.
        case altered(SocketName)
        /// The socket is gone: reset, given up, or closed after a fault. Nothing follows.
        case ended(SocketName)
    }

    public enum Effect: Sendable {
        case send(ProcessID, SimulatedSegment)
        case wake(Instant)
    }

    struct Link: Sendable {
        let peer: ProcessID
        var socket: SimulatedSocket
        var connection: Connection
        /// After a fault: what is left is said, then the socket is reset.
        var isEnding = false
    }

    /// Bytes taken from a connection at a time; they cannot be overtaken any more.
    private static let portion = 16 << 10
    /// Connections at a time; beyond it arrivals are turned away.
    static let linkLimit = 64

    private let identity: NoiseIdentity
    private let protocols: [StreamProtocol]
    private let limits: Limits
    private var random: SeededRandom
    private(set) var links = OrderedMap<SocketName, Link>()
    private var outgoing: [(to: ProcessID, SimulatedSegment)] = []
    private var wakeAt = Instant.distantFuture

    public init(
        as identity: NoiseIdentity, speaking protocols: [StreamProtocol], limits: Limits = Limits(),
        random: SeededRandom
    ) {
        self.identity = identity
        self.protocols = protocols
        self.limits = limits
        self.random = random
    }

    /// The identity of a simulated machine, the same at every boot but for its Noise key.
    public static func identity(of process: ProcessID, key: SeededRandom, boot: SeededRandom) -> NoiseIdentity {
        var (key, boot) = (key.fork("identity", UInt64(process.index)), boot.fork("noise-key"))
        return NoiseIdentity(signedBy: SecretKey(seed: seed(&key)), local: AgreementKey(seed: seed(&boot)))
    }

    private static func seed(_ random: inout SeededRandom) -> Seed {
        var writer = ByteWriter(capacity: Bytes32.count)
        for _ in 0..<4 { writer.u64(random.next()) }
        return Seed(known: Bytes32(writer.bytes) ?? .zero)
    }

    public mutating func dial(_ peer: ProcessID, expecting node: NodeID?, at now: Instant) -> SocketName {
        let name = SocketName(number: random.next())
        links[name] = Link(
            peer: peer, socket: SimulatedSocket(name, isDialer: true, at: now),
            connection: connection(.dialer, expecting: node, at: now))
        return name
    }

    private mutating func connection(_ role: YamuxSession.Role, expecting node: NodeID?, at now: Instant) -> Connection
    {
        Connection(
            role, as: identity, ephemeral: AgreementKey(seed: Self.seed(&random)), expecting: node,
            speaking: protocols, limits: limits, at: now)
    }

    /// Acts on a connection; nil when it is gone.
    public mutating func perform<Result>(
        _ name: SocketName, into events: inout [Event],
        _ body: (inout Connection, inout [Connection.Event]) -> Result
    ) -> Result? {
        var told: [Connection.Event] = []
        let result = links.mutate(name) { body(&$0.connection, &told) }
        pass(told, of: name, into: &events)
        return result
    }

    /// Ends a connection at once.
    public mutating func close(_ name: SocketName, into events: inout [Event]) {
        guard let link = links.removeValue(forKey: name) else { return }
        outgoing.append((link.peer, SimulatedSocket.reset(name)))
        events.append(.ended(name))
    }

    /// Takes a segment. `alter` may change a byte of those that came in order and says which, as a wire does that nothing
    /// checks.
    public mutating func receive(
        _ segment: SimulatedSegment, from peer: ProcessID, at now: Instant, into events: inout [Event],
        alter: (inout [UInt8]) -> Int? = { _ in nil }
    ) {
        if links[segment.name] == nil, segment.kind == .open, links.count < Self.linkLimit {
            links[segment.name] = Link(
                peer: peer, socket: SimulatedSocket(segment.name, isDialer: false, at: now),
                connection: connection(.listener, expecting: nil, at: now))
            events.append(.accepted(segment.name, from: peer))
        }
        var bytes: [UInt8] = []
        let isBroken = links.mutate(segment.name) { link in
            guard link.peer == peer else { return false }
            bytes = link.socket.receive(segment, at: now)
            return link.socket.isBroken
        }
        let altered = alter(&bytes)
        feed(bytes.prefix(altered ?? bytes.count), to: segment.name, at: now, into: &events)
        if let altered {
            events.append(.altered(segment.name))
            feed(bytes.suffix(from: altered), to: segment.name, at: now, into: &events)
        }
        switch isBroken {
        case nil where segment.kind != .reset: outgoing.append((peer, SimulatedSocket.reset(segment.name)))
        case true: forget(segment.name, into: &events)
        default: break
        }
    }

    private mutating func feed(
        _ bytes: ArraySlice<UInt8>, to name: SocketName, at now: Instant, into events: inout [Event]
    ) {
        guard !bytes.isEmpty else { return }
        var told: [Connection.Event] = []
        links.mutate(name) { $0.connection.receive(bytes.span.bytes, at: now, into: &told) }
        pass(told, of: name, into: &events)
    }

    private mutating func forget(_ name: SocketName, into events: inout [Event]) {
        if links.removeValue(forKey: name) != nil { events.append(.ended(name)) }
    }

    private mutating func pass(_ told: [Connection.Event], of name: SocketName, into events: inout [Event]) {
        for event in told {
            if case .failed = event { links.mutate(name) { $0.isEnding = true } }
            events.append(.connection(name, event))
        }
    }

    /// Keeps the deadlines of all connections.
    public mutating func advance(to now: Instant, into events: inout [Event]) {
        for name in links.map(\.key) {
            var told: [Connection.Event] = []
            links.mutate(name) { link in
                if link.connection.nextDeadline <= now { link.connection.advance(to: now, into: &told) }
            }
            pass(told, of: name, into: &events)
        }
    }

    /// Sends what can be sent; to be called after everything else, until it gives no events.
    public mutating func flush(at now: Instant, into effects: inout [Effect], events: inout [Event]) {
        for name in links.map(\.key) {
            var told: [Connection.Event] = []
            var segments: [SimulatedSegment] = []
            let isOver = links.mutate(name) { link in
                while link.connection.hasOutput, link.socket.room > 2 * Self.portion {
                    var bytes: [UInt8] = []
                    link.connection.produce(Self.portion, into: &bytes, events: &told)
                    link.socket.send(bytes, at: now)
                }
                link.socket.flush(at: now, into: &segments)
                if link.isEnding, !link.connection.hasOutput { segments.append(SimulatedSocket.reset(name)) }
                return link.socket.isBroken || (link.isEnding && !link.connection.hasOutput)
            }
            guard let peer = links[name]?.peer else { continue }
            outgoing += segments.map { (peer, $0) }
            pass(told, of: name, into: &events)
            if isOver == true { forget(name, into: &events) }
        }
        effects += outgoing.map { .send($0.to, $0.1) }
        outgoing = []
        let deadline = links.reduce(Instant.distantFuture) {
            min($0, $1.value.connection.nextDeadline, $1.value.socket.deadline)
        }
        // A wake that is no longer needed does no harm; one that is missing would.
        guard deadline < .distantFuture, deadline < wakeAt || wakeAt <= now else { return }
        wakeAt = deadline
        effects.append(.wake(max(deadline, now)))
    }
}
