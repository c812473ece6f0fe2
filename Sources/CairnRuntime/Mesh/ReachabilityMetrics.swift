import CairnGossip

/// What a node counts of dial-backs, asked for and done for others.
struct ReachabilityMetrics: Sendable {
    let reachable: MetricFamily<Gauge>
    let dialBacks: MetricFamily<Counter>
    let portMapping: PortMappingMetrics

    init(_ registry: MetricsRegistry) {
        reachable = registry.gauges(
            "cairn_p2p_reachable", "1 for what members found when they dialled this node, 0 for the others.",
            labels: ["state"])
        dialBacks = registry.counters(
            "cairn_p2p_dial_backs_total", "Dial-backs asked of members, done for them, or refused to them.",
            labels: ["event"])
        portMapping = PortMappingMetrics(registry)
    }

    func collect(_ shell: ReachabilityShell) {
        for state in Reachability.State.allCases { reachable[state.rawValue].set(shell.core.state == state ? 1 : 0) }
        let (asking, desk) = (shell.core.counters, shell.desk)
        for (event, count) in [
            ("asked", asking.asked), ("reached", asking.reached), ("unreached", asking.unreached),
            ("failed", asking.failed), ("strange", asking.strange), ("dropped", asking.dropped),
            ("malformed", shell.malformed), ("dialled", desk.dialled),
        ] { dialBacks[event].raise(to: count) }
        for refusal in DialBackRefusal.allCases {
            dialBacks["refused-\(refusal)"].raise(to: desk.refused[refusal.rawValue])
        }
    }
}
