public import CairnBase
public import CairnLedger

/// Finding what people ask for by name.
extension ChainStore {
    /// How many blocks are searched for a transaction: whoever handed it in knows about when that was.
    private static var blocksSearched: UInt64 { 10_000 }

    /// What a transaction came to, and in which block, looked for from a height on.
    public func receipt(of transaction: Digest, from first: Height) throws(StoreError) -> (Height, Receipt)? {
        let found = try writer.file().database.prepare(
            "SELECT height FROM receipt WHERE height >= ? AND height < ? AND tx = ? LIMIT 1"
        )
        .first(
            .bits(first.number), .bits(first.advanced(by: Self.blocksSearched).number),
            .blob(transaction.raw.bytes)
        ) { Height($0.bits(0)) }
        guard let height = found, let receipt = try receipts(at: height).first(where: { $0.transaction == transaction })
        else { return nil }
        return (height, receipt)
    }

    /// The verdicts about a resource, newest first.
    public func verdicts(of resource: ResourceID, page: Page) throws(StoreError) -> [StoredVerdict] {
        try writer.file().blocks.verdicts(of: resource, page: page)
    }

    /// The verdicts of a block, in its order.
    public func verdicts(at height: Height) throws(StoreError) -> [StoredVerdict] {
        try writer.file().blocks.verdicts(at: height)
    }
}
