internal import CairnBase
internal import CairnWire

/// Messages that need no answer, over two long streams each way: one for what is urgent, one for what may be large.
///
/// Each end opens both and writes on those it opened; a message is a frame with a length of four bytes. Two streams and
/// not one, so that a vote overtakes a block that is on its way.
struct MessageLanes: Sendable {
    static let urgent = StreamProtocol("/cairn/consensus/1", .urgent)
    static let large = StreamProtocol("/cairn/proposal/1", .block)
    static let protocols = [urgent, large]

    enum Event: Sendable, Equatable {
        case message([UInt8], urgent: Bool)
        /// The peer closed a lane, or opened one twice.
        case broken(String)
        /// It sent a longer message than there may be.
        case oversize
    }

    private struct Inbound: Sendable {
        let isUrgent: Bool
        var frames: FrameReader
    }

    let messageLimit: Int
    private var outgoing: [(isUrgent: Bool, id: StreamID)] = []
    private var incoming = OrderedMap<StreamID, Inbound>()

    init(messageLimit: Int) {
        self.messageLimit = messageLimit
    }

    /// Bytes of messages whose end has not arrived.
    var heldCount: Int { incoming.reduce(0) { $0 + $1.value.frames.heldCount } }

    /// Opens our two; false when the connection has no room for them.
    mutating func open(on connection: inout Connection) -> Bool {
        for lane in Self.protocols {
            guard let id = connection.open([lane.name], lane.sendClass) else { return false }
            outgoing.append((lane == Self.urgent, id))
        }
        return true
    }

    /// Queues a message, or refuses it whole when too much waits already.
    func send(_ message: [UInt8], urgent: Bool, on connection: inout Connection) -> Bool {
        guard let lane = outgoing.first(where: { $0.isUrgent == urgent }) else { return false }
        var writer = ByteWriter(capacity: message.count + 4)
        writer.frame(.u32, message)
        return connection.write(lane.id, writer.bytes)
    }

    mutating func handle(
        _ event: Connection.Event, on connection: inout Connection, into events: inout [Event],
        more: inout [Connection.Event]
    ) -> Bool {
        switch event {
        case .opened(let id, let name):
            guard Self.protocols.contains(where: { $0.name == name }) else { return false }
            let isUrgent = name == Self.urgent.name
            guard !incoming.contains(where: { $0.value.isUrgent == isUrgent }) else {
                events.append(.broken("it opened \(name) twice"))
                return true
            }
            incoming[id] = Inbound(isUrgent: isUrgent, frames: FrameReader(.u32, limit: messageLimit))
        case .received(let id, let bytes):
            guard incoming.contains(id) else { return outgoing.contains { $0.id == id } }
            connection.consume(id, bytes.count, into: &more)
            receive(bytes, on: id, into: &events)
        case .finished(let id), .closed(let id):
            guard incoming.contains(id) || outgoing.contains(where: { $0.id == id }) else { return false }
            events.append(.broken("it closed a stream of our protocols"))
        case .agreed(let id, _): return outgoing.contains { $0.id == id }
        case .established, .roundTrip, .failed: return false
        }
        return true
    }

    private mutating func receive(_ bytes: [UInt8], on id: StreamID, into events: inout [Event]) {
        guard var lane = incoming[id] else { return }
        var input = ByteReader(bytes.span.bytes)
        do throws(DecodeError) {
            while let message = try lane.frames.next(from: &input) {
                events.append(.message(message, urgent: lane.isUrgent))
            }
        } catch {
            events.append(.oversize)
        }
        incoming[id] = lane
    }
}
