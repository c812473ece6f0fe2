public import CairnBase
internal import CairnWire

/// Everything we talk about with one peer above its connection: introductions, hello, questions and messages.
///
/// It takes the connection's events and claims those of its own streams; who serves further protocols takes the rest.
/// The dialing end says hello first. Until both hellos fit, questions other than that are refused and a message ends the
/// session: a stranger gets what any libp2p node gives, and nothing else.
public struct PeerSession: Sendable {
    public enum Event: Sendable, Equatable {
        /// The hellos fit: from here on there are questions and messages.
        case introduced(PeerHello)
        /// They do not, for this reason in words. What waits may still leave, so that the peer learns it too.
        case misfit(String)
        /// The peer does not speak our protocols.
        case strange
        case identified(IdentifyMessage)
        case ponged(TimeSpan)
        case message([UInt8], urgent: Bool)
        case asked(StreamID, name: String, [UInt8])
        case answered(StreamID, status: UInt8, [UInt8])
        case failed(StreamID, Requests.Failure)
        /// The peer broke the rules of our protocols.
        case broken(String)
        /// It did so in a way that is nobody's accident.
        case violated(Violation)
    }

    public enum Violation: Sendable, Equatable {
        case oversizeMessage(limit: Int)
        case falseKey

        public var sentence: String {
            switch self {
            case .oversizeMessage(let limit): "it sent a message longer than \(limit) bytes"
            case .falseKey: "it claims another key than it has proven"
            }
        }
    }

    /// What a session is made for.
    public struct Setting: Sendable {
        public var identify: IdentifyMessage
        public var kinds: [RequestKind]
        public var messageLimit: Int
        /// Names of protocols that others serve on the same connection.
        public var others: [StreamProtocol]

        public init(
            identify: IdentifyMessage, kinds: [RequestKind], messageLimit: Int, others: [StreamProtocol] = []
        ) {
            self.identify = identify
            self.kinds = kinds
            self.messageLimit = messageLimit
            self.others = others
            self.identify.protocols = protocols.map(\.name)
        }

        /// What the connection speaks, and identify lists.
        public var protocols: [StreamProtocol] {
            Introductions.protocols + [PeerHello.kind.spoken] + kinds.map(\.spoken) + MessageLanes.protocols + others
        }
    }

    /// What we say of ourselves now; nil while we take part in nothing. Kept fresh by the owner.
    public var hello: PeerHello?
    /// What the peer said, once it fits.
    public private(set) var peerHello: PeerHello?
    private let clockDifference: TimeSpan
    private let isDialer: Bool
    private var introductions: Introductions
    private var requests: Requests
    private var lanes: MessageLanes
    private var greeting: StreamID?
    private var isGreeted = false

    public init(_ setting: Setting, isDialer: Bool, limits: Limits) {
        self.isDialer = isDialer
        clockDifference = limits.connections.clockDifference
        introductions = Introductions(as: setting.identify, limits: limits.addresses)
        requests = Requests(of: [PeerHello.kind] + setting.kinds)
        lanes = MessageLanes(messageLimit: setting.messageLimit)
    }

    /// What the peer said about itself.
    public var identity: IdentifyMessage? { introductions.peer }
    public var isIntroduced: Bool { peerHello != nil }
    /// Bytes held for frames whose end has not arrived.
    public var heldCount: Int { requests.heldCount + lanes.heldCount }

    public mutating func send(_ message: [UInt8], urgent: Bool, on connection: inout Connection) -> Bool {
        isIntroduced && lanes.send(message, urgent: urgent, on: &connection)
    }

    public mutating func ask(
        _ kind: RequestKind, _ question: [UInt8], on connection: inout Connection, at now: Instant,
        more: inout [Connection.Event]
    ) -> StreamID? {
        isIntroduced ? requests.ask(kind, question, on: &connection, at: now, more: &more) : nil
    }

    public mutating func answer(
        _ id: StreamID, status: UInt8, _ answer: [UInt8], on connection: inout Connection,
        more: inout [Connection.Event]
    ) -> Bool {
        requests.answer(id, status: status, answer, on: &connection, more: &more)
    }

    public mutating func cancel(_ id: StreamID, on connection: inout Connection, more: inout [Connection.Event]) {
        requests.cancel(id, on: &connection, more: &more)
    }

    public mutating func ping(_ question: Bytes32, on connection: inout Connection, at now: Instant) {
        introductions.ping(question, on: &connection, at: now)
    }

    public var nextDeadline: Instant { requests.nextDeadline }

    /// Gives up what has taken too long.
    public mutating func advance(
        to now: Instant, on connection: inout Connection, into events: inout [Event], more: inout [Connection.Event]
    ) {
        var told: [Requests.Event] = []
        requests.advance(to: now, on: &connection, into: &told, more: &more)
        for event in told { react(to: event, on: &connection, into: &events, more: &more) }
    }

