import CairnBase
import CairnCrypto
import CairnTransport

extension FuzzTarget {
    /// Two whole connections joined by a wire, driven by the input: each pair of bytes is an action and its argument.
    /// While nobody alters the wire, no connection fails and every stream gives a prefix of what was written on it.
    static let connection = FuzzTarget("connection", mutations: 150) { bytes in
        var story = ConnectionStory()
        for index in stride(from: 0, to: min(bytes.count, 400) - 1, by: 2) {
            story.act(bytes[index], bytes[index + 1])
            try story.check()
        }
        story.carryEverything()
        try story.check()
    }
}

/// The two ends, the bytes between them, and what was said.
private struct ConnectionStory {
    private static let echo = StreamProtocol("/cairn/echo/1", .block)

    private var ends: [Connection]
    /// Bytes on their way to each end.
    private var wires: [[UInt8]] = [[], []]
    private var now = Instant.origin
    private var isAltered = false
    private var hasWaited = false
    private var opened: [(stream: StreamID, by: Int)] = []
    /// By end and stream: what it wrote, and what the other end received. A stream's number is unique on a connection.
    private var written: [[StreamID: [UInt8]]] = [[:], [:]]
    private var received: [[StreamID: [UInt8]]] = [[:], [:]]

    init() {
        ends = [
            Connection(
                .dialer, as: Self.identity(1), ephemeral: Self.key(2), speaking: [Self.echo], at: .origin),
            Connection(
                .listener, as: Self.identity(3), ephemeral: Self.key(4), speaking: [Self.echo], at: .origin),
        ]
    }

    private static func seed(_ label: UInt8) -> Seed {
        Seed(known: Blake2b().digest(DomainTag("cn/fuzz"), [label]).raw)
    }

    private static func key(_ label: UInt8) -> AgreementKey { AgreementKey(seed: seed(label)) }

    private static func identity(_ label: UInt8) -> NoiseIdentity {
        NoiseIdentity(signedBy: SecretKey(seed: seed(label)), local: key(label &+ 100))
    }

    mutating func act(_ action: UInt8, _ argument: UInt8) {
        let end = Int(action & 1)
        switch action >> 1 & 7 {
        case 0: carry(to: end, 1 + Int(argument) * 8)
        case 1: open(at: end)
        case 2: write(at: end, argument)
        case 3: finishOrReset(at: end, argument)
        case 4: carryEverything()
        case 5: alter(towards: end, argument)
        case 6: wait(argument)
        default: inject(towards: end, argument)
        }
    }

    mutating func carryEverything() {
        for _ in 0..<200 where ends[0].hasOutput || ends[1].hasOutput || !wires[0].isEmpty || !wires[1].isEmpty {
            carry(to: 1, 1 << 16)
            carry(to: 0, 1 << 16)
        }
    }

    private mutating func carry(to end: Int, _ count: Int) {
        var events: [Connection.Event] = []
        ends[1 - end].produce(count, into: &wires[end], events: &events)
        let piece = Array(wires[end].prefix(count))
        wires[end].removeFirst(piece.count)
        note(events, at: 1 - end)
        events = []
        ends[end].receive(piece.span.bytes, at: now, into: &events)
        note(events, at: end)
    }

    private mutating func open(at end: Int) {
        guard let stream = ends[end].open([Self.echo.name], .block) else { return }
        opened.append((stream, end))
    }

    private mutating func write(at end: Int, _ argument: UInt8) {
        guard let stream = opened.last(where: { $0.by == end })?.stream else { return }
        let bytes = [UInt8](repeating: argument, count: 1 + Int(argument) * 16)
        if ends[end].write(stream, bytes) { written[end][stream, default: []] += bytes }
    }

    private mutating func finishOrReset(at end: Int, _ argument: UInt8) {
        guard !opened.isEmpty else { return }
        let stream = opened[Int(argument) % opened.count].stream
        guard argument >= 128 else { return ends[end].finish(stream) }
        var events: [Connection.Event] = []
        ends[end].reset(stream, into: &events)
        note(events, at: end)
    }

    private mutating func alter(towards end: Int, _ argument: UInt8) {
        guard !wires[end].isEmpty else { return }
        wires[end][Int(argument) % wires[end].count] ^= 1 << (argument & 7)
        isAltered = true
    }

    private mutating func inject(towards end: Int, _ argument: UInt8) {
        wires[end] += [UInt8](repeating: argument, count: Int(argument & 15))
        isAltered = isAltered || argument & 15 > 0
    }

    private mutating func wait(_ argument: UInt8) {
        now = now + .milliseconds(UInt64(argument) * 100)
        hasWaited = true
        for end in ends.indices {
            var events: [Connection.Event] = []
            ends[end].advance(to: now, into: &events)
            note(events, at: end)
        }
    }

    private mutating func note(_ events: [Connection.Event], at end: Int) {
        for case .received(let stream, let bytes) in events {
            received[end][stream, default: []] += bytes
            var more: [Connection.Event] = []
            ends[end].consume(stream, bytes.count, into: &more)
        }
    }

    func check() throws(FuzzFinding) {
        for end in ends.indices {
            for (stream, bytes) in received[end] {
                let whole = written[1 - end][stream] ?? []
                try require(whole.starts(with: bytes), "\(stream) gave other bytes than were written on it")
            }
            try require(isAltered || hasWaited || ends[end].fault == nil, "an honest connection failed")
        }
    }
}
