import CairnBase
import CairnWire

/// An audit while its receipts come in.
struct OpenAudit: Sendable {
    let audit: StorageAudit
    let times: AuditTimes
    /// By witness, the first of each.
    var receipts = StorageAudit.Receipts()
    /// Whose receipts were here when the set was frozen.
    var frozen: OrderedSet<UInt32> = []
    var isFrozen = false
    /// The receipts under roots of others' verdicts.
    var fetched: [StorageAudit.Receipts] = []
    var isAdopted = false

    static let fetchedMax = 4

    /// Those that were here in time.
    private var inTime: StorageAudit.Receipts {
        var kept = receipts
        for witness in receipts.keys where !frozen.contains(witness) { kept[witness] = nil }
        return kept
    }

    /// The set under this root, if it is here.
    func receipts(under root: Digest, using hash: some HashFunction) -> StorageAudit.Receipts? {
        ([receipts, inTime] + fetched).first { audit.root(of: $0, using: hash) == root }
    }
}
