public import CairnBase
public import CairnWire

/// The order in which a block's transactions run: by sender, as shuffled by the parent block, then by nonce.
///
/// A proposer may choose what to include but not where: the place follows from the parent's digest, which was fixed
/// before anyone knew who would build on it.
public func inInclusionOrder(
    _ transactions: [Verified<Transaction>], after parent: Digest, using hash: some HashFunction
) -> [Verified<Transaction>] {
    let ranked = transactions.map { transaction in
        (rank: hash.digest(Tags.order, parent.raw, transaction.value.sender.raw), transaction: transaction)
    }
    return ranked.enumerated().sorted { left, right in
        let (a, b) = (left.element, right.element)
        if a.rank != b.rank { return a.rank < b.rank }
        let (nonceA, nonceB) = (a.transaction.value.nonce, b.transaction.value.nonce)
        // Of two with one nonce the first in the block runs and the other fails, so a tie needs no other rule.
        return nonceA != nonceB ? nonceA < nonceB : left.offset < right.offset
    }.map(\.element.transaction)
}
