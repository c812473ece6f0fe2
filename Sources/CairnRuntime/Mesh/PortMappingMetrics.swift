import CairnGossip

/// What a node counts of its router.
struct PortMappingMetrics: Sendable {
    let mapped: MetricFamily<Gauge>
    let questions: MetricFamily<Counter>

    init(_ registry: MetricsRegistry) {
        mapped = registry.gauges(
            "cairn_p2p_port_mapping", "1 for how it stands with the port mapping of the router, 0 for the others.",
            labels: ["state"])
        questions = registry.counters(
            "cairn_p2p_port_mapping_total", "Questions to the router, and what came of them.", labels: ["event"])
    }

    func collect(_ shell: PortMappingShell?) {
        let state = shell?.core.state ?? .off
        for each in PortMapper.State.allCases { mapped[each.rawValue].set(state == each ? 1 : 0) }
        guard let counters = shell?.core.counters else { return }
        for (event, count) in [
            ("asked", counters.asked), ("granted", counters.granted), ("refused", counters.refused),
            ("silent", counters.silent), ("restarts", counters.restarts), ("lapsed", counters.lapsed),
            ("foreign", counters.foreign), ("malformed", counters.malformed), ("unasked", counters.unasked),
        ] { questions[event].raise(to: count) }
    }
}
