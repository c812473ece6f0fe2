public import CairnBase
public import CairnCrypto
internal import CairnWire

/// One libp2p connection without its socket: bytes in, events out, bytes to send on request.
///
/// The layers of the TCP plane stacked up: multistream agrees on Noise, Noise proves who the peer is and seals the rest,
/// multistream agrees on yamux, and on every yamux stream multistream agrees on what is spoken. The dialer is lazy all
/// the way: it sends each layer's first bytes without waiting for the agreement on it, so that the first answer arrives
/// in the third round trip after the TCP connect. A fault ends the connection with one event, and its
/// kind is never told: the peer sees the connection close, after yamux's go-away if it broke the rules of streams.
public struct Connection: Sendable {
    public enum Event: Sendable, Equatable {
        /// The peer proved its identity. Streams may be opened.
        case established(NodeID)
        /// The peer opened a stream and we agreed on what it speaks.
        case opened(StreamID, String)
        /// A stream we opened speaks this protocol.
        case agreed(StreamID, String)
        case received(StreamID, [UInt8])
        case finished(StreamID)
        /// The stream is gone: by a reset, a failed negotiation, or because both ends finished.
        case closed(StreamID)
        case roundTrip(TimeSpan)
        case failed(ConnectionFault)
    }

    enum Phase {
        case dialingSecurity(MultistreamDialer)
        case listeningSecurity(MultistreamListener)
        case handshake
        case dialingMuxer(MultistreamDialer)
        case listeningMuxer(MultistreamListener)
        case open
        case failed
    }

    static let security = "/noise"
    static let muxer = "/yamux/1.0.0"

    public let role: YamuxSession.Role
    /// How long a stream may take to agree on what is spoken, and how many of the peer's may be at it.
    let negotiationTime: TimeSpan
    let negotiatingLimit: Int
    let protocols: [StreamProtocol]
    private let identity: NoiseIdentity
    private let expected: NodeID?
    private let deadline: Instant

    var phase: Phase
    private var handshake: NoiseHandshake
    private var frames = FrameReader(.u16BigEndian, limit: NoiseHandshake.messageLimit)
    private var channel: NoiseChannel?
    /// Bytes that leave before anything of the streams: handshake messages, and the sealed agreement on the muxer.
    private var output: [UInt8] = []

    var yamux: YamuxSession
    // ORDER: looked up by stream only; deadlines are walked in the order of `negotiations`.
    var streams: [StreamID: StreamPhase] = [:]
    var negotiations: [StreamNegotiation] = []

    /// The latest instant this connection was told.
    var now: Instant
    public private(set) var peer: NodeID?
    public private(set) var fault: ConnectionFault?

    /// `expected` is the peer a dialer wants to reach; `ephemeral` is a fresh key.
    public init(
        _ role: YamuxSession.Role, as identity: NoiseIdentity, ephemeral: consuming AgreementKey,
        expecting expected: NodeID? = nil, speaking protocols: [StreamProtocol], limits: Limits = Limits(),
        at now: Instant
    ) {
        self.role = role
        negotiationTime = limits.secureChannel.negotiationTime
        negotiatingLimit = limits.streams.negotiating
        self.protocols = protocols
        self.identity = identity
        self.expected = expected
        self.now = now
        deadline = now + limits.connections.handshakeTime
        handshake = NoiseHandshake(
            .xx, role == .dialer ? .initiator : .responder, local: identity.local,
            ephemeral: SharedAgreementKey(ephemeral))
        yamux = YamuxSession(role, limits: limits, at: now)
        switch role {
        case .dialer:
            var dialer = MultistreamDialer(proposing: [Self.security])
            dialer.start(into: &output)
            phase = .dialingSecurity(dialer)
            do throws(NoiseFault) {
                try sendHandshake([])
            } catch {
                invariant(false, "the first message is our key alone and cannot be refused: \(error)")
            }
        case .listener:
            phase = .listeningSecurity(MultistreamListener(accepting: [Self.security]))
        }
    }

