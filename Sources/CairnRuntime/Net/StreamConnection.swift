internal import CLinux
public import CairnBase

/// Whoever acts on a connection. All calls come from the loop.
public protocol StreamHandler: AnyObject {
    /// An outgoing connection is established.
    func streamOpened(_ stream: StreamConnection)
    /// Bytes arrived, or the peer has sent its last (`inputEnded`).
    func streamReceived(_ stream: StreamConnection)
    /// The output, once above its high-water mark, has fallen to its low-water mark.
    func streamDrained(_ stream: StreamConnection)
    /// The connection is over; nothing more is called.
    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending)
}

extension StreamHandler {
    public func streamOpened(_ stream: StreamConnection) {}
    public func streamDrained(_ stream: StreamConnection) {}
}

/// A TCP or unix-domain connection with bounded buffers both ways.
///
/// Reading stops while the input is full: the kernel's window then slows the peer down. Sending past the output limit is
/// refused as a whole. Writes happen at the end of the turn. Two deadlines end a connection: nothing moved for `idle`, or
/// waiting output made no progress for `stalledWrite`.
///
/// A connection lives until it is closed; from then on it does nothing and calls nobody.
public final class StreamConnection {
    public struct Limits: Sendable {
        public var input = 64 << 10
        public var output = 4 << 20
        public var outputHighWater = 1 << 20
        public var outputLowWater = 256 << 10
        public var readPerTurn = 64 << 10
        public var idle: TimeSpan = .seconds(60)
        public var stalledWrite: TimeSpan = .seconds(15)
        /// What the kernel may hold of a TCP connection that has not left yet; nil leaves that to the kernel, which takes
        /// megabytes.
        public var unsentInKernel: Int?

        public init() {}
    }

    public enum Peer: Sendable, Equatable {
        case network(Endpoint)
        /// A process on this machine, by the user it runs as.
        case local(user: UInt32)
    }

    public enum Ending: Sendable, Equatable {
        /// Both sides said all they had to say.
        case finished
        case closedHere
        case idle
        case stalled
        case failed(SystemError)
    }

    public let peer: Peer
    /// What arrived and was not taken yet.
    public private(set) var input = ByteQueue()
    /// The peer will send nothing more; `input` may still hold its last bytes.
    public private(set) var inputEnded = false
    public private(set) var isClosed = false
    public var limits: Limits { didSet { rearm() } }
    public var handler: (any StreamHandler)?
    /// Nil everywhere but in tests of faulty networks.
    public var valve: StreamValve?

    private let loop: EventLoop
    /// Nil once closed.
    private var fd: FileDescriptor?
    private let raw: Int32
    private var output = ByteQueue()
    private var watch: Watch?
    private(set) var isConnecting: Bool
    private var isFinishing = false
    private var outputEnded = false
    private var isAboveHighWater = false
    private var willFlush = false
    private var lastActivity: Instant
    private var lastProgress: Instant
    private var deadline: TimerID?
    private var deadlineAt = Instant.distantFuture
    private var held = StreamValve.Held()
    private var willLook = false
    /// Told to the listener that counts this connection.
    var onEnd: (() -> Void)?

    init(
        on loop: EventLoop, _ fd: consuming FileDescriptor, peer: Peer, limits: Limits, isConnecting: Bool = false
    ) throws(SystemError) {
        self.loop = loop
        raw = fd.raw
        self.peer = peer
        self.limits = limits
        self.isConnecting = isConnecting
        lastActivity = loop.now
        lastProgress = loop.now
        if let unsent = limits.unsentInKernel {
            // Refused by sockets that are not TCP, whose queues are short.
            _ = clinux_tcp_unsent_limit(fd.raw, Int32(clamping: unsent))
        }
        let watch = try loop.watch(fd, for: isConnecting ? .writable : .readable) { [self] in ready($0) }
        self.fd = consume fd
        self.watch = watch
        rearm()
    }

