public import CairnBase

/// Many streams over one ordered, encrypted connection: yamux 1.0.0, without a socket.
///
/// Bytes go in through `receive`, what they mean comes out as events; what to send is taken with `produce`, which picks
/// frames by urgency. The session never allocates by an announced length: a frame's body is handed on in the pieces in
/// which it arrives, and what the application has not consumed is bounded by the credit it was given. Every violation
/// ends the session with one `failed` event, after which it takes and gives nothing more.
public struct YamuxSession: Sendable {
    public enum Role: Sendable { case dialer, listener }

    public enum Event: Sendable, Equatable {
        /// The peer opened a stream.
        case opened(StreamID)
        case received(StreamID, [UInt8])
        /// The peer will write nothing more on this stream.
        case finished(StreamID)
        /// The stream is gone, by the peer's reset or ours.
        case reset(StreamID)
        /// Both ends have finished; the number is free of meaning from here on.
        case closed(StreamID)
        /// The peer opens and accepts no further streams.
        case goneAway(code: UInt32)
        case roundTrip(TimeSpan)
        case failed(YamuxFault)
    }

    let role: Role
    let limits: Limits.Streams
    let connectionLimits: Limits.Connections
    /// Credit per stream and direction when it opens; the protocol fixes it.
    let window: UInt32
    // ORDER: looked up by number only, never iterated.
    var streams: [UInt32: YamuxStream] = [:]
    var nextStream: UInt32
    var inboundNumbers: InboundNumbers
    var inboundRate: OpenRate
    var inboundCount = 0
    var unacknowledged = 0
    var unconsumed = 0

    // Receiving: a partial header, or the rest of a data frame's body.
    var header: [UInt8] = []
    var body: Body?

    // Sending.
    var controlFrames: [YamuxHeader] = []
    var pendingPongs = 0
    /// Streams with something to send, by class, each once, in turn.
    var ready: [[UInt32]] = Array(repeating: [], count: SendClass.allCases.count)
    var queuedBytes: [Int] = Array(repeating: 0, count: SendClass.allCases.count)
    /// Urgent frames sent since a lower class last had its turn.
    var urgentRun = 0
    /// Frames that are still cut short because something urgent was sent lately, and more of it may come.
    var pressedFrames = 0

    var keepalive: Keepalive
    var peerGone = false
    public internal(set) var fault: YamuxFault?
    /// Bytes that arrived for streams already gone, and pings ignored because too many were waiting.
    public internal(set) var discardedBytes: UInt64 = 0
    public internal(set) var ignoredPings: UInt64 = 0

    struct Body {
        let stream: UInt32
        var left: UInt32
        let finishes: Bool
        let discarded: Bool
    }

    public init(_ role: Role, limits: Limits = Limits(), at now: Instant) {
        self.role = role
        self.limits = limits.streams
        connectionLimits = limits.connections
        window = UInt32(clamping: limits.streams.initialWindow)
        nextStream = role == .dialer ? 1 : 2
        inboundNumbers = InboundNumbers(first: role == .dialer ? 2 : 1)
        inboundRate = OpenRate(
            perSecond: limits.streams.opensPerSecond, burst: limits.streams.inboundPerConnection)
        keepalive = Keepalive(
            period: limits.connections.keepalive, allowedMisses: limits.connections.keepaliveMisses, at: now)
    }

    public var streamCount: Int { streams.count }

    /// Opens a stream, or refuses when the peer is gone, too many opens are unanswered or the numbers are used up.
    public mutating func open(_ sendClass: SendClass) -> StreamID? {
        guard fault == nil, !peerGone, unacknowledged < limits.unacknowledged,
            nextStream <= UInt32.max - 2
        else { return nil }
        let number = nextStream
        nextStream += 2
        unacknowledged += 1
        streams[number] = YamuxStream(
            sendClass: sendClass, sendCredit: window, receiveCredit: window, greeting: .syn,
            acknowledged: false)
        enqueue(number)
        return StreamID(number)
    }