    /// Takes bytes as they arrived, in any pieces.
    public mutating func receive(_ bytes: RawSpan, at now: Instant, into events: inout [Event]) {
        self.now = now
        var reader = ByteReader(bytes)
        while reader.remaining > 0, fault == nil {
            switch phase {
            case .dialingSecurity(var dialer):
                let step = dialer.receive(&reader, into: &output)
                phase = .dialingSecurity(dialer)
                advance(step, to: .handshake, into: &events)
            case .listeningSecurity(var listener):
                let step = listener.receive(&reader, into: &output)
                phase = .listeningSecurity(listener)
                advance(step, to: .handshake, into: &events)
            default:
                receiveFrame(from: &reader, into: &events)
            }
        }
    }

    /// Whether `produce` would give anything.
    public var hasOutput: Bool { !output.isEmpty || (maySendStreams && yamux.hasOutput) }

    /// A dialer sends frames behind its proposal of yamux; a listener waits for that proposal.
    private var maySendStreams: Bool { channel != nil && fault == nil && (role == .dialer || isOpen) }

    private var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Appends bytes to send, most urgent first, until about `limit` are there or nothing is left.
    public mutating func produce(_ limit: Int, into bytes: inout [UInt8], events: inout [Event]) {
        bytes.append(contentsOf: output)
        output.removeAll(keepingCapacity: true)
        let end = bytes.count + limit
        var frames: [UInt8] = []
        var streamEvents: [YamuxSession.Event] = []
        while bytes.count < end, maySendStreams, yamux.hasOutput {
            frames.removeAll(keepingCapacity: true)
            yamux.produce(min(end - bytes.count, 32 << 10), into: &frames, events: &streamEvents)
            seal(frames.span.bytes, into: &bytes, events: &events)
        }
        handle(streamEvents, into: &events)
    }

    /// When `advance(to:)` wants to be called next.
    public var nextDeadline: Instant {
        guard fault == nil else { return .distantFuture }
        guard isOpen else { return deadline }
        return min(yamux.nextDeadline, negotiations.first?.deadline ?? .distantFuture)
    }

    /// Gives up what has taken too long and asks a silent peer for a sign of life.
    public mutating func advance(to now: Instant, into events: inout [Event]) {
        self.now = now
        guard fault == nil else { return }
        guard isOpen else {
            if now >= deadline { fail(.tooSlow, into: &events) }
            return
        }
        expireNegotiations(into: &events)
        var streamEvents: [YamuxSession.Event] = []
        yamux.keepAlive(at: now, into: &streamEvents)
        handle(streamEvents, into: &events)
    }

    /// A secret both ends share, for a purpose of its own; nothing before the peer is established.
    public func export(_ purpose: String, count: Int) -> [UInt8]? {
        peer == nil ? nil : channel?.export(purpose, count: count)
    }

    mutating func fail(_ reason: ConnectionFault, into events: inout [Event]) {
        guard fault == nil else { return }
        fault = reason
        phase = .failed
        output.removeAll()
        streams.removeAll()
        negotiations.removeAll()
        events.append(.failed(reason))
    }

    /// Ends the connection for a fault of yamux. Its last frame, the go-away, is all that still leaves.
    mutating func failStreams(_ reason: YamuxFault, into events: inout [Event]) {
        fail(.streams(reason), into: &events)
        var farewell: [UInt8] = []
        var none: [YamuxSession.Event] = []
        yamux.produce(YamuxHeader.count, into: &farewell, events: &none)
        if !farewell.isEmpty { sealOutput(farewell, into: &events) }
    }

    private mutating func advance(_ step: MultistreamStep, to next: Phase, into events: inout [Event]) {
        switch step {
        case .waiting: break
        case .agreed: phase = next
        case .failed(let reason): fail(.negotiation(reason), into: &events)
        }
    }