    /// Starts a TCP connection; `streamOpened` or `streamClosed` tells how it went. It comes from the given address of
    /// this machine, or from the one the kernel prefers.
    public static func connect(
        on loop: EventLoop, to endpoint: Endpoint, from source: IPAddress? = nil, limits: Limits = Limits()
    ) throws(SystemError) -> StreamConnection {
        var form = endpoint.kernelForm
        let fd: FileDescriptor
        if let source {
            var sourceForm = Endpoint(source, port: 0).kernelForm
            // SAFETY: the pointers are to locals that live across the call.
            fd = try FileDescriptor("connect", unsafe clinux_tcp_connect(&form, &sourceForm))
        } else {
            // SAFETY: as above; a null source leaves the choice to the kernel.
            fd = try FileDescriptor("connect", unsafe clinux_tcp_connect(&form, nil))
        }
        return try StreamConnection(on: loop, fd, peer: .network(endpoint), limits: limits, isConnecting: true)
    }
}

// MARK: - What the handler does

extension StreamConnection {
    /// Bytes accepted and not yet handed to the kernel.
    public var outputCount: Int { output.count }
    /// Whether a well-behaved sender should wait for `streamDrained`.
    public var isCongested: Bool { isAboveHighWater }

    /// Queues bytes. False when they do not fit or no more may be sent; nothing was queued then.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        loop.assertInLoop()
        guard !isClosed, !isFinishing, bytes.count <= limits.output - output.count - held.count else { return false }
        if hold(bytes) { return true }
        if output.isEmpty { lastProgress = loop.now }
        output.append(bytes)
        if output.count > limits.outputHighWater { isAboveHighWater = true }
        flushSoon()
        return true
    }

    /// Sends what is queued, then tells the peer that nothing more comes. The other direction stays open.
    public func finish() {
        guard !isClosed, !isFinishing else { return }
        isFinishing = true
        flushSoon()
    }

    /// Ends the connection at once; what was not sent is lost.
    public func close() {
        end(.closedHere)
    }

    /// Takes from the input; reading goes on if it had stopped for lack of room.
    public func withInput<Result>(_ body: (inout ByteQueue) -> Result) -> Result {
        defer { updateInterest() }
        return body(&input)
    }
}

// MARK: - What the kernel says

extension StreamConnection {
    private func ready(_ readiness: Readiness) {
        if isConnecting { return finishConnecting() }
        if isShut { return updateInterest() }
        if readiness.contains(.writable) { flush() }
        if !isClosed, !readiness.isDisjoint(with: [.readable, .hangup]) { read(hangup: readiness.contains(.hangup)) }
        if !isClosed { updateInterest() }
    }

    private func finishConnecting() {
        let error = clinux_socket_error(raw)
        guard error == 0 else { return end(.failed(SystemError("connect", code: -error))) }
        isConnecting = false
        lastActivity = loop.now
        handler?.streamOpened(self)
        if !isClosed { flush() }
    }

    private func read(hangup: Bool) {
        var left = limits.readPerTurn
        var received = false
        while left > 0, !inputEnded, input.count < limits.input {
            let room = min(left, limits.input - input.count)
            let count = readOnce(room)
            if count > 0 {
                // A short read has emptied the socket: what comes later is told of again.
                left = count < room ? 0 : left - count
                received = true
                lastActivity = loop.now
            } else if count == 0 {
                inputEnded = true
                received = true
            } else if wouldBlock(Int32(-count)) {
                break
            } else {
                return end(.failed(SystemError("read", code: Int32(-count))))
            }
        }
        if received { handler?.streamReceived(self) }
        guard !isClosed, hangup else { return }
        if inputEnded {
            // Nothing we could still write would arrive.
            end(.finished)
        } else if input.count >= limits.input, let watch {
            // A hangup cannot be masked and would be reported in every turn until there is room to read what is left.
            loop.end(watch)
            self.watch = nil
        }
    }

    private func readOnce(_ limit: Int) -> Int {
        var count = 0
        input.append(upTo: limit) { room in
            // SAFETY: the room is valid for the call, and the kernel fills at most its size.
            let start = unsafe room.baseAddress?.assumingMemoryBound(to: UInt8.self)
            count = Int(unsafe clinux_read(raw, start, room.count))
            return max(count, 0)
        }
        return count
    }

    private func updateInterest() {
        guard !isClosed, !isConnecting else { return }
        if isShut {
            // Not only masked: a hangup cannot be, and would be told in every turn.
            if let watch { loop.end(watch) }
            watch = nil
            return
        }
        var wanted: Readiness = []
        if !inputEnded, input.count < limits.input { wanted.insert(.readable) }
        if !output.isEmpty { wanted.insert(.writable) }
        if var watch {
            loop.change(&watch, to: wanted)
            self.watch = watch
        } else if !wanted.isEmpty {
            rewatch(wanted)
        }
    }

