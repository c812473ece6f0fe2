import CairnBase
import CairnTransport
import CairnWire

/// An honest node of the streams protocol: keeps connections to a few others, pours bytes to them, asks, and answers.
struct StreamsPeer: Sendable {
    static let pour = StreamProtocol("/cairn/pour/1", .bulk)
    static let question = RequestKind(
        "question", .urgent, questionLimit: 4 << 10, answerLimit: 64 << 10, time: .seconds(8))
    static let protocols = [pour, question.spoken]
    private static let dialed = 3
    private static let longestPour = 400_000
    private static let pieceLimit = 12 << 10

    struct Pour: Sendable {
        let place: StreamPlace
        let key: UInt64
        let count: Int
        var sent = 0
        let id: StreamID
    }

    struct Arrival: Sendable {
        let id: StreamID
        let from: ProcessID
        var held = 0
    }

    let id: ProcessID
    private let cluster: Cluster
    private let nodes: [NodeID]
    let bug: StreamsBug?
    var random: SeededRandom
    var plane: StreamPlane
    var requests = OrderedMap<SocketName, Requests>()
    var established: [SocketName] = []
    var pours: [Pour] = []
    var arrivals = OrderedMap<StreamPlace, Arrival>()
    /// Questions of ours under way.
    var open = OrderedSet<StreamPlace>()
    /// Whether what arrives is consumed only now and then, as an application under load does.
    let isSlow: Bool
    private var nextActivity = Instant.origin
    private var wire: AlteringWire

    init(
        _ setup: ProcessSetup, as identity: NoiseIdentity, among nodes: [NodeID], over wire: AlteringWire,
        bug: StreamsBug?
    ) {
        id = setup.id
        cluster = setup.cluster
        self.nodes = nodes
        self.bug = bug
        var random = setup.random
        plane = StreamPlane(
            as: identity, speaking: Self.protocols, random: random.fork("plane"))
        isSlow = random.below(3) == 0
        self.wire = wire
        self.random = random
    }

    mutating func handle(
        _ event: StreamsProcess.Event, at now: Instant, into effects: inout [StreamsProcess.Effect]
    ) {
        var events: [StreamPlane.Event] = []
        switch event {
        case .started: nextActivity = now
        case .message(let from, let message):
            var wire = wire
            let isEarly = plane.links[message.segment.name]?.connection.peer == nil
            plane.receive(message.segment, from: from, at: now, into: &events) { wire.alter(&$0, isEarly: isEarly) }
            self.wire = wire
        case .timer, .disk: break
        }
        if now >= nextActivity { beActive(at: now, into: &events, &effects) }
        plane.advance(to: now, into: &events)
        expireRequests(at: now, into: &events, &effects)
        settle(events, at: now, into: &effects)
        effects.append(.observe(.acted(at: now)))
    }

    /// Acts until nothing more follows, then says when to be woken.
    private mutating func settle(
        _ first: [StreamPlane.Event], at now: Instant, into effects: inout [StreamsProcess.Effect]
    ) {
        var events = first
        var outgoing: [StreamPlane.Effect] = []
        repeat {
            var more: [StreamPlane.Event] = []
            for event in events { react(to: event, at: now, into: &more, &effects) }
            keepPouring(into: &more)
            plane.flush(at: now, into: &outgoing, events: &more)
            events = more
        } while !events.isEmpty
        for effect in outgoing {
            switch effect {
            case .send(let peer, let segment): effects.append(.send(to: peer, StreamsMessage(segment: segment)))
            case .wake(let at): effects.append(.setTimer(0, at: at))
            }
        }
    }

    // MARK: - What it wants

    private mutating func beActive(
        at now: Instant, into events: inout [StreamPlane.Event], _ effects: inout [StreamsProcess.Effect]
    ) {
        nextActivity = now + random.span(.milliseconds(20), .milliseconds(400))
        effects.append(.setTimer(1, at: nextActivity))
        dialWhoIsMissing(at: now)
        consumeHeld(into: &events)
        guard let name = established.randomElement(using: &random) else { return }
        if random.flip() {
            beginPour(on: name, into: &events, &effects)
        } else {
            ask(on: name, at: now, into: &events, &effects)
        }
    }

    private mutating func dialWhoIsMissing(at now: Instant) {
        let others = min(Self.dialed, cluster.servers - 1)
        for step in 0..<max(others, 0) {
            let peer = ProcessID((id.index + step + 1) % cluster.servers)
            guard !plane.links.contains(where: { $0.value.peer == peer && $0.value.connection.role == .dialer })
            else { continue }
            _ = plane.dial(peer, expecting: nodes[peer.index], at: now)
        }
    }

