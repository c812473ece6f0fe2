public import CairnBase
internal import Glibc

/// Serves a router over one listener.
///
/// Requests of a connection are answered one after the other. A client that is slow with a header, a body or with
/// taking its answers loses its connection, by the deadlines of `Limits.interface` and of the stream.
public final class HTTPServer {
    public struct Counters: Sendable, Equatable {
        public var requests: UInt64 = 0
        public var refused: UInt64 = 0
        /// Requests over TCP that were not looked at: wrong host or origin, no token, too many.
        public var turnedAway: UInt64 = 0
    }

    public let place: StreamListener.Place
    public private(set) var counters = Counters()
    /// Called for every answer, for metrics and logs.
    public var onAnswer: (HTTPStatus) -> Void = { _ in }

    /// Fields of every answer beside its own.
    public var common: () -> [(name: String, value: String)] = { [] }

    fileprivate let loop: EventLoop
    /// What is answered; it may come to be more while the server runs.
    public var router: HTTPRouter
    fileprivate let limits: Limits.Interface
    private let listener: StreamListener
    private let users: Set<UInt32> = [0, getuid()]
    /// For TCP; the socket file is for its owner alone.
    private var gate: HTTPGate?
    private var conversations: [ObjectIdentifier: HTTPConversation] = [:]
    private var isClosing = false

    public init(
        on loop: EventLoop, at place: StreamListener.Place, router: HTTPRouter, token: AccessToken? = nil,
        limits: Limits = Limits()
    ) throws(SystemError) {
        self.loop = loop
        self.router = router
        self.limits = limits.interface
        var admission = StreamListener.Admission()
        admission.total = limits.interface.connections
        admission.perAddress = limits.interface.connections
        var stream = StreamConnection.Limits()
        stream.input = limits.interface.headBytes * 2
        let box = WeakBox<HTTPServer>()
        listener = try StreamListener(on: loop, at: place, admission: admission, limits: stream) { stream in
            guard let server = box.value else { return stream.close() }
            server.open(stream)
        }
        self.place = listener.place
        if case .network(let endpoint) = listener.place {
            gate = HTTPGate(endpoint, token: token, limits: limits.interface)
        }
        box.value = self
    }

    /// Stops accepting; answers that are on their way are still sent.
    public func close() {
        isClosing = true
        listener.close()
        for conversation in conversations.values { conversation.finish() }
    }

    public var openCount: Int { conversations.count }

    private func open(_ stream: StreamConnection) {
        let origin: HTTPOrigin
        switch stream.peer {
        case .network: origin = .network
        case .local(let user):
            guard users.contains(user) else { return stream.close() }
            origin = .owner
        }
        let conversation = HTTPConversation(self, stream, origin)
        conversations[ObjectIdentifier(stream)] = conversation
        stream.handler = conversation
    }

    fileprivate func forget(_ stream: StreamConnection) {
        conversations[ObjectIdentifier(stream)] = nil
    }

    fileprivate func answer(
        _ request: HTTPRequest, from origin: HTTPOrigin, at peer: StreamConnection.Peer
    ) -> HTTPReply {
        counters.requests += 1
        if case .network(let client) = peer,
            let problem = gate?.problem(request, from: client.address, at: loop.now)
        {
            counters.turnedAway += 1
            return .now(problem)
        }
        return router.answer(request, from: origin)
    }

    fileprivate func note(_ status: HTTPStatus, refused: Bool) {
        if refused { counters.refused += 1 }
        onAnswer(status)
    }
}

private final class WeakBox<Value: AnyObject> {
    weak var value: Value?
}

/// One connection: parse, answer, repeat.
private final class HTTPConversation: StreamHandler {
    /// Nil once the server is gone; the connection then has nobody to speak for and ends.
    private weak let server: HTTPServer?
    private let loop: EventLoop
    private let limits: Limits.Interface
    private let stream: StreamConnection
    private let origin: HTTPOrigin
    private var parser: HTTPRequestParser
    private var deadline: TimerID?
    private var deadlinePhase = HTTPRequestParser.Phase.between
    private var isEnding = false
    /// An answer is still being looked up; the next request waits behind it.
    private var isWaiting = false
    /// To end as soon as that answer is sent.
    private var endsAfterAnswer = false
    /// What is being sent without an end.
    private var sending: HTTPStream?

    /// How long a client may take to read the last answer and hang up.
    private static let linger: TimeSpan = .seconds(2)

