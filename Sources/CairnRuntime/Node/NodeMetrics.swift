/// What a node counts.
struct NodeMetrics: Sendable {
    let registry = MetricsRegistry()
    let turns: Counter
    let uptime: Gauge
    let peers: MetricFamily<Gauge>
    let received: Counter
    let dropped: MetricFamily<Counter>
    let datagrams: MetricFamily<Counter>
    let bytes: MetricFamily<Counter>
    let requests: MetricFamily<Counter>
    let height: Gauge
    let pool: Gauge
    private let build: MetricFamily<Gauge>

    init() {
        build = registry.gauges("cairn_build_info", "Always 1; the version is in the label.", labels: ["version"])
        uptime = registry.gauge("cairn_uptime_seconds", "Seconds since the node started.")
        turns = registry.counter("cairn_loop_turns_total", "Turns of the event loop.")
        peers = registry.gauges("cairn_p2p_peers", "Peers by what is known about them.", labels: ["state"])
        received = registry.counter("cairn_p2p_hellos_total", "Hellos with a good signature received.")
        dropped = registry.counters(
            "cairn_p2p_dropped_datagrams_total", "Datagrams dropped, by reason.", labels: ["reason"])
        datagrams = registry.counters("cairn_p2p_datagrams_total", "Datagrams, by direction.", labels: ["direction"])
        bytes = registry.counters(
            "cairn_p2p_bytes_total", "Datagram payload bytes, by direction.", labels: ["direction"])
        height = registry.gauge("cairn_consensus_height", "The newest executed block.")
        pool = registry.gauge("cairn_mempool_size", "Transactions that wait for a block.")
        requests = registry.counters("cairn_http_requests_total", "HTTP answers, by status.", labels: ["code"])
    }

    func setVersion(_ version: String) {
        build[version].set(1)
    }
}