    private mutating func receiveFrame(from reader: inout ByteReader, into events: inout [Event]) {
        // Nearly always the whole frame is there and is opened where it lies.
        if let frame = frames.wholeFrame(in: &reader) { return receiveFrame(frame, into: &events) }
        let collected: [UInt8]?
        do {
            collected = try frames.next(from: &reader)
        } catch {
            return fail(.badFrame, into: &events)
        }
        if let collected { receiveFrame(collected.span.bytes, into: &events) }
    }

    private mutating func receiveFrame(_ frame: RawSpan, into events: inout [Event]) {
        do throws(NoiseFault) {
            if channel == nil {
                try receiveHandshake(frame, into: &events)
            } else {
                var plain: [UInt8] = []
                try channel?.open(frame, into: &plain)
                receivePlain(plain.span.bytes, into: &events)
            }
        } catch {
            fail(.noise(error), into: &events)
        }
    }

    private mutating func receiveHandshake(_ message: RawSpan, into events: inout [Event]) throws(NoiseFault) {
        let payload = try handshake.read(message)
        if let noiseKey = handshake.remoteStatic {
            guard let node = NoiseIdentity.verify(payload, noiseKey: noiseKey) else {
                return fail(.badIdentity, into: &events)
            }
            guard expected == nil || expected == node else { return fail(.wrongPeer(node), into: &events) }
            peer = node
        } else if !payload.isEmpty {
            // The first message is in the clear and carries nothing.
            return fail(.noise(.badLength), into: &events)
        }
        if handshake.isOurTurn { try sendHandshake(identity.payload) }
        guard let finished = handshake.finish(), let peer else { return }
        channel = finished
        switch role {
        case .dialer:
            var dialer = MultistreamDialer(proposing: [Self.muxer])
            var proposal: [UInt8] = []
            dialer.start(into: &proposal)
            phase = .dialingMuxer(dialer)
            sealOutput(proposal, into: &events)
        case .listener:
            phase = .listeningMuxer(MultistreamListener(accepting: [Self.muxer]))
        }
        events.append(.established(peer))
    }

    /// Queues this end's next handshake message. It fails where the peer's key is one that agrees on nothing.
    private mutating func sendHandshake(_ payload: [UInt8]) throws(NoiseFault) {
        var message: [UInt8] = []
        try handshake.write(payload, into: &message)
        var writer = ByteWriter(capacity: message.count + 2)
        writer.frame(.u16BigEndian, message)
        output.append(contentsOf: writer.bytes)
    }

    private mutating func receivePlain(_ bytes: RawSpan, into events: inout [Event]) {
        var reader = ByteReader(bytes)
        var answer: [UInt8] = []
        switch phase {
        case .dialingMuxer(var dialer):
            let step = dialer.receive(&reader, into: &answer)
            phase = .dialingMuxer(dialer)
            advance(step, to: .open, into: &events)
        case .listeningMuxer(var listener):
            let step = listener.receive(&reader, into: &answer)
            phase = .listeningMuxer(listener)
            advance(step, to: .open, into: &events)
        default: break
        }
        if !answer.isEmpty { sealOutput(answer, into: &events) }
        guard case .open = phase, reader.remaining > 0, let rest = try? reader.take(reader.remaining) else { return }
        var streamEvents: [YamuxSession.Event] = []
        yamux.receive(rest, at: now, into: &streamEvents)
        handle(streamEvents, into: &events)
    }

    private mutating func sealOutput(_ plain: [UInt8], into events: inout [Event]) {
        var sealed: [UInt8] = []
        seal(plain.span.bytes, into: &sealed, events: &events)
        output.append(contentsOf: sealed)
    }

    /// Appends one sealed frame: its length, then the message, sealed where it stands.
    private mutating func seal(_ plain: RawSpan, into bytes: inout [UInt8], events: inout [Event]) {
        let count = plain.byteCount + ChaCha20Poly1305.tagCount
        bytes.append(UInt8(truncatingIfNeeded: count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: count))
        do throws(NoiseFault) {
            try channel?.seal(plain, into: &bytes)
        } catch {
            bytes.removeLast(2)
            fail(.noise(error), into: &events)
        }
    }
}
