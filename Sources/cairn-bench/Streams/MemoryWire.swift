import CairnBase
import CairnCrypto
import CairnTransport

/// Two connections joined in memory: what the state machines cost without a socket.
struct MemoryWire {
    private static let bulk = StreamProtocol("/cairn/bulk/1", .bulk)
    private static let streams = 4
    static let piece = [UInt8](repeating: 0xa5, count: 16 << 10)
    private static let portion = 64 << 10

    private var dialer: Connection
    private var listener: Connection
    private var open: [StreamID] = []
    private var arrived = 0
    private var wire: [UInt8] = []
    private var events: [Connection.Event] = []

    static func freshIdentity() -> NoiseIdentity {
        NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
    }

    /// Connects: after this both ends know each other.
    init(from ours: NoiseIdentity, to theirs: NoiseIdentity) {
        dialer = Connection(.dialer, as: ours, ephemeral: .generate(), speaking: [Self.bulk], at: .origin)
        listener = Connection(.listener, as: theirs, ephemeral: .generate(), speaking: [Self.bulk], at: .origin)
        while dialer.hasOutput || listener.hasOutput {
            carryForth()
            carryBack()
        }
    }

    var isConnected: Bool { dialer.peer != nil && listener.peer != nil && dialer.fault == nil && listener.fault == nil }

    /// Sends `total` bytes over several streams at once and consumes them at the other end.
    mutating func send(_ total: Int) {
        if open.isEmpty { open = (0..<Self.streams).compactMap { _ in dialer.open([Self.bulk.name], .bulk) } }
        let end = arrived + total
        while arrived < end, isConnected {
            for stream in open where dialer.capacity(stream) >= Self.piece.count {
                _ = dialer.write(stream, Self.piece)
            }
            carryForth()
            carryBack()
        }
    }

    private mutating func carryForth() {
        Self.carry(from: &dialer, to: &listener, over: &wire, into: &events)
        for case .received(let stream, let bytes) in events {
            arrived += bytes.count
            var more: [Connection.Event] = []
            listener.consume(stream, bytes.count, into: &more)
        }
        events.removeAll(keepingCapacity: true)
    }

    private mutating func carryBack() {
        Self.carry(from: &listener, to: &dialer, over: &wire, into: &events)
        events.removeAll(keepingCapacity: true)
    }

    private static func carry(
        from sender: inout Connection, to receiver: inout Connection, over wire: inout [UInt8],
        into events: inout [Connection.Event]
    ) {
        wire.removeAll(keepingCapacity: true)
        sender.produce(portion, into: &wire, events: &events)
        receiver.receive(wire.span.bytes, at: .origin, into: &events)
    }
}

extension MemoryWire {
    /// How often bytes go there and back from an open socket until the first thing said on a stream has come back.
    static func roundTripsToFirstEcho() -> Int? {
        var dialer = Connection(
            .dialer, as: freshIdentity(), ephemeral: .generate(), speaking: [bulk], at: .origin)
        var listener = Connection(
            .listener, as: freshIdentity(), ephemeral: .generate(), speaking: [bulk], at: .origin)
        var (wire, heard, said): ([UInt8], [Connection.Event], [Connection.Event]) = ([], [], [])
        var stream: StreamID?
        for trip in 1...10 {
            carry(from: &dialer, to: &listener, over: &wire, into: &heard)
            for case .received(let id, let bytes) in heard { _ = listener.write(id, bytes) }
            heard.removeAll()
            carry(from: &listener, to: &dialer, over: &wire, into: &said)
            if said.contains(where: { if case .received = $0 { true } else { false } }) { return trip }
            said.removeAll()
            if stream == nil, let id = dialer.open([bulk.name], .bulk) {
                stream = id
                _ = dialer.write(id, [UInt8](repeating: 7, count: 32))
            }
        }
        return nil
    }
}
