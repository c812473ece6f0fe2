import CairnBase
import CairnCrypto
import CairnRuntime
import CairnTransport
import CairnWire

/// One connection: introductions, pings and echoes. The dialling end asks for one of each, then closes.
final class InteropPeer {
    static let echo = StreamProtocol("/cairn/echo/1", .block)
    private static let question = Array("an echo over one stream of many".utf8)

    var ended: ((InteropPeer) -> Void)?
    private let loop: EventLoop
    private let role: YamuxSession.Role
    private var stream: SecureStream?
    private var introductions: Introductions
    /// Streams on which the peer's bytes go back to it.
    private var echoing: Set<StreamID> = []
    private var asking: StreamID?
    private var answer: [UInt8] = []
    private let started: Instant
    private var identified: IdentifyMessage?
    private var pinged: TimeSpan?
    /// From the dial to the first pong.
    private var firstPong: TimeSpan?
    private var isEchoed = false
    private var lastFault: ConnectionFault?
    private var ending: StreamConnection.Ending?

    static func freshIdentity() -> NoiseIdentity {
        NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
    }

    init(
        on loop: EventLoop, over socket: StreamConnection, _ role: YamuxSession.Role, as identity: NoiseIdentity,
        expecting node: NodeID? = nil, record: [UInt8] = []
    ) {
        self.loop = loop
        self.role = role
        started = loop.now
        let protocols = Introductions.protocols + [Self.echo]
        var ourselves = IdentifyMessage(node: identity.node)
        ourselves.protocols = protocols.map(\.name)
        ourselves.protocolVersion = "cairn/1"
        ourselves.agentVersion = "cairn-interop"
        ourselves.signedRecord = record
        introductions = Introductions(as: ourselves)
        let connection = Connection(
            role, as: identity, ephemeral: .generate(), expecting: node, speaking: protocols, at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] stream, event in
            self?.handle(event, on: stream)
        }
    }

    private var isComplete: Bool { identified != nil && pinged != nil && isEchoed }

    /// Everything was done, and the connection was closed by both ends, or by ours where the other took too long: it was
    /// not reset.
    var isWhole: Bool { isComplete && (ending == .finished || ending == .closedHere) }

    var summary: String {
        let agent = identified?.agentVersion ?? "-"
        return "agent=\(agent) protocols=\(identified?.protocols.count ?? 0) "
            + "first_pong_us=\(microseconds(firstPong)) ping_us=\(microseconds(pinged)) echo=\(isEchoed) "
            + "end=\(ending.map { "\($0)" } ?? "-")\(lastFault.map { " after \($0)" } ?? "")"
    }

    private func microseconds(_ span: TimeSpan?) -> String { span.map { "\($0.nanoseconds / 1_000)" } ?? "-" }

    private func handle(_ event: SecureStream.Event, on stream: SecureStream) {
        switch event {
        case .connection(let event): react(to: event, on: stream)
        case .ended(let reason):
            ending = reason
            ended?(self)
            self.stream = nil
        }
    }

    private func react(to event: Connection.Event, on stream: SecureStream) {
        var heard: [Introductions.Event] = []
        let isTheirs = stream.perform { connection, more in
            introductions.handle(event, on: &connection, at: loop.now, into: &heard, more: &more)
        }
        for event in heard { learn(event) }
        if !isTheirs { serve(event, on: stream) }
        if role == .dialer, isComplete { stream.finish() }
    }

    private func learn(_ event: Introductions.Event) {
        switch event {
        case .identified(let message): identified = message
        case .ponged(let time):
            pinged = time
            if firstPong == nil { firstPong = loop.now.since(started) }
        case .lied: stream?.close()
        }
    }

    private func serve(_ event: Connection.Event, on stream: SecureStream) {
        switch event {
        case .established where role == .dialer:
            stream.perform { connection, _ in
                introductions.ping(SecureRandom.bytes32(), on: &connection, at: loop.now)
                introductions.askIdentity(on: &connection)
                asking = connection.open([Self.echo.name], Self.echo.sendClass)
                if let asking {
                    _ = connection.write(asking, Self.question)
                    connection.finish(asking)
                }
            }
        case .opened(let id, Self.echo.name): echoing.insert(id)
        case .received(let id, let bytes):
            if id == asking { answer += bytes }
            stream.perform { connection, more in
                if echoing.contains(id), !connection.write(id, bytes) { connection.reset(id, into: &more) }
                connection.consume(id, bytes.count, into: &more)
            }
        case .finished(let id):
            if id == asking { isEchoed = answer == Self.question }
            stream.perform { connection, _ in connection.finish(id) }
        case .closed(let id): echoing.remove(id)
        case .failed(let fault): lastFault = fault
        default: break
        }
    }
}
