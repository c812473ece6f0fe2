internal import CairnBase
internal import CairnWire

/// What is known about a stream of a connection.
enum StreamPhase: Sendable {
    case proposing(MultistreamDialer)
    case answering(MultistreamListener)
    case open
}

/// A stream on which nothing was agreed yet, and until when that may last.
struct StreamNegotiation: Sendable {
    let stream: StreamID
    let deadline: Instant
    let inbound: Bool
}

extension Connection {
    /// Opens a stream for the first of `names` that the peer speaks. With a single name, what is written at once leaves
    /// together with the proposal.
    public mutating func open(_ names: [String], _ sendClass: SendClass) -> StreamID? {
        guard fault == nil, peer != nil, let id = yamux.open(sendClass) else { return nil }
        var dialer = MultistreamDialer(proposing: names)
        var proposal: [UInt8] = []
        dialer.start(into: &proposal)
        guard yamux.write(id, proposal) else {
            var ignored: [YamuxSession.Event] = []
            yamux.reset(id, into: &ignored)
            return nil
        }
        streams[id] = .proposing(dialer)
        negotiations.append(
            StreamNegotiation(stream: id, deadline: now + negotiationTime, inbound: false))
        return id
    }

    /// What the connection holds of the process, for whoever shares it out.
    public struct Usage: Sendable, Equatable {
        public var streams = 0
        /// Received bytes that nobody has consumed yet, and bytes that wait to be sent.
        public var unconsumed = 0
        public var unsent = 0

        public init() {}

        public var bytes: Int { unconsumed + unsent }
    }

    public var usage: Usage {
        var usage = Usage()
        usage.streams = yamux.streamCount
        usage.unconsumed = yamux.unconsumed
        usage.unsent = yamux.queuedBytes.reduce(0, +)
        return usage
    }

    /// How many bytes `write` would take now.
    public func capacity(_ id: StreamID) -> Int { yamux.capacity(id) }

    /// Queues all of `bytes`, or nothing when there is no room.
    public mutating func write(_ id: StreamID, _ bytes: [UInt8]) -> Bool {
        fault == nil && yamux.write(id, bytes)
    }

    /// Says that our side of a stream is complete.
    public mutating func finish(_ id: StreamID) { yamux.finish(id) }

    public mutating func reset(_ id: StreamID, into events: inout [Event]) {
        var streamEvents: [YamuxSession.Event] = []
        yamux.reset(id, into: &streamEvents)
        handle(streamEvents, into: &events)
    }

    /// Returns credit for received bytes the application is done with.
    public mutating func consume(_ id: StreamID, _ count: Int, into events: inout [Event]) {
        var streamEvents: [YamuxSession.Event] = []
        yamux.consume(id, count, into: &streamEvents)
        handle(streamEvents, into: &events)
    }

    mutating func expireNegotiations(into events: inout [Event]) {
        while let oldest = negotiations.first, oldest.deadline <= now {
            negotiations.removeFirst()
            reset(oldest.stream, into: &events)
        }
    }

    mutating func handle(_ streamEvents: [YamuxSession.Event], into events: inout [Event]) {
        for event in streamEvents {
            guard fault == nil else { return }
            switch event {
            case .opened(let id): accept(id, into: &events)
            case .received(let id, let bytes): receive(bytes, on: id, into: &events)
            case .finished(let id):
                if case .open = streams[id] { events.append(.finished(id)) } else { reset(id, into: &events) }
            case .reset(let id), .closed(let id): forget(id, into: &events)
            case .roundTrip(let time): events.append(.roundTrip(time))
            case .goneAway: break
            case .failed(let reason): failStreams(reason, into: &events)
            }
        }
    }

    private mutating func accept(_ id: StreamID, into events: inout [Event]) {
        guard negotiations.count(where: \.inbound) < negotiatingLimit else { return reset(id, into: &events) }
        streams[id] = .answering(MultistreamListener(accepting: protocols.map(\.name)))
        negotiations.append(
            StreamNegotiation(stream: id, deadline: now + negotiationTime, inbound: true))
    }

    private mutating func receive(_ bytes: [UInt8], on id: StreamID, into events: inout [Event]) {
        guard let known = streams[id] else { return }
        var reader = ByteReader(bytes.span.bytes)
        var answer: [UInt8] = []
        let step: MultistreamStep
        switch known {
        case .open:
            events.append(.received(id, bytes))
            return
        case .proposing(var dialer):
            step = dialer.receive(&reader, into: &answer)
            streams[id] = .proposing(dialer)
        case .answering(var listener):
            step = listener.receive(&reader, into: &answer)
            streams[id] = .answering(listener)
        }
        if !answer.isEmpty, !yamux.write(id, answer) { return reset(id, into: &events) }
        let surplus = reader.remaining
        consume(id, bytes.count - surplus, into: &events)
        settle(step, on: id, proposed: { if case .proposing = known { true } else { false } }(), into: &events)
        if surplus > 0, case .open = streams[id] {
            events.append(.received(id, Array(bytes.suffix(surplus))))
        }
    }

    private mutating func settle(
        _ step: MultistreamStep, on id: StreamID, proposed: Bool, into events: inout [Event]
    ) {
        switch step {
        case .waiting: break
        case .failed: reset(id, into: &events)
        case .agreed(let name):
            streams[id] = .open
            negotiations.removeAll { $0.stream == id }
            if !proposed, let spoken = protocols.first(where: { $0.name == name }) {
                yamux.setClass(id, spoken.sendClass)
            }
            events.append(proposed ? .agreed(id, name) : .opened(id, name))
        }
    }

    private mutating func forget(_ id: StreamID, into events: inout [Event]) {
        guard streams.removeValue(forKey: id) != nil else { return }
        negotiations.removeAll { $0.stream == id }
        events.append(.closed(id))
    }
}
