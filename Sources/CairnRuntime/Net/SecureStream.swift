internal import CairnBase
public import CairnTransport

/// A libp2p connection over its socket: feeds what arrives to the state machine, sends what it produces, keeps its
/// deadlines.
///
/// Bytes are taken from the state machine only as the socket takes them, in small portions, so that an urgent frame
/// overtakes whatever waits. Events are handed on one at a time and in order, also those that handling another caused.
public final class SecureStream: StreamHandler {
    public enum Event: Sendable {
        case connection(Connection.Event)
        /// Nothing follows this.
        case ended(StreamConnection.Ending)
    }

    public typealias Handle = (SecureStream, Event) -> Void

    /// What may wait in the socket: the most an urgent frame has to wait behind.
    private static let outputHighWater = 32 << 10
    private static let portion = 16 << 10
    /// How long a peer that broke the rules may take to read that it did.
    private static let farewell = TimeSpan.milliseconds(500)

    public private(set) var connection: Connection
    public let socket: StreamConnection
    private let loop: EventLoop
    private var handle: Handle?
    private var pending: [Connection.Event] = []
    private var isHandling = false
    private var timer: TimerID?
    private var timerAt = Instant.distantFuture

    public init(
        on loop: EventLoop, over socket: StreamConnection, _ connection: Connection, handle: @escaping Handle
    ) {
        self.loop = loop
        self.socket = socket
        self.connection = connection
        self.handle = handle
        socket.limits.outputHighWater = Self.outputHighWater
        socket.limits.outputLowWater = Self.outputHighWater / 4
        socket.handler = self
        rearm()
    }

    /// Acts on the connection; what follows from it is sent and told.
    public func perform<Result>(_ body: (inout Connection, inout [Connection.Event]) -> Result) -> Result {
        var events: [Connection.Event] = []
        let result = body(&connection, &events)
        pending += events
        settle()
        return result
    }

    public func close() {
        socket.close()
    }

    public func streamOpened(_ stream: StreamConnection) { settle() }
    public func streamDrained(_ stream: StreamConnection) { settle() }

    public func streamReceived(_ stream: StreamConnection) {
        stream.withInput { input in
            connection.receive(input.bytes, at: loop.now, into: &pending)
            input.consume(input.count)
        }
        settle()
        if stream.inputEnded { stream.close() }
    }

    public func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {
        if let timer { loop.cancel(timer) }
        timer = nil
        handle?(self, .ended(reason))
        handle = nil
    }

    private func settle() {
        guard !isHandling else { return }
        isHandling = true
        while !socket.isClosed {
            if !pending.isEmpty {
                let event = pending.removeFirst()
                handle?(self, .connection(event))
                if case .failed = event { end() }
            } else if connection.hasOutput, !socket.isCongested {
                send()
            } else {
                break
            }
        }
        isHandling = false
        rearm()
    }

    private func send() {
        var bytes: [UInt8] = []
        connection.produce(Self.portion, into: &bytes, events: &pending)
        if !socket.send(bytes) { socket.close() }
    }

    /// After a fault: what is left to say is said, and then the connection closes whether or not it was heard.
    private func end() {
        while connection.hasOutput { send() }
        socket.finish()
        loop.after(Self.farewell) { [weak socket] in socket?.close() }
    }

    private func rearm() {
        let deadline = connection.nextDeadline
        guard !socket.isClosed, deadline != timerAt || timer == nil else { return }
        if let timer { loop.cancel(timer) }
        timer = nil
        timerAt = deadline
        guard deadline < .distantFuture else { return }
        timer = loop.at(deadline) { [weak self] in
            guard let self else { return }
            timer = nil
            perform { connection, events in connection.advance(to: self.loop.now, into: &events) }
        }
    }
}