    init(_ server: HTTPServer, _ stream: StreamConnection, _ origin: HTTPOrigin) {
        self.server = server
        loop = server.loop
        limits = server.limits
        self.stream = stream
        self.origin = origin
        parser = HTTPRequestParser(limits: limits)
        setDeadline(limits.headTime)
    }

    func streamReceived(_ stream: StreamConnection) {
        serve()
    }

    func streamDrained(_ stream: StreamConnection) {
        serve()
    }

    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {
        clearDeadline()
        sending?.end()
        server?.forget(stream)
    }

    /// Sends what was answered and says good-bye.
    func finish() {
        guard !isEnding else { return }
        guard !isWaiting else { return endsAfterAnswer = true }
        sending?.end()
        isEnding = true
        stream.finish()
        setDeadline(Self.linger)
    }

    private func serve() {
        guard let server else { return stream.close() }
        var answered = false
        if sending != nil {
            // What such a client says is not looked at, except that it hangs up.
            stream.withInput { $0.consume(.max) }
            return stream.inputEnded ? finish() : ()
        }
        while !isEnding, !isWaiting, sending == nil, !stream.isCongested, !stream.isClosed {
            switch stream.withInput({ parser.advance(&$0) }) {
            case .request(let request):
                answered = true
                switch server.answer(request, from: origin, at: stream.peer) {
                case .now(let response):
                    send(response, keepsAlive: request.keepsAlive, forHead: request.method == .head)
                case .later(let begin): wait(for: begin, request)
                case .stream(let begin): start(begin, request)
                }
            case .refused(let refusal):
                send(.problem(refusal.status, refusal.detail), keepsAlive: false, refused: true)
            case .needsMore:
                if stream.inputEnded { return finish() }
                return watchPhase(restart: answered)
            }
        }
        // What comes after the last request is read and dropped: closing over unread bytes would reset the connection
        // and could take the answer with it.
        if isEnding { stream.withInput { $0.consume(.max) } }
    }

    private func start(_ begin: (HTTPStream) -> Void, _ request: HTTPRequest) {
        server?.note(.ok, refused: false)
        clearDeadline()
        guard stream.send(HTTPResponse.streamHead(type: "text/event-stream", at: Clock.wall())) else {
            return stream.close()
        }
        guard request.method != .head else { return finish() }
        let sending = HTTPStream(stream)
        self.sending = sending
        begin(sending)
    }

    private func wait(for begin: (@escaping (HTTPResponse) -> Void) -> Void, _ request: HTTPRequest) {
        isWaiting = true
        clearDeadline()
        begin { [weak self] response in
            guard let self, isWaiting else { return }
            isWaiting = false
            guard !stream.isClosed else { return }
            send(
                response, keepsAlive: request.keepsAlive && !endsAfterAnswer, forHead: request.method == .head)
            // Not within the call that asked: it goes on with the next request by itself.
            loop.after(.zero) { [weak self] in self?.serve() }
        }
    }

    private func send(
        _ response: HTTPResponse, keepsAlive: Bool, forHead: Bool = false, refused: Bool = false
    ) {
        server?.note(response.status, refused: refused)
        var response = response
        for field in server?.common() ?? [] { response.fields.append(field.name, field.value) }
        guard stream.send(response.encoded(at: Clock.wall(), keepsAlive: keepsAlive, forHead: forHead)) else {
            return stream.close()
        }
        if !keepsAlive { finish() }
    }

    /// Bounds how long a header or a body may take, from its first byte. Between requests the stream's idle time counts.
    private func watchPhase(restart: Bool) {
        let phase = parser.phase
        guard restart || phase != deadlinePhase else { return }
        deadlinePhase = phase
        switch phase {
        case .between, .refused: clearDeadline()
        case .head: setDeadline(limits.headTime)
        case .body: setDeadline(limits.bodyTime)
        }
    }

    private func setDeadline(_ span: TimeSpan) {
        clearDeadline()
        deadline = loop.after(span) { [weak self] in self?.deadlinePassed() }
    }

    private func clearDeadline() {
        if let deadline { loop.cancel(deadline) }
        deadline = nil
    }

    private func deadlinePassed() {
        deadline = nil
        if isEnding || parser.phase == .between { return stream.close() }
        send(.problem(.requestTimeout, "the request did not arrive in time"), keepsAlive: false, refused: true)
    }
}