    /// Says how urgent our bytes on a stream are, once the protocol spoken on it is known.
    public mutating func setClass(_ id: StreamID, _ sendClass: SendClass) {
        guard let stream = streams[id.number], stream.unsent.isEmpty, !stream.queued else { return }
        streams[id.number]?.sendClass = sendClass
    }

    /// How many bytes `write` would take now.
    public func capacity(_ id: StreamID) -> Int {
        guard let stream = streams[id.number], !stream.finishing else { return 0 }
        let index = Int(stream.sendClass.rawValue)
        return max(0, connectionLimits.queue(stream.sendClass) - queuedBytes[index])
    }

    /// Queues all of `bytes` for sending, or nothing: a refused write means the class's queue is full or the stream is
    /// not open for writing.
    public mutating func write(_ id: StreamID, _ bytes: [UInt8]) -> Bool {
        guard fault == nil, bytes.count <= capacity(id), streams[id.number] != nil else { return false }
        streams[id.number]?.unsent.append(bytes)
        if let sendClass = streams[id.number]?.sendClass {
            queuedBytes[Int(sendClass.rawValue)] += bytes.count
        }
        enqueue(id.number)
        return true
    }

    /// Ends our side of a stream after what is queued.
    public mutating func finish(_ id: StreamID) {
        guard streams[id.number] != nil else { return }
        streams[id.number]?.finishing = true
        enqueue(id.number)
    }

    /// Ends a stream at once, dropping what is queued on it.
    public mutating func reset(_ id: StreamID, into events: inout [Event]) {
        guard let stream = streams[id.number] else { return }
        remove(id.number)
        // The peer has not heard of a stream whose first frame never left: then one frame opens and ends it.
        control(
            YamuxHeader(.windowUpdate, stream.greeting.union(.rst), stream: id.number, length: 0), into: &events)
        events.append(.reset(id))
    }

    /// Tells the session that the application is done with `count` received bytes, which returns credit to the peer.
    public mutating func consume(_ id: StreamID, _ count: Int, into events: inout [Event]) {
        guard var stream = streams[id.number] else { return }
        let taken = UInt32(clamping: min(max(count, 0), Int(stream.unconsumed)))
        stream.unconsumed -= taken
        stream.consumed += taken
        unconsumed -= Int(taken)
        if stream.consumed >= window / 2, !stream.receivedFinish {
            let (credit, overflow) = stream.receiveCredit.addingReportingOverflow(stream.consumed)
            stream.receiveCredit = overflow ? .max : credit
            control(YamuxHeader(.windowUpdate, stream: id.number, length: stream.consumed), into: &events)
            stream.consumed = 0
        }
        streams[id.number] = stream
    }

    /// When `keepAlive` wants to be called next.
    public var nextDeadline: Instant { keepalive.due }

    /// Asks the peer for a sign of life when one is due, and gives up on a peer that owes too many.
    public mutating func keepAlive(at now: Instant, into events: inout [Event]) {
        guard fault == nil else { return }
        switch keepalive.advance(to: now) {
        case .none: break
        case .ping(let value): control(YamuxHeader(.ping, .syn, stream: 0, length: value), into: &events)
        case .lost: fail(.unresponsive, into: &events)
        }
    }

    mutating func remove(_ number: UInt32) {
        guard let stream = streams.removeValue(forKey: number) else { return }
        queuedBytes[Int(stream.sendClass.rawValue)] -= stream.unsent.count
        unconsumed -= Int(stream.unconsumed)
        if isInbound(number) { inboundCount -= 1 }
        if !stream.acknowledged { unacknowledged -= 1 }
    }

    func isInbound(_ number: UInt32) -> Bool {
        inboundNumbers.hasParity(of: number)
    }

    mutating func fail(_ reason: YamuxFault, into events: inout [Event]) {
        guard fault == nil else { return }
        fault = reason
        streams.removeAll()
        for index in ready.indices { ready[index].removeAll() }
        controlFrames = reason.isViolation ? [YamuxHeader(.goAway, stream: 0, length: 1)] : []
        events.append(.failed(reason))
    }
}
