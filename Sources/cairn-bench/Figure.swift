/// One measured case: a value, and beside it what it is held against, from the same run.
struct Figure {
    enum Better: String { case higher, lower }

    let bench: String
    let name: String
    let value: Double
    let unit: String
    /// The bound, or the competitor's figure.
    let limit: Double
    let limitName: String
    /// What the target is put on: value ÷ limit.
    let ratio: Double
    let better: Better
    /// What the ratio must reach.
    let target: Double

    var meetsTarget: Bool {
        switch better {
        case .higher: ratio >= target
        case .lower: ratio <= target
        }
    }

    var json: String {
        let fields: [(String, String)] = [
            ("bench", quoted(bench)), ("case", quoted(name)), ("value", decimal(value)), ("unit", quoted(unit)),
            ("limit", decimal(limit)), ("limit_name", quoted(limitName)), ("ratio", decimal(ratio)),
            ("better", quoted(better.rawValue)), ("target", decimal(target)), ("ok", String(meetsTarget)),
        ]
        return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    var line: String {
        let verdict = meetsTarget ? "ok  " : "MISS"
        let sign = better == .higher ? "≥" : "≤"
        return
            "\(verdict) \(padded(name, 28)) \(padded(decimal(value), 10)) \(padded(unit, 8)) "
            + "\(padded(limitName, 26)) \(padded(decimal(limit), 10)) ratio \(decimal(ratio)) (target \(sign) \(decimal(target)))"
    }

    /// Names and units are plain ASCII of ours; nothing here needs escaping.
    private func quoted(_ text: String) -> String { "\"\(text)\"" }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// Three decimals for small numbers, none for large ones.
func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value.magnitude >= 1_000 { return String(Int(value.rounded())) }
    let thousandths = Int((value.magnitude * 1_000).rounded())
    let fraction = String(thousandths % 1_000)
    let sign = value < 0 ? "-" : ""
    return sign + "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}