    private func rewatch(_ wanted: Readiness) {
        do throws(SystemError) {
            switch fd {
            case .some(let fd): watch = try loop.watch(fd, for: wanted) { [self] in ready($0) }
            case .none: return
            }
        } catch {
            end(.failed(error))
        }
    }
}

// MARK: - Sending

extension StreamConnection: Flushable {
    private func flushSoon() {
        guard !willFlush else { return }
        willFlush = true
        loop.flushLater(self)
    }

    func flush() {
        willFlush = false
        guard !isClosed, !isConnecting, !isShut else { return }
        while !output.isEmpty {
            let count = writeOnce()
            if count > 0 {
                output.consume(count)
                lastProgress = loop.now
                lastActivity = loop.now
            } else if wouldBlock(Int32(-count)) {
                break
            } else {
                return end(.failed(SystemError("send", code: Int32(-count))))
            }
        }
        if output.isEmpty, held.isEmpty, isFinishing, !outputEnded {
            outputEnded = true
            _ = clinux_shutdown_write(raw)
        }
        if outputEnded, inputEnded { return end(.finished) }
        updateInterest()
        rearm()
        if isAboveHighWater, output.count <= limits.outputLowWater {
            isAboveHighWater = false
            handler?.streamDrained(self)
        }
    }

    private func writeOnce() -> Int {
        unsafe output.withUnsafeBytes { bytes in
            // SAFETY: the bytes outlive the call.
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return Int(unsafe clinux_send(raw, start, bytes.count))
        }
    }
}

// MARK: - A valve

extension StreamConnection {
    /// Whether nothing passes now; if so, it is looked again in a while.
    private var isShut: Bool {
        guard let valve, valve.isShut() else { return false }
        if !willLook {
            willLook = true
            loop.after(StreamValve.lookTime) { [weak self] in self?.lookAgain() }
        }
        return true
    }

    private func lookAgain() {
        willLook = false
        guard !isClosed, !isShut else { return }
        updateInterest()
        flush()
    }

    /// Keeps back what is to leave later; false when that is not so.
    private func hold(_ bytes: [UInt8]) -> Bool {
        guard let valve else { return false }
        let span = valve.holdTime()
        guard span > .zero || !held.isEmpty else { return false }
        let wasEmpty = held.isEmpty
        held.add(bytes, due: loop.now + span)
        if wasEmpty { releaseInTime() }
        return true
    }

    private func releaseInTime() {
        guard let due = held.firstDue else { return }
        loop.at(due) { [weak self] in
            guard let self, !isClosed else { return }
            if output.isEmpty { lastProgress = loop.now }
            for bytes in held.take(until: loop.now) { output.append(bytes) }
            if output.count > limits.outputHighWater { isAboveHighWater = true }
            flushSoon()
            releaseInTime()
        }
    }
}

// MARK: - Deadlines and the end

extension StreamConnection {
    /// When the connection is to be ended if nothing moves until then, and what that would be called.
    private var ending: (at: Instant, Ending) {
        let idle = lastActivity + limits.idle
        let stalled = lastProgress + limits.stalledWrite
        return !output.isEmpty && stalled < idle ? (stalled, .stalled) : (idle, .idle)
    }

    /// One timer per connection: it is set for the earliest possible end and looks again when it fires.
    private func rearm() {
        guard !isClosed else { return }
        let at = ending.at
        if let deadline {
            guard at < deadlineAt else { return }
            loop.cancel(deadline)
        }
        deadlineAt = at
        deadline = loop.at(at) { [weak self] in self?.deadlinePassed() }
    }

    private func deadlinePassed() {
        deadline = nil
        let (at, reason) = ending
        if at <= loop.now { end(reason) } else { rearm() }
    }

    private func end(_ reason: Ending) {
        loop.assertInLoop()
        guard !isClosed else { return }
        isClosed = true
        if let watch { loop.end(watch) }
        if let deadline { loop.cancel(deadline) }
        watch = nil
        output = ByteQueue()
        fd = nil
        let (handler, onEnd) = (self.handler, self.onEnd)
        self.handler = nil
        self.onEnd = nil
        onEnd?()
        handler?.streamClosed(self, reason)
    }
}
