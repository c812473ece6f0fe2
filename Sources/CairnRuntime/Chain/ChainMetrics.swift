internal import CairnBase

/// What a node counts of its part in the chain.
struct ChainMetrics: Sendable {
    let height: Gauge
    let epoch: Gauge
    let headAge: Gauge
    let verdicts: Counter
    let pool: Gauge
    let unchecked: MetricFamily<Counter>
    let contradictions: Counter
    let evidence: MetricFamily<Counter>

    init(_ registry: MetricsRegistry) {
        height = registry.gauge("cairn_consensus_height", "The newest executed block.")
        epoch = registry.gauge("cairn_consensus_epoch", "The epoch of the next block.")
        headAge = registry.gauge("cairn_consensus_head_age_milliseconds", "Since when there is no newer block.")
        verdicts = registry.counter("cairn_witness_verdicts_total", "Verdicts that blocks adopted since the start.")
        pool = registry.gauge("cairn_mempool_size", "Transactions that wait for a block.")
        unchecked = registry.counters(
            "cairn_consensus_unchecked_total",
            "Dropped because too much waited to be checked, by what it was.", labels: ["subject"])
        contradictions = registry.counter(
            "cairn_consensus_contradictions_total", "Times that another validator was seen to vote twice.")
        evidence = registry.counters(
            "cairn_consensus_evidence_total", "Contradictions of validators: kept, not written, or dropped.",
            labels: ["fate"])
    }

    func collect(_ chain: ChainShell) {
        let status = chain.status
        height.set(Int64(clamping: status.height.number))
        epoch.set(Int64(clamping: status.epoch.number))
        headAge.set(Int64(clamping: chain.loop.now.since(status.headSince).milliseconds))
        pool.set(Int64(status.poolCount))
        verdicts.raise(to: chain.adopted.count)
        for subject in VerifyDesk.Subject.allCases {
            unchecked[subject.rawValue].raise(to: chain.unchecked[subject] ?? 0)
        }
        contradictions.raise(to: chain.contradictions)
        evidence["kept"].raise(to: chain.evidence.fates.kept)
        evidence["failed"].raise(to: chain.evidence.fates.failed)
        evidence["dropped"].raise(to: chain.evidence.fates.dropped)
    }
}
