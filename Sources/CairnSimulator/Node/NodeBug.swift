/// A rule of whole nodes that a run may leave out, to show that it is needed and that the judge notices.
enum NodeBug: String, CaseIterable, Sendable {
    /// A user is told that a transaction is in before it is on the disk.
    case acceptBeforeSync = "accept-before-sync"
    /// A vote leaves before it is durable.
    case voteBeforeSync = "vote-before-sync"
    /// One node leaves out the last transaction of a block.
    case skipTransaction = "skip-transaction"
    /// Nobody answers questions about the past.
    case keepThePast = "keep-the-past"
    /// Nobody hands in what it has seen of a validator that votes twice.
    case forgetEvidence = "forget-evidence"
    /// A gateway commits to what it has not written down.
    case forgetPromises = "forget-promises"
    /// A gateway hides what it has committed to under another salt in every life.
    case newSalts = "new-salts"
    /// Gateways say that they heard better than they did.
    case boast = "boast"
    /// Nobody looks at what its disk gives back.
    case trustTheDisk = "trust-the-disk"
    /// Nobody makes a shard anew.
    case neverRepair = "never-repair"
    /// Witnesses call good whatever they are shown.
    case believeHolders = "believe-holders"
    /// Users are told of accounts as if the chain were one block higher.
    case tellAhead = "tell-ahead"
    /// No gateway opens what it has committed to.
    case keepReceipts = "keep-receipts"
}
