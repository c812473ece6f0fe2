import CairnBase
import CairnTransport

/// A node that finishes its handshakes and then does what it should not.
struct StreamsLiar: Sendable {
    enum Lie: UInt64, CaseIterable {
        /// Takes everything, consumes nothing, answers nothing.
        case mute
        /// Opens streams for nothing, as many as it may, and drops them.
        case flood
        /// Speaks our protocols wrongly: frames that never end, answers nobody asked for, bytes of no transfer.
        case rubbish
        /// Alters what it sends below its own seal.
        case scramble
    }

    private let lie: Lie
    private let cluster: Cluster
    private let id: ProcessID
    private var random: SeededRandom
    private(set) var plane: StreamPlane
    private var established: [SocketName] = []
    private var opened: [(name: SocketName, id: StreamID)] = []

    init(_ setup: ProcessSetup, _ lie: Lie, as identity: NoiseIdentity) {
        self.lie = lie
        id = setup.id
        cluster = setup.cluster
        var random = setup.random
        plane = StreamPlane(as: identity, speaking: StreamsPeer.protocols, random: random.fork("plane"))
        _ = random.next()
        self.random = random
    }

    mutating func handle(
        _ event: StreamsProcess.Event, at now: Instant, into effects: inout [StreamsProcess.Effect]
    ) {
        var events: [StreamPlane.Event] = []
        switch event {
        case .message(let from, let message): plane.receive(message.segment, from: from, at: now, into: &events)
        case .timer(0), .disk: break
        case .started, .timer:
            misbehave(at: now, into: &events)
            effects.append(.setTimer(1, at: now + random.span(.milliseconds(20), .milliseconds(500))))
        }
        plane.advance(to: now, into: &events)
        var outgoing: [StreamPlane.Effect] = []
        repeat {
            var more: [StreamPlane.Event] = []
            for event in events { note(event) }
            plane.flush(at: now, into: &outgoing, events: &more)
            events = more
        } while !events.isEmpty
        for effect in outgoing {
            switch effect {
            case .send(let peer, let segment):
                effects.append(.send(to: peer, StreamsMessage(segment: scrambled(segment))))
            case .wake(let at): effects.append(.setTimer(0, at: at))
            }
        }
    }

    private mutating func note(_ event: StreamPlane.Event) {
        switch event {
        case .connection(let name, .established): established.append(name)
        case .connection(let name, .opened(let stream, _)), .connection(let name, .agreed(let stream, _)):
            if opened.count < 256 { opened.append((name, stream)) }
        case .ended(let name):
            established.removeAll { $0 == name }
            opened.removeAll { $0.name == name }
        default: break
        }
    }

    private mutating func misbehave(at now: Instant, into events: inout [StreamPlane.Event]) {
        if plane.links.count < 4 {
            let peer = ProcessID(Int(random.below(UInt64(cluster.servers))))
            if peer != id { _ = plane.dial(peer, expecting: nil, at: now) }
        }
        guard let name = established.randomElement(using: &random) else { return }
        switch lie {
        case .mute, .scramble: break
        case .flood:
            for _ in 0..<random.below(200) {
                _ = plane.perform(name, into: &events) { connection, more in
                    if let stream = connection.open([StreamsPeer.question.spoken.name], .urgent) {
                        connection.reset(stream, into: &more)
                    }
                }
            }
        case .rubbish: speakRubbish(on: name, into: &events)
        }
    }

    private mutating func speakRubbish(on name: SocketName, into events: inout [StreamPlane.Event]) {
        let kind = random.flip() ? StreamsPeer.pour : StreamsPeer.question.spoken
        let bytes = (0..<random.below(9_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let finishes = random.flip()
        let answered = opened.randomElement(using: &random)
        _ = plane.perform(name, into: &events) { connection, _ in
            guard let stream = connection.open([kind.name], kind.sendClass) else { return }
            _ = connection.write(stream, bytes)
            if finishes { connection.finish(stream) }
        }
        guard let answered else { return }
        _ = plane.perform(answered.name, into: &events) { connection, _ in
            _ = connection.write(answered.id, bytes)
            if finishes { connection.finish(answered.id) }
        }
    }

    private mutating func scrambled(_ segment: SimulatedSegment) -> SimulatedSegment {
        guard lie == .scramble, !segment.bytes.isEmpty, random.below(20) == 0 else { return segment }
        var bytes = segment.bytes
        bytes[Int(random.below(UInt64(bytes.count)))] ^= 1 << UInt8(random.below(8))
        return SimulatedSegment(
            name: segment.name, kind: segment.kind, offset: segment.offset, acknowledged: segment.acknowledged,
            bytes: bytes)
    }
}
