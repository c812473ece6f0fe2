/// Orders the values of the register: a counter, with the writer's number to break ties.
public struct Stamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    let counter: UInt64
    let writer: UInt64

    static let initial = Stamp(counter: 0, writer: 0)

    public static func < (left: Stamp, right: Stamp) -> Bool {
        (left.counter, left.writer) < (right.counter, right.writer)
    }

    public var description: String { "\(counter).\(writer)" }
}

/// A value with its stamp: all that a server stores.
public struct StampedValue: Sendable, Hashable, CustomStringConvertible {
    let stamp: Stamp
    let value: UInt64

    static let initial = StampedValue(stamp: .initial, value: 0)

    public var description: String { "\(value)@\(stamp)" }
}

/// What clients and servers of the register say to one another. `round` names a phase of one client's operation.
public enum RegisterMessage: SimulatedMessage {
    case query(round: UInt64)
    case held(round: UInt64, StampedValue)
    case store(round: UInt64, StampedValue)
    case stored(round: UInt64)

    public var byteCount: Int {
        switch self {
        case .query, .stored: 36
        case .held, .store: 60
        }
    }

    public func absorb(into trace: inout TraceHash) {
        switch self {
        case .query(let round):
            trace.absorb(1 << 60 | round)
        case .stored(let round):
            trace.absorb(2 << 60 | round)
        case .held(let round, let held):
            trace.absorb(3 << 60 | round)
            held.absorb(into: &trace)
        case .store(let round, let held):
            trace.absorb(4 << 60 | round)
            held.absorb(into: &trace)
        }
    }
}

extension StampedValue {
    func absorb(into trace: inout TraceHash) {
        trace.absorb(stamp.counter)
        trace.absorb(stamp.writer)
        trace.absorb(value)
    }
}
