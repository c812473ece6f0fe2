internal import CLinux
public import CairnBase

/// A bound UDP socket: datagrams in as they come, datagrams out in one batch at the end of the turn.
///
/// Nothing here waits or grows: a turn reads at most `Limits.receivePerTurn` datagrams, the send queue is bounded, and
/// what does not fit or is too long is dropped and counted. A datagram may be lost anywhere; so may one here.
public final class UDPSocket {
    public struct Limits: Sendable {
        /// Longest payload accepted or sent.
        public var payload = 1_200
        /// Datagrams waiting to be sent.
        public var sendQueue = 4_096
        public var receivePerTurn = 256
        /// Kernel buffers, each way; the kernel may grant less.
        public var kernelBuffer = 1 << 20

        public init() {}
    }

    public struct Counters: Sendable, Equatable {
        public var received: UInt64 = 0
        public var receivedBytes: UInt64 = 0
        public var sent: UInt64 = 0
        public var sentBytes: UInt64 = 0
        /// Arrived longer than the limit.
        public var oversize: UInt64 = 0
        /// Not queued because it was empty or longer than the limit.
        public var unsendable: UInt64 = 0
        /// Not queued because the send queue was full.
        public var queueFull: UInt64 = 0
        /// Refused by the kernel, for example without a route.
        public var refused: UInt64 = 0
    }

    public typealias Receive = (_ from: Endpoint, _ payload: RawSpan) -> Void

    public let local: Endpoint
    public private(set) var counters = Counters()

    private let loop: EventLoop
    private let fd: FileDescriptor
    private let limits: Limits
    private let receive: Receive
    private var watch: Watch?
    private var incoming: [UInt8]
    private var incomingParts = [clinux_datagram](repeating: clinux_datagram(), count: CLINUX_BATCH_MAX)
    private var outgoing: [UInt8] = []
    private var outgoingParts: [clinux_datagram] = []
    private var willFlush = false

    public init(
        on loop: EventLoop, bind endpoint: Endpoint, limits: Limits = Limits(), receive: @escaping Receive
    ) throws(SystemError) {
        self.loop = loop
        self.limits = limits
        self.receive = receive
        var form = endpoint.kernelForm
        // SAFETY: the pointer is to a local that lives across the call.
        fd = try FileDescriptor("bind", unsafe clinux_udp_bind(&form, Int32(clamping: limits.kernelBuffer)))
        local = try Endpoint(ofSocket: fd)
        incoming = [UInt8](repeating: 0, count: limits.payload * CLINUX_BATCH_MAX)
        watch = try loop.watch(fd, for: .readable) { [weak self] readiness in
            self?.ready(readiness)
        }
    }

    deinit {
        if let watch { loop.end(watch) }
    }

    /// Queues a datagram for the end of this turn. False when it was dropped: too long, empty, or the queue is full.
    @discardableResult
    public func send(_ payload: [UInt8], to peer: Endpoint) -> Bool {
        loop.assertInLoop()
        guard !payload.isEmpty, payload.count <= limits.payload else {
            counters.unsendable += 1
            return false
        }
        guard outgoingParts.count < limits.sendQueue else {
            counters.queueFull += 1
            return false
        }
        var part = clinux_datagram()
        part.peer = peer.kernelForm
        part.offset = outgoing.count
        part.length = payload.count
        outgoingParts.append(part)
        outgoing.append(contentsOf: payload)
        flushSoon()
        return true
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if !readiness.isDisjoint(with: [.readable, .hangup]) { drain() }
    }
}

// MARK: - Receiving

extension UDPSocket {
    private func drain() {
        var left = limits.receivePerTurn
        while left > 0 {
            let wanted = min(left, incomingParts.count)
            let count = receiveBatch(wanted)
            // Zero or less: nothing is left, or an error of an earlier datagram of ours, which reading has cleared.
            guard count > 0 else { return }
            deliver(count)
            if count < wanted { return }
            left -= count
        }
    }

    private func receiveBatch(_ wanted: Int) -> Int {
        let stride = limits.payload
        // SAFETY: `incoming` has a stride of bytes for each of the `wanted` parts; both arrays outlive the call.
        return unsafe incoming.withUnsafeMutableBufferPointer { bytes in
            unsafe incomingParts.withUnsafeMutableBufferPointer { parts in
                Int(unsafe clinux_udp_receive(fd.raw, bytes.baseAddress, stride, parts.baseAddress, wanted))
            }
        }
    }

    private func deliver(_ count: Int) {
        // Held, not copied: nothing writes to the buffer before the next batch is received.
        let bytes = incoming
        for index in 0..<count {
            let part = incomingParts[index]
            guard part.truncated == 0 else {
                counters.oversize += 1
                continue
            }
            counters.received += 1
            counters.receivedBytes += UInt64(part.length)
            receive(Endpoint(part.peer), bytes.span.bytes.extracting(part.offset..<part.offset + part.length))
        }
    }
}

// MARK: - Sending

extension UDPSocket: Flushable {
    private func flushSoon() {
        guard !willFlush else { return }
        willFlush = true
        loop.flushLater(self)
    }

    func flush() {
        willFlush = false
        var next = 0
        while next < outgoingParts.count {
            let count = sendBatch(from: next)
            if count > 0 {
                for part in outgoingParts[next..<next + count] {
                    counters.sent += 1
                    counters.sentBytes += UInt64(part.length)
                }
                next += count
            } else if wouldBlock(Int32(-count)) {
                break
            } else {
                counters.refused += 1
                next += 1
            }
        }
        dropSent(next)
        if var watch {
            loop.change(&watch, to: outgoingParts.isEmpty ? .readable : [.readable, .writable])
            self.watch = watch
        }
    }

    private func sendBatch(from first: Int) -> Int {
        // SAFETY: every part names bytes inside `outgoing`; both arrays outlive the call.
        unsafe outgoing.withUnsafeBufferPointer { bytes in
            unsafe outgoingParts[first...].withUnsafeBufferPointer { parts in
                Int(unsafe clinux_udp_send(fd.raw, bytes.baseAddress, parts.baseAddress, parts.count))
            }
        }
    }

    private func dropSent(_ count: Int) {
        guard count < outgoingParts.count else {
            outgoing.removeAll(keepingCapacity: true)
            outgoingParts.removeAll(keepingCapacity: true)
            return
        }
        let start = outgoingParts[count].offset
        outgoing.removeFirst(start)
        outgoingParts.removeFirst(count)
        for index in outgoingParts.indices { outgoingParts[index].offset -= start }
    }
}
