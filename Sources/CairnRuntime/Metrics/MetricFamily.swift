internal import CairnBase
internal import CairnThreads

/// Metrics of one name that differ in their labels.
///
/// Label values may come from outside, so their number is capped: past the cap, everything new goes to one metric whose
/// labels all say `other`.
public final class MetricFamily<Metric: Sendable>: Sendable {
    private let labels: [String]
    private let limit: Int
    private let make: @Sendable () -> Metric
    private let children = Guarded<[[String]: Metric]>([:])

    init(labels: [StaticString], limit: Int, make: @escaping @Sendable () -> Metric) {
        self.labels = labels.map(\.description)
        self.limit = limit
        self.make = make
        invariant(self.labels.allSatisfy(isMetricName), "label names are [a-z_]: \(self.labels)")
    }

    /// The metric with these label values, in the order the labels were declared.
    public subscript(_ values: String...) -> Metric {
        invariant(values.count == labels.count, "one value per label")
        return children.withLock { children in
            if let metric = children[values] { return metric }
            let key = children.count < limit ? values : values.map { _ in "other" }
            if let metric = children[key] { return metric }
            let metric = make()
            children[key] = metric
            return metric
        }
    }

    /// All metrics with their `{name="value"}` text, ordered by it.
    var entries: [(labels: String, metric: Metric)] {
        let children = children.withLock { $0 }
        return children.map { (labelText($0.key), $0.value) }.sorted { $0.0 < $1.0 }
    }

    private func labelText(_ values: [String]) -> String {
        zip(labels, values).map { "\($0)=\"\(escapeLabel($1))\"" }.joined(separator: ",")
    }
}

/// Backslash, quote and newline, as the text format asks; other control characters become spaces.
private func escapeLabel(_ value: String) -> String {
    value.unicodeScalars.prefix(128).reduce(into: "") { text, scalar in
        switch scalar {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        case _ where scalar.value < 32 || scalar.value == 127: text += " "
        default: text.unicodeScalars.append(scalar)
        }
    }
}

func isMetricName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (97...122).contains(first) else { return false }
    return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
}
