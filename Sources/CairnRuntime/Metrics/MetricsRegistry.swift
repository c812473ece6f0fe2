public import CairnBase
import CairnThreads

/// All metrics of a process, in the order they were declared, and their Prometheus text.
///
/// Metrics may be moved by any thread; declaring and rendering take a lock.
public final class MetricsRegistry: Sendable {
    private struct Family {
        let name: String
        let help: String
        let kind: String
        let labels: [String]
        let render: @Sendable (_ name: String, _ text: inout String) -> Void
    }

    private let families = Guarded<[Family]>([])

    public init() {}

    public func counter(_ name: StaticString, _ help: StaticString) -> Counter {
        counters(name, help, labels: [])[]
    }

    public func gauge(_ name: StaticString, _ help: StaticString) -> Gauge {
        gauges(name, help, labels: [])[]
    }

    /// Counters of one name, told apart by labels.
    public func counters(
        _ name: StaticString, _ help: StaticString, labels: [StaticString], limit: Int = 64
    ) -> MetricFamily<Counter> {
        let family = MetricFamily(labels: labels, limit: limit) { Counter() }
        declare(name, help, "counter", labels) { name, text in
            for (labels, counter) in family.entries { sample(name, labels, String(counter.value), to: &text) }
        }
        return family
    }

    public func gauges(
        _ name: StaticString, _ help: StaticString, labels: [StaticString], limit: Int = 64
    ) -> MetricFamily<Gauge> {
        let family = MetricFamily(labels: labels, limit: limit) { Gauge() }
        declare(name, help, "gauge", labels) { name, text in
            for (labels, gauge) in family.entries { sample(name, labels, String(gauge.value), to: &text) }
        }
        return family
    }

    /// A histogram of times, in seconds.
    public func latency(
        _ name: StaticString, _ help: StaticString, bounds: [TimeSpan] = Histogram.latencies
    ) -> Histogram {
        histogram(name, help, Histogram(bounds: bounds.map(\.nanoseconds), unit: .seconds))
    }

    /// A histogram of plain numbers: bytes, counts.
    public func histogram(_ name: StaticString, _ help: StaticString, bounds: [UInt64]) -> Histogram {
        histogram(name, help, Histogram(bounds: bounds, unit: .plain))
    }

    private func histogram(_ name: StaticString, _ help: StaticString, _ histogram: Histogram) -> Histogram {
        declare(name, help, "histogram", []) { name, text in
            let snapshot = histogram.snapshot
            var total: UInt64 = 0
            for (index, count) in snapshot.buckets.enumerated() {
                total &+= count
                let bound = index < histogram.bounds.count ? histogram.unit.text(histogram.bounds[index]) : "+Inf"
                sample(name + "_bucket", "le=\"\(bound)\"", String(total), to: &text)
            }
            sample(name + "_sum", "", histogram.unit.text(snapshot.sum), to: &text)
            sample(name + "_count", "", String(total), to: &text)
        }
        return histogram
    }

    private func declare(
        _ name: StaticString, _ help: StaticString, _ kind: String, _ labels: [StaticString],
        _ render: @escaping @Sendable (String, inout String) -> Void
    ) {
        let name = name.description
        invariant(isMetricName(name), "metric names are [a-z0-9_]: \(name)")
        families.withLock { families in
            invariant(!families.contains { $0.name == name }, "a metric is declared once: \(name)")
            let labels = labels.map(\.description)
            families.append(Family(name: name, help: help.description, kind: kind, labels: labels, render: render))
        }
    }

    /// What tells the metrics of a name apart; nil where there is no such name.
    func labels(of name: String) -> [String]? { families.withLock { $0 }.first { $0.name == name }?.labels }

    /// The text exposition format, version 0.0.4.
    public var text: String {
        families.withLock { $0 }.reduce(into: "") { text, family in
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind)\n"
            family.render(family.name, &text)
        }
    }
}

private func sample(_ name: String, _ labels: String, _ value: String, to text: inout String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
}

extension Histogram.Unit {
    /// Nanoseconds as decimal seconds without trailing zeros, or the number itself.
    fileprivate func text(_ value: UInt64) -> String {
        guard self == .seconds else { return String(value) }
        var fraction = (value % 1_000_000_000).padded(9)
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? String(value / 1_000_000_000) : "\(value / 1_000_000_000).\(fraction)"
    }
}
