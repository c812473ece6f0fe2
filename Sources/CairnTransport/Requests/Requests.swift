public import CairnBase
internal import CairnWire

/// Questions to one peer and from it, a stream each.
///
/// The asking end writes one frame and finishes; the answering end writes one frame, a status byte and the answer, and
/// finishes. At most two of a kind are under way in each direction: a third of ours is refused here, a third of the
/// peer's is reset. Whatever is malformed, too long or too late resets its stream and nothing else. Status 0 means
/// well; the others belong to the kind.
public struct Requests: Sendable {
    public enum Failure: Sendable, Equatable {
        case tooLate
        /// Longer than its kind allows, cut short, or followed by more.
        case malformed
        /// The peer does not answer this kind, or gave up.
        case refused
    }

    public enum Event: Sendable, Equatable {
        /// The peer asks; to be answered with `answer`, under the same stream.
        case asked(StreamID, name: String, [UInt8])
        case answered(StreamID, status: UInt8, [UInt8])
        /// A question of ours will not be answered.
        case failed(StreamID, Failure)
    }

    public static let concurrentPerKind = 2

    private struct Exchange {
        let kind: RequestKind
        let isOurs: Bool
        let deadline: Instant
        var frames: FrameReader
        /// The one frame that the other end sends.
        var message: [UInt8]?
    }

    private let kinds: [RequestKind]
    private var exchanges = OrderedMap<StreamID, Exchange>()

    public init(of kinds: [RequestKind]) {
        self.kinds = kinds
    }

    /// Asks; nil when two of this kind are under way, or the connection has no room for the question.
    public mutating func ask(
        _ kind: RequestKind, _ question: [UInt8], on connection: inout Connection, at now: Instant,
        more: inout [Connection.Event]
    ) -> StreamID? {
        guard question.count <= kind.questionLimit, underWay(kind, ours: true) < Self.concurrentPerKind,
            let id = connection.open([kind.spoken.name], kind.spoken.sendClass)
        else { return nil }
        guard send(question, on: id, of: &connection) else {
            connection.reset(id, into: &more)
            return nil
        }
        exchanges[id] = Exchange(
            kind: kind, isOurs: true, deadline: now + kind.time,
            frames: FrameReader(.uvarint, limit: kind.answerLimit + 1))
        return id
    }

    /// Answers a question of the peer. False when it is no longer open or there is no room; its stream is gone then.
    public mutating func answer(
        _ id: StreamID, status: UInt8 = 0, _ answer: [UInt8], on connection: inout Connection,
        more: inout [Connection.Event]
    ) -> Bool {
        guard let exchange = exchanges[id], !exchange.isOurs, exchange.message != nil else { return false }
        exchanges[id] = nil
        guard answer.count <= exchange.kind.answerLimit, send([status] + answer, on: id, of: &connection) else {
            connection.reset(id, into: &more)
            return false
        }
        return true
    }

    /// Gives up a question of ours or of the peer; nothing more is told about it.
    public mutating func cancel(_ id: StreamID, on connection: inout Connection, more: inout [Connection.Event]) {
        guard exchanges.removeValue(forKey: id) != nil else { return }
        connection.reset(id, into: &more)
    }

    /// Takes one event of the connection; false when it is none of ours.
    public mutating func handle(
        _ event: Connection.Event, on connection: inout Connection, at now: Instant, into events: inout [Event],
        more: inout [Connection.Event]
    ) -> Bool {
        switch event {
        case .opened(let id, let name):
            guard let kind = kinds.first(where: { $0.spoken.name == name }) else { return false }
            guard underWay(kind, ours: false) < Self.concurrentPerKind else {
                connection.reset(id, into: &more)
                return true
            }
            exchanges[id] = Exchange(
                kind: kind, isOurs: false, deadline: now + kind.time,
                frames: FrameReader(.uvarint, limit: kind.questionLimit))
        case .received(let id, let bytes):
            guard exchanges[id] != nil else { return false }
            connection.consume(id, bytes.count, into: &more)
            receive(bytes, on: id, of: &connection, into: &events, more: &more)
        case .finished(let id):
            guard let exchange = exchanges[id] else { return false }
            finished(id, exchange, on: &connection, into: &events, more: &more)
        case .closed(let id):
            guard let exchange = exchanges.removeValue(forKey: id) else { return false }
            if exchange.isOurs { events.append(.failed(id, .refused)) }
        case .agreed(let id, _): return exchanges[id] != nil
        case .established, .roundTrip, .failed: return false
        }
        return true
    }

    /// Bytes of questions and answers that are not complete, or not answered.
    var heldCount: Int {
        exchanges.reduce(0) { $0 + $1.value.frames.heldCount + ($1.value.message?.count ?? 0) }
    }

    public var nextDeadline: Instant {
        exchanges.reduce(.distantFuture) { min($0, $1.value.deadline) }
    }

    /// Gives up what has taken too long.
    public mutating func advance(
        to now: Instant, on connection: inout Connection, into events: inout [Event], more: inout [Connection.Event]
    ) {
        for (id, exchange) in exchanges where exchange.deadline <= now {
            fail(id, exchange, .tooLate, on: &connection, into: &events, more: &more)
        }
    }

    private func underWay(_ kind: RequestKind, ours: Bool) -> Int {
        exchanges.reduce(0) { $0 + ($1.value.kind == kind && $1.value.isOurs == ours ? 1 : 0) }
    }

    private func send(_ message: [UInt8], on id: StreamID, of connection: inout Connection) -> Bool {
        var writer = ByteWriter(capacity: message.count + 10)
        writer.frame(.uvarint, message)
        guard connection.write(id, writer.bytes) else { return false }
        connection.finish(id)
        return true
    }

    private mutating func receive(
        _ bytes: [UInt8], on id: StreamID, of connection: inout Connection, into events: inout [Event],
        more: inout [Connection.Event]
    ) {
        guard var exchange = exchanges[id] else { return }
        var input = ByteReader(bytes.span.bytes)
        do throws(DecodeError) {
            while let message = try exchange.frames.next(from: &input) {
                guard exchange.message == nil else { throw .trailing(count: message.count) }
                exchange.message = message
            }
        } catch {
            return fail(id, exchange, .malformed, on: &connection, into: &events, more: &more)
        }
        exchanges[id] = exchange
    }

    /// The other end has said all: its one frame is there, or it never will be.
    private mutating func finished(
        _ id: StreamID, _ exchange: Exchange, on connection: inout Connection, into events: inout [Event],
        more: inout [Connection.Event]
    ) {
        guard let message = exchange.message, let status = exchange.isOurs ? message.first : 0 else {
            return fail(id, exchange, .malformed, on: &connection, into: &events, more: &more)
        }
        guard exchange.isOurs else {
            return events.append(.asked(id, name: exchange.kind.spoken.name, message))
        }
        exchanges[id] = nil
        events.append(.answered(id, status: status, Array(message.dropFirst())))
    }

    private mutating func fail(
        _ id: StreamID, _ exchange: Exchange, _ failure: Failure, on connection: inout Connection,
        into events: inout [Event], more: inout [Connection.Event]
    ) {
        exchanges[id] = nil
        connection.reset(id, into: &more)
        if exchange.isOurs { events.append(.failed(id, failure)) }
    }
}
