public import CairnBase
internal import CairnThreads
internal import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let total = Atomic<UInt64>(0)

    public var value: UInt64 { total.load(ordering: .relaxed) }

    public func add(_ count: UInt64 = 1) {
        total.wrappingAdd(count, ordering: .relaxed)
    }

    /// Takes over a total that is counted elsewhere; a smaller one is ignored.
    public func raise(to total: UInt64) {
        self.total.max(total, ordering: .relaxed)
    }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    public var value: Int64 { current.load(ordering: .relaxed) }

    public func set(_ value: Int64) {
        current.store(value, ordering: .relaxed)
    }

    public func add(_ difference: Int64) {
        current.wrappingAdd(difference, ordering: .relaxed)
    }
}

/// How observations are spread over fixed buckets. Times are kept in nanoseconds and shown in seconds.
public final class Histogram: Sendable {
    enum Unit: Sendable {
        case seconds, plain
    }

    struct State {
        /// Observations per bucket, the last for those above every bound.
        var buckets: [UInt64]
        var sum: UInt64 = 0
    }

    /// Upper bounds, inclusive, ascending.
    let bounds: [UInt64]
    let unit: Unit
    private let state: Guarded<State>

    /// From a tenth of a millisecond to ten seconds.
    public static let latencies: [TimeSpan] = [
        .microseconds(100), .microseconds(250), .milliseconds(1), .microseconds(2_500), .milliseconds(5),
        .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250),
        .milliseconds(500), .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10),
    ]

    init(bounds: [UInt64], unit: Unit) {
        invariant(bounds.count <= 32 && zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds ascend and are few")
        self.bounds = bounds
        self.unit = unit
        state = Guarded(State(buckets: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    public func observe(_ span: TimeSpan) { record(span.nanoseconds) }
    public func observe(_ value: UInt64) { record(value) }

    private func record(_ value: UInt64) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.buckets[index] &+= 1
            state.sum &+= value
        }
    }

    var snapshot: State { state.withLock { $0 } }
}
