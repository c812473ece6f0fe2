import CairnBase

extension SignFloor {
    /// True if a block that is final for the sign log is not in the store.
    ///
    /// One flipped bit in the middle of a write-ahead log hides every commit behind it, and no check of SQLite's says
    /// so: the two records are kept apart so that one can tell about the other.
    public func isAhead(of store: ChainStore) throws(StoreError) -> Bool {
        guard epoch.number > 0 || view.number > 0 else { return false }
        guard let head = store.head, head.height > .genesis, let block = try store.block(at: head.height) else {
            return true
        }
        return (block.epoch, block.view) < (epoch, view)
    }
}
