import CBaseline
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
    /// When the votes under way were sent, bytes of the one that is arriving, and how long the others took.
    private static let vote = 200
    private var sentAt: [Instant] = []
    private var voteBytes = 0
    private var ways: [Double] = []
    /// What the dialling end waits for.
    private var onEvent: () -> Void = {}

    /// Connects, through a link of that many bits per second if one is given.
    init(bitsPerSecond: Int? = nil) throws {
        loop = try EventLoop()
        let identity = MemoryWire.freshIdentity()
        listener = try StreamListener(
            on: loop, at: .network(Endpoint(.loopback, port: 0)), limits: .ofPeers
        ) { [weak self] socket in
            guard let self else { return socket.close() }
            accepted = SecureStream(
                on: loop, over: socket, connection(.listener, as: identity)
            ) { [weak self] in self?.serve($0, $1) }
        }
        guard case .network(var endpoint)? = listener?.place else { throw SystemError("listen", code: 0) }
        if let bitsPerSecond {
            let port = baseline_shaped_link(Int32(endpoint.port), bitsPerSecond)
            guard port > 0 else { throw SystemError("link", code: -port) }
            endpoint = Endpoint(.loopback, port: UInt16(clamping: port))
        }
        let socket = try StreamConnection.connect(on: loop, to: endpoint, limits: .ofPeers)
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

    /// Sends `count` urgent messages, one every `pause`, while bulk keeps the link full or does not; gives how many
    /// nanoseconds each was on its way.
    func votes(_ count: Int, every pause: TimeSpan, behindBulk: Bool) throws -> [Double] {
        goal = behindBulk ? .max : 0
        ways = []
        fill()
        if behindBulk {
            loop.after(.milliseconds(500)) { [weak self] in self?.loop.stop() }
            try loop.run()
        }
        cast(count, every: pause)
        try loop.run()
        goal = 0
        return ways
    }

    private func cast(_ left: Int, every pause: TimeSpan) {
        guard left > 0, let asking else { return loop.stop() }
        sentAt.append(Clock.monotonic())
        dialer?.perform { connection, _ in _ = connection.write(asking, Array(MemoryWire.piece.prefix(Self.vote))) }
        loop.after(pause) { [weak self] in self?.cast(left - 1, every: pause) }
    }

    /// Whole votes that have arrived give their times.
    private func countVotes(_ bytes: Int) {
        voteBytes += bytes
        while voteBytes >= Self.vote, !sentAt.isEmpty {
            voteBytes -= Self.vote
            ways.append(Double(Clock.monotonic().since(sentAt.removeFirst()).nanoseconds))
        }
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
        guard !isQuestion else { return countVotes(bytes.count) }
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

extension StreamConnection.Limits {
    /// As a node has them for its peers, with a longer patience for silence.
    static var ofPeers: StreamConnection.Limits {
        var limits = StreamConnection.Limits()
        limits.unsentInKernel = Limits().connections.unsentInKernel
        limits.idle = .seconds(3_600)
        return limits
    }
}
