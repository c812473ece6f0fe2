import CairnBase
import CairnWire

/// The connections of a simulated pub/sub node: frames over simulated sockets, in order and once or not at all.
///
/// In the place of Noise and yamux, which the streams protocol tests: who is at the other end is what the network says.
/// One connection joins two processes; the later one replaces the earlier.
struct PubSubLinks: Sendable {
    enum Event: Sendable {
        case up(ProcessID, isDialer: Bool)
        case frame(ProcessID, [UInt8])
        case down(ProcessID)
    }

    private struct Link: Sendable {
        let name: SocketName
        var socket: SimulatedSocket
        var frames: FrameReader
        /// What the socket has no room for yet.
        var waiting = ByteQueue()
    }

    static let frameLimit = 1 << 20
    private static let queueLimit = 1 << 20

    private var links = OrderedMap<ProcessID, Link>()
    private var outgoing: [(to: ProcessID, SimulatedSegment)] = []
    private var wakeAt = Instant.distantFuture
    private var random: SeededRandom
    /// Frames that did not fit the queue of a slow peer.
    private(set) var dropped: UInt64 = 0

    init(random: SeededRandom) { self.random = random }

    func isUp(_ peer: ProcessID) -> Bool { links.contains(peer) }

    mutating func dial(_ peer: ProcessID, at now: Instant, into events: inout [Event]) {
        open(SocketName(number: random.next()), peer, isDialer: true, at: now, into: &events)
    }

    private mutating func open(
        _ name: SocketName, _ peer: ProcessID, isDialer: Bool, at now: Instant, into events: inout [Event]
    ) {
        end(peer, into: &events)
        links[peer] = Link(
            name: name, socket: SimulatedSocket(name, isDialer: isDialer, at: now),
            frames: FrameReader(.uvarint, limit: Self.frameLimit))
        events.append(.up(peer, isDialer: isDialer))
    }

    private mutating func end(_ peer: ProcessID, into events: inout [Event]) {
        guard let link = links.removeValue(forKey: peer) else { return }
        outgoing.append((peer, SimulatedSocket.reset(link.name)))
        events.append(.down(peer))
    }

    mutating func send(_ frame: [UInt8], to peer: ProcessID) {
        let isQueued = links.mutate(peer) { link in
            guard link.waiting.count + frame.count <= Self.queueLimit else { return false }
            var writer = ByteWriter(capacity: frame.count + 4)
            writer.frame(.uvarint, frame)
            link.waiting.append(writer.bytes)
            return true
        }
        if isQueued == false { dropped += 1 }
    }

    mutating func receive(
        _ segment: SimulatedSegment, from peer: ProcessID, at now: Instant, into events: inout [Event]
    ) {
        if segment.kind == .open, links[peer]?.name != segment.name {
            open(segment.name, peer, isDialer: false, at: now, into: &events)
        }
        guard links[peer]?.name == segment.name else {
            if segment.kind != .reset { outgoing.append((peer, SimulatedSocket.reset(segment.name))) }
            return
        }
        var frames: [[UInt8]] = []
        let isFit = links.mutate(peer) { link in
            let bytes = link.socket.receive(segment, at: now)
            var reader = ByteReader(bytes.span.bytes)
            do {
                while let frame = try link.frames.next(from: &reader) { frames.append(frame) }
                return !link.socket.isBroken
            } catch {
                return false
            }
        }
        events += frames.map { .frame(peer, $0) }
        if isFit == false { end(peer, into: &events) }
    }

    /// Sends what can be sent, gives up what is dead, and says when to be woken.
    mutating func flush(
        at now: Instant, into events: inout [Event]
    ) -> (segments: [(to: ProcessID, SimulatedSegment)], wake: Instant?) {
        for peer in links.keys {
            var segments: [SimulatedSegment] = []
            let isBroken = links.mutate(peer) { link in
                while link.socket.room > 0, !link.waiting.isEmpty {
                    link.socket.send(link.waiting.take(link.socket.room), at: now)
                }
                link.socket.flush(at: now, into: &segments)
                return link.socket.isBroken
            }
            outgoing += segments.map { (peer, $0) }
            if isBroken == true { end(peer, into: &events) }
        }
        defer { outgoing = [] }
        let deadline = links.reduce(Instant.distantFuture) { min($0, $1.value.socket.deadline) }
        guard deadline < .distantFuture, deadline < wakeAt || wakeAt <= now else { return (outgoing, nil) }
        wakeAt = deadline
        return (outgoing, max(deadline, now))
    }
}
