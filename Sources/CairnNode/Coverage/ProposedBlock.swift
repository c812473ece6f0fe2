import CairnBase
import CairnConsensus
import CairnWitness

/// Somebody's block, while it is found out whether to vote for it.
struct ProposedBlock: Sendable {
    let block: Block
    let payload: BlockPayload
    /// The receipts under its verdicts that were not here, and were asked for. Once: a liar would answer for ever.
    var missing: OrderedSet<WantedReceipts>?
}