    private mutating func beginPour(
        on name: SocketName, into events: inout [StreamPlane.Event], _ effects: inout [StreamsProcess.Effect]
    ) {
        guard pours.count < 8 else { return }
        let key = random.next()
        let count = 1 + Int(random.below(UInt64(Self.longestPour)) >> random.below(12))
        let id = plane.perform(name, into: &events) { connection, _ -> StreamID? in
            guard let id = connection.open([Self.pour.name], .bulk) else { return nil }
            var writer = ByteWriter(capacity: 8)
            writer.u64(key)
            return connection.write(id, writer.bytes) ? id : nil
        }
        guard case .some(.some(let stream)) = id else { return }
        let place = StreamPlace(socket: name, stream: stream.number)
        pours.append(Pour(place: place, key: key, count: count, id: stream))
        effects.append(.observe(.pouring(key: key, count: count)))
        effects.append(.note("streams.pours", UInt64(count)))
    }

    private mutating func keepPouring(into events: inout [StreamPlane.Event]) {
        for index in pours.indices {
            let pour = pours[index]
            let left = pour.count - pour.sent
            guard left > 0 else { continue }
            let sent = plane.perform(pour.place.socket, into: &events) { connection, _ -> Int in
                let count = min(left, Self.pieceLimit, connection.capacity(pour.id))
                let offset = bug == .wrongBytes && pour.sent > 0 ? pour.sent - 1 : pour.sent
                guard count > 0, connection.write(pour.id, Self.content(pour.key, offset, count)) else { return 0 }
                if count == left { connection.finish(pour.id) }
                return count
            }
            pours[index].sent += sent ?? 0
        }
        pours.removeAll { $0.sent == $0.count }
    }

    /// The bytes of a transfer from `offset` on: a function of its key.
    static func content(_ key: UInt64, _ offset: Int, _ count: Int) -> [UInt8] {
        (offset..<offset + count).map { UInt8(truncatingIfNeeded: (key &+ UInt64($0)) &* 0x9e37_79b9_7f4a_7c15 >> 56) }
    }

    private mutating func ask(
        on name: SocketName, at now: Instant, into events: inout [StreamPlane.Event],
        _ effects: inout [StreamsProcess.Effect]
    ) {
        let question = Self.content(random.next(), 0, 1 + Int(random.below(3_000)))
        let asked = plane.perform(name, into: &events) { connection, more in
            requests.mutate(name) { $0.ask(Self.question, question, on: &connection, at: now, more: &more) }
        }
        guard case .some(.some(.some(let stream))) = asked else { return }
        guard let peer = plane.links[name]?.peer else { return }
        let place = StreamPlace(socket: name, stream: stream.number)
        open.insert(place)
        effects.append(.observe(.asked(place, of: peer, question, deadline: now + Self.question.time)))
        effects.append(.note("streams.questions", 1))
    }

    static func answer(to question: [UInt8]) -> [UInt8] {
        (0..<question.count * 7).map { question[$0 % question.count] &+ UInt8(truncatingIfNeeded: $0) }
    }

    private mutating func expireRequests(
        at now: Instant, into events: inout [StreamPlane.Event], _ effects: inout [StreamsProcess.Effect]
    ) {
        guard bug != .noDeadline else { return }
        for name in requests.map(\.key) {
            var told: [Requests.Event] = []
            _ = plane.perform(name, into: &events) { connection, more in
                requests.mutate(name) { $0.advance(to: now, on: &connection, into: &told, more: &more) }
            }
            for event in told { react(to: event, on: name, at: now, into: &events, &effects) }
        }
        let deadline = requests.reduce(Instant.distantFuture) { min($0, $1.value.nextDeadline) }
        if deadline < .distantFuture { effects.append(.setTimer(2, at: max(deadline, now + .milliseconds(1)))) }
    }
}

/// Alters a byte of some segments, in runs whose seed has chosen a wire that does.
struct AlteringWire: Sendable {
    var random: SeededRandom
    /// How likely it is per segment; the few of a handshake have a chance of their own.
    let ppm: UInt64
    let handshakePPM: UInt64
    /// Only says that it did: a bug that the judge must notice.
    let isHarmless: Bool

    mutating func alter(_ bytes: inout [UInt8], isEarly: Bool) -> Int? {
        guard !bytes.isEmpty, random.chance(ppm: isEarly ? handshakePPM : ppm) else { return nil }
        let index = Int(random.below(UInt64(bytes.count)))
        let mask = UInt8(1) << UInt8(random.below(8))
        if !isHarmless { bytes[index] ^= mask }
        return index
    }
}
