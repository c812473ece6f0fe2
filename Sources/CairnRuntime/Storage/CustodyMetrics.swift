import CairnStorage

/// What a node counts of the shards that the chain gave it, and of what it seals.
struct CustodyMetrics: Sendable {
    let shards: MetricFamily<Gauge>
    let makings: MetricFamily<Counter>
    let probes: MetricFamily<Counter>
    let misses: Counter
    let sealedUnits: MetricFamily<Gauge>

    init(_ registry: MetricsRegistry) {
        shards = registry.gauges(
            "cairn_storage_shards", "Shards that the chain gave this node: there, or still to be made.",
            labels: ["state"])
        makings = registry.counters(
            "cairn_storage_makings_total", "Shards made anew from others, by what came of it.", labels: ["outcome"])
        probes = registry.counters(
            "cairn_storage_probes_total", "Other holders asked for leaves, by what they showed.", labels: ["outcome"])
        misses = registry.counter(
            "cairn_storage_misses_total", "Words to the chain that another holder's shard is gone.")
        sealedUnits = registry.gauges(
            "cairn_storage_sealed_units", "Units of this node's partitions: sealed, or still to be.", labels: ["state"])
    }

    func collect(_ custody: CustodyShell) {
        let (counters, fill) = (custody.core.counters, custody.core.fill)
        shards["there"].set(Int64(clamping: fill.there))
        shards["missing"].set(Int64(clamping: fill.missing))
        makings["made"].raise(to: counters.made)
        makings["failed"].raise(to: counters.failedMakings)
        probes["good"].raise(to: counters.probes - counters.failedProbes)
        probes["failed"].raise(to: counters.failedProbes)
        misses.raise(to: counters.misses)
    }
}
