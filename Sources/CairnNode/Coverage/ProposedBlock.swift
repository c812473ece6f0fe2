import CairnConsensus

/// Somebody's block, while it is found out whether to vote for it.
struct ProposedBlock: Sendable {
    let block: Block
    let payload: BlockPayload
    /// Its leader was asked for the receipts under its verdicts. Once: a liar would answer for ever.
    var hasAsked = false
}
