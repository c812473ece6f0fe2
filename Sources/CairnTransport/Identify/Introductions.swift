public import CairnBase
internal import CairnWire

/// What any libp2p node does on any connection beside its real work: it says who it is, hears who the other is, and
/// answers pings.
///
/// It takes a connection's events first and claims those of its own streams. A peer that sends more or other than these
/// protocols allow loses the stream; one that claims a foreign key is reported as lying.
public struct Introductions: Sendable {
    public enum Event: Sendable, Equatable {
        case identified(IdentifyMessage)
        case ponged(TimeSpan)
        /// The peer says it is somebody else than it has proven to be.
        case lied
    }

    public static let identify = StreamProtocol("/ipfs/id/1.0.0", .block)
    public static let push = StreamProtocol("/ipfs/id/push/1.0.0", .block)
    public static let ping = StreamProtocol("/ipfs/ping/1.0.0", .control)
    public static let protocols = [identify, push, ping]
    /// Streams of one kind that a peer may have open at a time.
    private static let streamsPerKind = 2

    private enum Talk: Sendable {
        case hearing(IdentifyReader, isPush: Bool)
        case telling
        case echoing(PingEcho)
        case asking(PingQuestion)
    }

    private let ourselves: IdentifyMessage
    private let limits: Limits.Addresses
    // ORDER: looked up by stream, and counted; never walked for its order.
    private var talks: [StreamID: Talk] = [:]
    /// What the peer has said about itself so far.
    public private(set) var peer: IdentifyMessage?

    public init(as ourselves: IdentifyMessage, limits: Limits.Addresses = Limits.Addresses()) {
        self.ourselves = ourselves
        self.limits = limits
    }

    /// Asks the peer who it is.
    public mutating func askIdentity(on connection: inout Connection) {
        guard let id = connection.open([Self.identify.name], Self.identify.sendClass) else { return }
        talks[id] = .hearing(IdentifyReader(limits: limits), isPush: false)
    }

    /// Tells the peer unasked, after something about us has changed.
    public mutating func push(on connection: inout Connection) {
        guard let id = connection.open([Self.push.name], Self.push.sendClass) else { return }
        tell(id, on: &connection)
    }

    /// Sends 32 bytes that nobody can guess and waits for their echo.
    public mutating func ping(_ question: Bytes32, on connection: inout Connection, at now: Instant) {
        guard let id = connection.open([Self.ping.name], Self.ping.sendClass) else { return }
        let question = PingQuestion(question, at: now)
        guard connection.write(id, question.bytes) else { return }
        talks[id] = .asking(question)
    }

    /// Takes one event of the connection; false when it is none of ours. Streams reset here are told through `more`.
    public mutating func handle(
        _ event: Connection.Event, on connection: inout Connection, at now: Instant, into events: inout [Event],
        more: inout [Connection.Event]
    ) -> Bool {
        switch event {
        case .opened(let id, let name):
            guard Self.protocols.contains(where: { $0.name == name }) else { return false }
            begin(id, name, on: &connection, more: &more)
        case .received(let id, let bytes):
            guard let talk = talks[id] else { return false }
            connection.consume(id, bytes.count, into: &more)
            hear(bytes, talk, id, on: &connection, at: now, into: &events, more: &more)
        case .finished(let id):
            guard let talk = talks[id] else { return false }
            if case .hearing(let reader, let isPush) = talk {
                conclude(reader, isPush: isPush, on: connection, into: &events)
            }
            connection.finish(id)
        case .closed(let id): return talks.removeValue(forKey: id) != nil
        case .agreed(let id, _): return talks[id] != nil
        case .established, .roundTrip, .failed: return false
        }
        return true
    }

    private mutating func begin(
        _ id: StreamID, _ name: String, on connection: inout Connection, more: inout [Connection.Event]
    ) {
        let talk: Talk =
            switch name {
            case Self.identify.name: .telling
            case Self.push.name: .hearing(IdentifyReader(limits: limits), isPush: true)
            default: .echoing(PingEcho())
            }
        guard talks.values.count(where: { Self.kind($0) == Self.kind(talk) }) < Self.streamsPerKind else {
            return connection.reset(id, into: &more)
        }
        if case .telling = talk { tell(id, on: &connection) } else { talks[id] = talk }
    }

    private mutating func tell(_ id: StreamID, on connection: inout Connection) {
        talks[id] = .telling
        var writer = ByteWriter()
        writer.frame(.uvarint, ourselves.encoded)
        _ = connection.write(id, writer.bytes)
        connection.finish(id)
    }

    private mutating func hear(
        _ bytes: [UInt8], _ talk: Talk, _ id: StreamID, on connection: inout Connection, at now: Instant,
        into events: inout [Event], more: inout [Connection.Event]
    ) {
        switch talk {
        case .hearing(var reader, let isPush):
            do throws(DecodeError) {
                try reader.receive(bytes.span.bytes)
                talks[id] = .hearing(reader, isPush: isPush)
            } catch {
                connection.reset(id, into: &more)
            }
        case .telling: connection.reset(id, into: &more)
        case .echoing(var echo):
            let answer = echo.receive(bytes)
            talks[id] = .echoing(echo)
            if !answer.isEmpty, !connection.write(id, answer) { connection.reset(id, into: &more) }
        case .asking(var question):
            let answer = question.receive(bytes, at: now)
            talks[id] = .asking(question)
            switch answer {
            case .waiting: break
            case .roundTrip(let time):
                events.append(.ponged(time))
                connection.finish(id)
            case .wrong: connection.reset(id, into: &more)
            }
        }
    }

    private mutating func conclude(
        _ reader: IdentifyReader, isPush: Bool, on connection: Connection, into events: inout [Event]
    ) {
        guard let message = try? reader.finish() else { return }
        guard message.node == nil || message.node == connection.peer else { return events.append(.lied) }
        let known = isPush ? (peer ?? IdentifyMessage(node: connection.peer)).updated(by: message) : message
        peer = known
        events.append(.identified(known))
    }

    private static func kind(_ talk: Talk) -> Int {
        switch talk {
        case .hearing(_, let isPush): isPush ? 0 : 1
        case .telling: 2
        case .echoing: 3
        case .asking: 4
        }
    }
}
