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
    let evidenceHeld: Gauge
    let evidenceOpen: Gauge
    let blocks: Counter
    let transactions: Counter
    let skippedViews: Counter
    let view: Gauge
    let target: Gauge
    let rate: Gauge
    let rewards: Counter
    let slashed: Counter
    let scrubbed: MetricFamily<Counter>
    let damaged: Gauge
    let repaired: MetricFamily<Counter>

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
        evidenceHeld = registry.gauge(
            "cairn_consensus_evidence_held", "Double votes that evidence is kept of; -1 where it cannot be read.")
        evidenceOpen = registry.gauge(
            "cairn_consensus_evidence_open", "Of these, those that the chain would still punish; -1 as there.")
        blocks = registry.counter("cairn_consensus_blocks_total", "Blocks executed since the start.")
        transactions = registry.counter(
            "cairn_consensus_transactions_total", "Transactions in the blocks executed since the start.")
        skippedViews = registry.counter(
            "cairn_consensus_missed_views_total", "Views that passed without a block: their leaders were away or late.")
        view = registry.gauge("cairn_consensus_view", "The view of this epoch that is voted on.")
        target = registry.gauge(
            "cairn_sync_target_height",
            "The proven block this node is catching up to; its own height when it is with others.")
        rate = registry.gauge(
            "cairn_sync_blocks_per_1000_seconds", "Blocks executed in a thousand seconds, while it is catching up.")
        rewards = registry.counter(
            "cairn_rewards_units_total",
            "Units that this node's resources were paid for epochs settled since the start.")
        slashed = registry.counter(
            "cairn_slashed_units_total",
            "Units that this node's validator lost for voting twice since the start.")
        scrubbed = registry.counters(
            "cairn_chain_scrubbed_total", "Rows of the chain's database that were looked over, by what was found.",
            labels: ["found"])
        damaged = registry.gauge("cairn_chain_damaged", "Rows of the chain's database that are known to be damaged.")
        repaired = registry.counters(
            "cairn_chain_repaired_total",
            "Damaged blocks that peers gave back: to the last byte, or without what only this node knew.",
            labels: ["how"])
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
        evidenceHeld.set(chain.evidence.held.map { Int64($0) } ?? -1)
        evidenceOpen.set(chain.evidence.open.map { Int64($0) } ?? -1)
        blocks.raise(to: chain.tally.blocks)
        transactions.raise(to: chain.tally.transactions)
        skippedViews.raise(to: chain.tally.skippedViews)
        view.set(Int64(clamping: status.view.number))
        let progress = chain.progress
        target.set(Int64(clamping: max(progress?.proven ?? status.height, status.height).number))
        rate.set(Int64(clamping: progress?.perThousandSeconds ?? 0))
        rewards.raise(to: chain.pay.paidUnits)
        scrubbed["whole"].raise(to: chain.scrub.counters.rows)
        scrubbed["damaged"].raise(to: chain.scrub.counters.damaged)
        damaged.set(Int64(chain.scrub.rows.count))
        repaired["restored"].raise(to: chain.scrub.counters.restored)
        repaired["replaced"].raise(to: chain.scrub.counters.replaced)
        slashed.raise(to: chain.pay.slashedUnits)
        evidence["kept"].raise(to: chain.evidence.fates.kept)
        evidence["failed"].raise(to: chain.evidence.fates.failed)
        evidence["dropped"].raise(to: chain.evidence.fates.dropped)
    }
}
