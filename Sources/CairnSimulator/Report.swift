public import CairnBase

/// What a run did and whether anything was wrong.
public struct Report: Sendable {
    public let protocolName: String
    public let seed: UInt64
    public let options: SwarmOptions
    public internal(set) var violation: Violation?
    /// When the rule was seen broken.
    public internal(set) var violatedAt: Instant?
    public internal(set) var events: UInt64 = 0
    public internal(set) var simulated: TimeSpan = .zero
    public internal(set) var trace = TraceHash()
    /// How long after the healing the core had converged; nil without a liveness phase.
    public internal(set) var convergedAfter: TimeSpan?
    /// How many faults of each kind struck, in the order of `FaultKind`.
    public internal(set) var faultCounts: [FaultCount] = []
    /// The faults one by one, when the run was asked to record them.
    public internal(set) var injected: [InjectedFault] = []
    public internal(set) var notes = Notes()
    /// Boundaries between effects that each server passed: where crashes can be placed.
    public internal(set) var boundaries: [UInt64] = []
    /// The last events, when the run was asked to keep them.
    public internal(set) var log: [String] = []

    public var faultTotal: UInt64 { faultCounts.reduce(0) { $0 + $1.count } }
}

public struct FaultCount: Sendable, Hashable {
    public let kind: FaultKind
    public let count: UInt64
}

/// Named figures of a run: what processes noted, and which fault points and rare states were reached.
public struct Notes: Sendable, Hashable {
    public struct Figure: Sendable, Hashable {
        public var count: UInt64 = 0
        public var sum: UInt64 = 0
        public var maximum: UInt64 = 0
    }

    private var figures: [String: Figure] = [:]

    public init() {}

    public var names: [String] { figures.keys.sorted() }
    public subscript(name: String) -> Figure { figures[name] ?? Figure() }

    mutating func add(_ name: StaticString, _ value: UInt64) {
        add(String(describing: name), Figure(count: 1, sum: value, maximum: value))
    }

    mutating func add(_ points: FaultPoints) {
        for point in points.counts {
            add("point." + point.name, Figure(count: point.visits, sum: point.firings, maximum: point.firings))
        }
    }

    public mutating func add(_ other: Notes) {
        for name in other.names { add(name, other[name]) }
    }

    private mutating func add(_ name: String, _ figure: Figure) {
        figures[name, default: Figure()].count += figure.count
        figures[name, default: Figure()].sum &+= figure.sum
        figures[name, default: Figure()].maximum = max(figures[name, default: Figure()].maximum, figure.maximum)
    }
}
