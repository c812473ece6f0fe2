public import CairnBase
public import CairnTransport

/// A libp2p connection over its socket: feeds what arrives to the state machine, sends what it produces, keeps its
/// deadlines.
///
/// A frame that was produced cannot be overtaken any more. So the next one is taken from the state machine only when the
/// kernel has all of the last, and the kernel takes little that has not left the machine
/// (`StreamConnection.Limits.unsentInKernel`): an urgent frame waits behind that and one frame, however much bulk waits.
/// Events are handed on one at a time and in order, also those that handling another caused.
public final class SecureStream: StreamHandler {
    public enum Event: Sendable {
        case connection(Connection.Event)
        /// Nothing follows this.
        case ended(StreamConnection.Ending)
    }

    public typealias Handle = (SecureStream, Event) -> Void

    public private(set) var connection: Connection
    public let socket: StreamConnection
    private let loop: EventLoop
    private let farewellTime: TimeSpan
    private var handle: Handle?
    private var pending: [Connection.Event] = []
    private var isHandling = false
    private var isFinishing = false
    private var timer: TimerID?
    private var timerAt = Instant.distantFuture
    private var portion = Portion()

    public init(
        on loop: EventLoop, over socket: StreamConnection, _ connection: Connection,
        farewellTime: TimeSpan = Limits.Connections().farewellTime, handle: @escaping Handle
    ) {
        self.loop = loop
        self.socket = socket
        self.connection = connection
        self.farewellTime = farewellTime
        self.handle = handle
        socket.limits.outputHighWater = 0
        socket.limits.outputLowWater = 0
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

    /// Ends the connection at once; what was not sent is lost.
    public func close() {
        socket.close()
    }

    /// Ends the connection once what waits has left, or has had its time.
    public func finish() {
        guard !isFinishing, !socket.isClosed else { return }
        isFinishing = true
        loop.after(farewellTime) { [weak socket] in socket?.close() }
        settle()
    }

    public func streamOpened(_ stream: StreamConnection) { settle() }

    public func streamDrained(_ stream: StreamConnection) {
        portion.taken(at: loop.now)
        settle()
    }

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
        let handle = handle
        self.handle = nil
        // We close our side because the peer has closed its own.
        handle?(self, .ended(stream.inputEnded && reason == .closedHere ? .finished : reason))
    }

    private func settle() {
        guard !isHandling else { return }
        isHandling = true
        while !socket.isClosed {
            if !pending.isEmpty {
                let event = pending.removeFirst()
                handle?(self, .connection(event))
                // After a fault what is left to say is said, and then the connection closes whether or not it was heard.
                if case .failed = event { finish() }
            } else if connection.hasOutput, !socket.isCongested {
                send()
            } else {
                if isFinishing, !connection.hasOutput { socket.finish() }
                break
            }
        }
        isHandling = false
        rearm()
    }

    private func send() {
        var bytes: [UInt8] = []
        connection.produce(portion.size, into: &bytes, events: &pending)
        portion.give(bytes.count, at: loop.now)
        if !socket.send(bytes) { socket.close() }
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
