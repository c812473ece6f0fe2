import CairnBase
import CairnCrypto
import CairnRuntime
import CairnTransport

/// Two ends of the node's own connections over loopback TCP, on one loop of this process.
final class LoopbackPair {
    static let bulk = StreamProtocol("/cairn/bulk/1", .bulk)
    static let echo = StreamProtocol("/cairn/echo/1", .urgent)
    private static let streams = 4

    private let loop: EventLoop
    private var listener: StreamListener?
    private var dialer: SecureStream?
    private var accepted: SecureStream?
    private var open: [StreamID] = []
    private var asking: StreamID?
    private var heard = 0
    private var arrived = 0
    private var goal = 0
    /// What the dialling end waits for.
    private var onEvent: () -> Void = {}

    init() throws {
        loop = try EventLoop()
        let identity = MemoryWire.freshIdentity()
        listener = try StreamListener(on: loop, at: .network(Endpoint(.loopback, port: 0))) { [weak self] socket in
            guard let self else { return socket.close() }
            accepted = SecureStream(
                on: loop, over: socket, connection(.listener, as: identity)
            ) { [weak self] in self?.serve($0, $1) }
        }
        guard case .network(let endpoint)? = listener?.place else { throw SystemError("listen", code: 0) }
        let socket = try StreamConnection.connect(on: loop, to: endpoint)
        dialer = SecureStream(
            on: loop, over: socket, connection(.dialer, as: MemoryWire.freshIdentity())
        ) { [weak self] in self?.react($0, $1) }
        loop.atEndOfTurn { [weak self] in self?.fill() }
        onEvent = { [weak self] in if self?.dialer?.connection.peer != nil { self?.loop.stop() } }
        try loop.run()
        open =
            dialer?.perform { connection, _ in
                (0..<Self.streams).compactMap { _ in connection.open([Self.bulk.name], .bulk) }
            } ?? []
        asking = dialer?.perform { connection, _ in connection.open([Self.echo.name], .urgent) }
        onEvent = {}
        try roundTrip(32)
    }

    private func connection(_ role: YamuxSession.Role, as identity: NoiseIdentity) -> Connection {
        Connection(role, as: identity, ephemeral: .generate(), speaking: [Self.bulk, Self.echo], at: loop.now)
    }

    /// Sends `total` bytes over several streams at once.
    func send(_ total: Int) throws {
        goal = arrived + total
        fill()
        try loop.run()
        goal = 0
    }

    /// Sends `count` bytes and waits until they are back.
    func roundTrip(_ count: Int) throws {
        guard let asking else { return }
        heard = 0
        onEvent = { [weak self] in
            guard let self, heard >= count else { return }
            loop.stop()
        }
        dialer?.perform { connection, _ in _ = connection.write(asking, Array(MemoryWire.piece.prefix(count))) }
        try loop.run()
        onEvent = {}
    }

    private func fill() {
        guard arrived < goal, let dialer else { return }
        dialer.perform { connection, _ in
            for stream in open where connection.capacity(stream) >= MemoryWire.piece.count {
                _ = connection.write(stream, MemoryWire.piece)
            }
        }
    }

    private func serve(_ stream: SecureStream, _ event: SecureStream.Event) {
        guard case .connection(.received(let id, let bytes)) = event else { return }
        let isQuestion = id == asking
        stream.perform { connection, more in
            if isQuestion { _ = connection.write(id, bytes) }
            connection.consume(id, bytes.count, into: &more)
        }
        guard !isQuestion else { return }
        arrived += bytes.count
        if goal > 0, arrived >= goal { loop.stop() }
    }

    private func react(_ stream: SecureStream, _ event: SecureStream.Event) {
        if case .connection(.received(let id, let bytes)) = event {
            heard += bytes.count
            stream.perform { connection, more in connection.consume(id, bytes.count, into: &more) }
        }
        onEvent()
    }
}
