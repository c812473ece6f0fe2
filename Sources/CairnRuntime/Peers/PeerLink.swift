import CairnBase
import CairnTransport
import CairnWire

/// One connection to a peer: a socket, the state machine above it, and the frames of our two streams.
///
/// Each end opens one stream for what is urgent and one for what may be large, and writes on those it opened. Bytes leave
/// in small portions, so that an urgent message overtakes whatever waits above the socket.
final class PeerLink: StreamHandler {
    enum Event {
        case established(NodeID)
        case message([UInt8])
        case closed(reason: String)
    }

    static let urgent = StreamProtocol("/cairn/consensus/1", .urgent)
    static let bulk = StreamProtocol("/cairn/block/1", .block)
    /// Bytes handed to the kernel ahead of time, at most: what an urgent message may have to wait behind.
    private static let outputHighWater = 32 << 10

    let isDialer: Bool
    private(set) var peer: NodeID?
    private(set) var roundTrip: TimeSpan?
    private let loop: EventLoop
    private let stream: StreamConnection
    private var connection: Connection
    private let handle: (PeerLink, Event) -> Void
    private let messageLimit: Int
    private var outgoing: [(name: StreamProtocol, id: StreamID)] = []
    private var frames: [StreamID: FrameReader] = [:]
    private var timer: TimerID?
    private var isOver = false

    init(
        on loop: EventLoop, over stream: StreamConnection, as connection: Connection, isDialer: Bool,
        messageLimit: Int, handle: @escaping (PeerLink, Event) -> Void
    ) {
        self.loop = loop
        self.stream = stream
        self.connection = connection
        self.isDialer = isDialer
        self.messageLimit = messageLimit
        self.handle = handle
        stream.limits.outputHighWater = Self.outputHighWater
        stream.limits.outputLowWater = Self.outputHighWater / 4
        stream.handler = self
        if !isDialer { pump() }
        rearm()
    }

    var endpoint: Endpoint? {
        if case .network(let endpoint) = stream.peer { endpoint } else { nil }
    }

    /// Queues a message, or refuses it whole when too much waits already.
    func send(_ message: [UInt8], urgent: Bool) -> Bool {
        let name = urgent ? Self.urgent : Self.bulk
        guard !isOver, let id = outgoing.first(where: { $0.name == name })?.id else { return false }
        var writer = ByteWriter(capacity: message.count + 4)
        writer.frame(.u32, message)
        guard connection.write(id, writer.bytes) else { return false }
        pump()
        return true
    }

    func close(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        if let timer { loop.cancel(timer) }
        stream.close()
        handle(self, .closed(reason: reason))
    }

    // MARK: - The socket

    func streamOpened(_ stream: StreamConnection) { pump() }

    func streamDrained(_ stream: StreamConnection) { pump() }

    func streamReceived(_ stream: StreamConnection) {
        let bytes = stream.withInput { $0.take($0.count) }
        step { connection, events in connection.receive(bytes.span.bytes, at: loop.now, into: &events) }
        if stream.inputEnded { close("the peer closed the connection") }
    }

    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {
        close(describe(reason))
    }

    // MARK: - The state machine

    private func step(_ body: (inout Connection, inout [Connection.Event]) -> Void) {
        guard !isOver else { return }
        var events: [Connection.Event] = []
        body(&connection, &events)
        for event in events where !isOver { react(to: event) }
        pump()
        rearm()
    }

    private func pump() {
        while !isOver, !stream.isCongested, connection.hasOutput {
            var bytes: [UInt8] = []
            var events: [Connection.Event] = []
            connection.produce(16 << 10, into: &bytes, events: &events)
            guard bytes.isEmpty || stream.send(bytes) else { return close("more to send than the socket takes") }
            for event in events where !isOver { react(to: event) }
        }
    }

    private func react(to event: Connection.Event) {
        switch event {
        case .established(let node):
            peer = node
            outgoing = [Self.urgent, Self.bulk].compactMap { name in
                connection.open([name.name], name.sendClass).map { (name, $0) }
            }
            handle(self, .established(node))
        case .opened(let id, _): frames[id] = FrameReader(.u32, limit: messageLimit)
        case .received(let id, let bytes): receive(bytes, on: id)
        case .roundTrip(let time): roundTrip = time
        case .closed(let id):
            frames[id] = nil
            if outgoing.contains(where: { $0.id == id }) { close("the peer does not speak our protocols") }
        case .failed(let fault): close(describe(fault))
        case .agreed, .finished: break
        }
    }

    private func receive(_ bytes: [UInt8], on id: StreamID) {
        guard var reader = frames[id] else { return }
        var messages: [[UInt8]] = []
        var input = ByteReader(bytes.span.bytes)
        do throws(DecodeError) {
            while let message = try reader.next(from: &input) { messages.append(message) }
        } catch {
            return close("a message longer than \(messageLimit) bytes")
        }
        frames[id] = reader
        var events: [Connection.Event] = []
        connection.consume(id, bytes.count, into: &events)
        for message in messages where !isOver { handle(self, .message(message)) }
        for event in events where !isOver { react(to: event) }
    }

    private func rearm() {
        guard !isOver else { return }
        if let timer { loop.cancel(timer) }
        let deadline = connection.nextDeadline
        timer = nil
        guard deadline < .distantFuture else { return }
        timer = loop.at(deadline) { [weak self] in
            guard let self else { return }
            timer = nil
            step { connection, events in connection.advance(to: self.loop.now, into: &events) }
        }
    }

    private func describe(_ ending: StreamConnection.Ending) -> String {
        switch ending {
        case .finished: "the peer closed the connection"
        case .closedHere: "closed here"
        case .idle: "nothing moved for too long"
        case .stalled: "the peer stopped reading"
        case .failed(let error): "\(error)"
        }
    }

    private func describe(_ fault: ConnectionFault) -> String {
        switch fault {
        case .negotiation: "the peer does not speak libp2p with Noise and yamux"
        case .badFrame, .noise: "the sealed channel broke"
        case .badIdentity: "the peer's identity does not match its keys"
        case .wrongPeer(let node): "another node answered: \(node.peerID)"
        case .streams(let fault): "the peer broke the stream protocol (\(fault))"
        case .tooSlow: "the handshake took too long"
        }
    }
}