    /// Takes one event of the connection; false when it is none of ours.
    public mutating func handle(
        _ event: Connection.Event, on connection: inout Connection, at now: Instant, into events: inout [Event],
        more: inout [Connection.Event]
    ) -> Bool {
        if case .established = event {
            begin(on: &connection, at: now, more: &more)
            return false
        }
        var learned: [Introductions.Event] = []
        if introductions.handle(event, on: &connection, at: now, into: &learned, more: &more) {
            for event in learned { react(to: event, into: &events) }
            return true
        }
        var told: [Requests.Event] = []
        if requests.handle(event, on: &connection, at: now, into: &told, more: &more) {
            for event in told { react(to: event, on: &connection, into: &events, more: &more) }
            return true
        }
        var heard: [MessageLanes.Event] = []
        guard lanes.handle(event, on: &connection, into: &heard, more: &more) else { return false }
        for event in heard { react(to: event, into: &events) }
        return true
    }

    private mutating func begin(on connection: inout Connection, at now: Instant, more: inout [Connection.Event]) {
        if isDialer, let hello {
            greeting = requests.ask(PeerHello.kind, hello.encoded, on: &connection, at: now, more: &more)
        }
        introductions.askIdentity(on: &connection)
    }

    private func react(to event: Introductions.Event, into events: inout [Event]) {
        switch event {
        case .identified(let message): events.append(.identified(message))
        case .ponged(let time): events.append(.ponged(time))
        case .lied: events.append(.violated(.falseKey))
        }
    }

    private func react(to event: MessageLanes.Event, into events: inout [Event]) {
        switch event {
        case .message(let bytes, let urgent):
            events.append(
                isIntroduced ? .message(bytes, urgent: urgent) : .broken("it sent a message before its hello"))
        case .broken(let reason): events.append(.broken(reason))
        case .oversize: events.append(.violated(.oversizeMessage(limit: lanes.messageLimit)))
        }
    }

    private mutating func react(
        to event: Requests.Event, on connection: inout Connection, into events: inout [Event],
        more: inout [Connection.Event]
    ) {
        switch event {
        case .asked(let id, PeerHello.kind.spoken.name, let bytes):
            hear(bytes, id, on: &connection, into: &events, more: &more)
        case .asked(let id, let name, let bytes):
            guard isIntroduced else { return requests.cancel(id, on: &connection, more: &more) }
            events.append(.asked(id, name: name, bytes))
        case .answered(greeting, let status, let bytes):
            hear(status: status, bytes, on: &connection, into: &events)
        case .failed(greeting, let failure):
            events.append(failure == .refused ? .strange : .broken("it did not answer our hello"))
        case .answered(let id, let status, let bytes): events.append(.answered(id, status: status, bytes))
        case .failed(let id, let failure): events.append(.failed(id, failure))
        }
    }

    /// The peer's hello as a question: it is answered with ours, and with the reason when they do not fit.
    private mutating func hear(
        _ bytes: [UInt8], _ id: StreamID, on connection: inout Connection, into events: inout [Event],
        more: inout [Connection.Event]
    ) {
        guard !isDialer, !isGreeted, let theirs = try? PeerHello.decode(bytes, limit: PeerHello.kind.questionLimit)
        else { return events.append(.broken("its hello cannot be read, or is its second one")) }
        isGreeted = true
        guard let hello else {
            _ = answer(id, status: PeerHello.Misfit.idle.rawValue, [], on: &connection, more: &more)
            return
        }
        let misfit = hello.misfit(with: theirs, clockDifference: clockDifference)
        _ = answer(id, status: misfit?.rawValue ?? 0, hello.encoded, on: &connection, more: &more)
        conclude(theirs, misfit, on: &connection, into: &events)
    }

    /// The peer's hello as the answer to ours. What we think of it ourselves comes before what it thinks of us.
    private mutating func hear(
        status: UInt8, _ bytes: [UInt8], on connection: inout Connection, into events: inout [Event]
    ) {
        if status == PeerHello.Misfit.idle.rawValue { return events.append(.misfit("it takes part in no network")) }
        guard let hello, let theirs = try? PeerHello.decode(bytes, limit: PeerHello.kind.answerLimit) else {
            return events.append(.broken("its hello cannot be read"))
        }
        let ours = hello.misfit(with: theirs, clockDifference: clockDifference)
        if ours == nil, status != 0, PeerHello.Misfit(rawValue: status) == nil {
            return events.append(.misfit("it refuses us with a reason that is unknown here (\(status))"))
        }
        conclude(theirs, ours ?? PeerHello.Misfit(rawValue: status), on: &connection, into: &events)
    }

    private mutating func conclude(
        _ theirs: PeerHello, _ misfit: PeerHello.Misfit?, on connection: inout Connection, into events: inout [Event]
    ) {
        if let misfit {
            return events.append(.misfit(hello?.sentence(misfit, with: theirs) ?? "\(misfit)"))
        }
        peerHello = theirs
        guard lanes.open(on: &connection) else { return events.append(.broken("it takes no streams of ours")) }
        events.append(.introduced(theirs))
    }
}
