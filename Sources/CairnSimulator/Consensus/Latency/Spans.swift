/// Spans of one kind, in nanoseconds.
public struct Spans: Sendable {
    private let sorted: [UInt64]

    init(_ spans: [UInt64]) {
        sorted = spans.sorted()
    }

    public var count: Int { sorted.count }
    public var mean: UInt64 { sorted.isEmpty ? 0 : sorted.reduce(0, +) / UInt64(sorted.count) }

    public func percentile(_ percent: Int) -> UInt64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }
}
