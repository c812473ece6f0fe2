public import CairnBase
import CairnCrypto
public import CairnTransport

/// One connection with a peer: the secure stream, and the session above it.
///
/// It carries out what the session and the stream services want and tells the network what came of it. It decides nothing:
/// who may stay is the switchboard's business.
public final class PeerLink {
    enum Event {
        case established(NodeID)
        case session(PeerSession.Event)
        /// The peer broke the protocol of the streams.
        case brokenStreams
        /// An event of a stream that the session does not know, for whoever serves it.
        case other(Connection.Event)
        case ended(reason: String, Switchboard.Ending)
    }

    public let id: LinkID
    public let isDialer: Bool
    public let opened: Instant
    public private(set) var peer: NodeID?
    /// The shortest of the last round trips, by keepalive and by ping.
    public private(set) var roundTrip: TimeSpan?
    private(set) var session: PeerSession
    private(set) var merit = Switchboard.Merit()
    private(set) var reason: String?
    private let loop: EventLoop
    private let limits: Limits
    private let endpointAtStart: StreamConnection.Peer
    private var stream: SecureStream?
    private var handle: ((PeerLink, Event) -> Void)?
    private var ending = Switchboard.Ending.broken
    private var fullSince: Instant?
    private var timer: TimerID?
    /// What we say of ourselves: made anew while a hello may be sent, for the height and the clock in it.
    private let makeHello: () -> PeerHello?
    private var pending: [PeerSession.Event] = []
    private var isTelling = false

    init(
        _ id: LinkID, on loop: EventLoop, over socket: StreamConnection, _ connection: Connection,
        _ session: PeerSession, limits: Limits, hello: @escaping () -> PeerHello?,
        handle: @escaping (PeerLink, Event) -> Void
    ) {
        self.id = id
        self.loop = loop
        self.limits = limits
        self.session = session
        makeHello = hello
        self.handle = handle
        isDialer = connection.role == .dialer
        opened = loop.now
        endpointAtStart = socket.peer
        stream = SecureStream(
            on: loop, over: socket, connection, farewellTime: limits.connections.farewellTime
        ) { [weak self] _, event in self?.react(to: event) }
    }

    public var endpoint: Endpoint? {
        if case .network(let endpoint) = endpointAtStart { endpoint } else { nil }
    }

    /// What its hello says beside ours, which was made when that came, and half of a round trip.
    var clockOffset: Int64? {
        guard let theirs = session.peerHello, let ours = session.hello else { return nil }
        let way = (roundTrip?.milliseconds ?? 0) / 2
        return Int64(clamping: Int128(theirs.time) - Int128(ours.time) + Int128(way))
    }

    /// The peer has said that it is of our network.
    var isIntroduced: Bool { session.isIntroduced }

    public var usage: Connection.Usage { stream?.connection.usage ?? Connection.Usage() }
    /// Bytes that this process holds for the peer.
    var heldCount: Int { usage.bytes + session.heldCount }

    /// Queues a message. False when the peer is not of our network or has too much waiting; a peer whose queue stays
    /// full is given up.
    func send(_ message: [UInt8], urgent: Bool) -> Bool {
        let isSent = act { session, connection, _ in session.send(message, urgent: urgent, on: &connection) } ?? false
        if isSent {
            fullSince = nil
        } else if session.isIntroduced, reason == nil {
            let since = fullSince ?? loop.now
            fullSince = since
            if loop.now.since(since) >= limits.connections.fullQueueTime { close("its queue stayed full") }
        }
        return isSent
    }

    func ask(_ kind: RequestKind, _ question: [UInt8]) -> StreamID? {
        act { session, connection, more in
            session.ask(kind, question, on: &connection, at: loop.now, more: &more)
        } ?? nil
    }

    func answer(_ id: StreamID, status: UInt8, _ answer: [UInt8]) -> Bool {
        act { session, connection, more in
            session.answer(id, status: status, answer, on: &connection, more: &more)
        } ?? false
    }

    func cancel(_ id: StreamID) {
        act { session, connection, more in session.cancel(id, on: &connection, more: &more) }
    }

    func ping() {
        act { session, connection, _ in session.ping(SecureRandom.bytes32(), on: &connection, at: loop.now) }
    }

    /// For a service of further protocols: acts on the connection, and hears of what follows through its own events.
    public func perform<Result>(_ body: (inout Connection, inout [Connection.Event]) -> Result) -> Result? {
        stream?.perform(body)
    }

    /// Ends the link for a reason that people are told; what waits to be sent may still leave.
    func close(_ reason: String, _ ending: Switchboard.Ending = .broken) {
        guard self.reason == nil else { return }
        self.reason = reason
        self.ending = ending
        stream?.finish()
    }

    /// Ends the link at once, for a peer that broke the rules.
    func abort(_ reason: String) {
        guard stream != nil else { return }
        self.reason = self.reason ?? reason
        stream?.close()
    }

    /// For tests: plays a peer that is there and reads nothing any more.
    func stopReading() { stream?.socket.limits.input = 0 }

    @discardableResult
    private func act<Result>(
        _ body: (inout PeerSession, inout Connection, inout [Connection.Event]) -> Result
    ) -> Result? {
        defer { rearm() }
        return stream?.perform { connection, more in body(&session, &connection, &more) }
    }

    private func react(to event: SecureStream.Event) {
        switch event {
        case .connection(let event): react(to: event)
        case .ended(let socketEnding):
            if let timer { loop.cancel(timer) }
            timer = nil
            stream = nil
            let handle = handle
            self.handle = nil
            handle?(self, .ended(reason: reason ?? socketEnding.sentence, ending))
        }
    }

    private func react(to event: Connection.Event) {
        if !session.isIntroduced { session.hello = makeHello() }
        var told: [PeerSession.Event] = []
        let isSessions =
            act { session, connection, more in
                session.handle(event, on: &connection, at: loop.now, into: &told, more: &more)
            } ?? true
        switch event {
        case .established(let node):
            peer = node
            handle?(self, .established(node))
        case .roundTrip(let time): measure(time)
        case .failed(let fault):
            reason = reason ?? fault.sentence
            if case .wrongPeer = fault { ending = .misfit }
            if case .streams(let fault) = fault, fault.isProof { handle?(self, .brokenStreams) }
        default: break
        }
        if !isSessions { handle?(self, .other(event)) }
        tell(told)
    }

    /// In order and one at a time, also those that telling another caused.
    private func tell(_ events: [PeerSession.Event]) {
        pending += events
        guard !isTelling else { return }
        isTelling = true
        while !pending.isEmpty {
            let event = pending.removeFirst()
            switch event {
            case .ponged(let time): measure(time)
            case .message(_, urgent: true): merit.urgentMessages &+= 1
            case .message: merit.largeMessages &+= 1
            default: break
            }
            handle?(self, .session(event))
        }
        isTelling = false
    }

    private func measure(_ time: TimeSpan) {
        roundTrip = time
        merit.roundTrip = min(merit.roundTrip ?? time, time)
    }

    /// The session's own deadlines: questions that nobody answers.
    private func rearm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        let deadline = session.nextDeadline
        guard stream != nil, deadline < .distantFuture else { return }
        timer = loop.at(deadline) { [weak self] in
            guard let self else { return }
            timer = nil
            var told: [PeerSession.Event] = []
            act { session, connection, more in
                session.advance(to: self.loop.now, on: &connection, into: &told, more: &more)
            }
            tell(told)
        }
    }
}
