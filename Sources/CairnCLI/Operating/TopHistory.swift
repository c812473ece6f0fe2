import CairnBase
import CairnWire

/// What a node does per second, from its counters at two moments and more.
struct TopHistory {
    struct Rate {
        let height: UInt64
        let epoch: UInt64
        let peers: UInt64
        let pool: UInt64
        let memory: UInt64
        /// Thousandths of a core, blocks in a thousand seconds, bytes and requests per second.
        let cpu: UInt64
        let blocks: UInt64
        let bytes: UInt64
        let requests: UInt64
    }

    /// As many as are drawn.
    static let capacity = 40

    private(set) var rates: [Rate] = []
    private var last: (metrics: MetricsText, at: Instant)?

    /// Takes a look; the first tells no rate.
    mutating func add(_ metrics: MetricsText, at now: Instant) {
        defer { last = (metrics, now) }
        guard let last else { return }
        let span = max(1, now.since(last.at).milliseconds)
        func rate(_ name: String, by factor: UInt64 = 1_000) -> UInt64 {
            let (new, old) = (metrics.sum(name), last.metrics.sum(name))
            // A node that started anew counts from zero.
            let (product, overflow) = (new < old ? new : new - old).multipliedReportingOverflow(by: factor)
            return overflow ? 0 : product / span
        }
        rates.append(
            Rate(
                height: metrics.sum("cairn_consensus_height"), epoch: metrics.sum("cairn_consensus_epoch"),
                peers: metrics.sum("cairn_p2p_peers", where: #"state="alive""#),
                pool: metrics.sum("cairn_mempool_size"), memory: metrics.sum("process_resident_memory_bytes"),
                cpu: rate("process_cpu_milliseconds_total"),
                blocks: rate("cairn_consensus_height", by: 1_000_000), bytes: rate("cairn_p2p_bytes_total"),
                requests: rate("cairn_http_requests_total")))
        if rates.count > Self.capacity { rates.removeFirst() }
    }
}

/// The text format of Prometheus, as far as a node's own whole numbers need it.
struct MetricsText {
    private let lines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    /// All series of a name together, or those with a label.
    func sum(_ name: String, where label: String = "") -> UInt64 {
        var sum: UInt64 = 0
        for line in lines where line.hasPrefix(name) {
            let rest = line.dropFirst(name.count)
            guard rest.first == " " || rest.first == "{", label.isEmpty || rest.contains(label) else { continue }
            guard let number = rest.split(separator: " ").last.flatMap({ UInt64($0) }) else { continue }
            sum = sum.addingReportingOverflow(number).partialValue
        }
        return sum
    }
}
