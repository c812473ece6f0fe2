public import CairnBase
public import CairnWire

/// The order in which a block's transactions run: by sender, as shuffled by the parent block, then by nonce.
///
/// A proposer may choose what to include but not where: the place follows from the parent's digest, which was fixed
/// before anyone knew who would build on it.
public func inInclusionOrder(
    _ transactions: [Verified<Transaction>], after parent: Digest, using hash: some HashFunction
) -> [Verified<Transaction>] {
    var pairs: [Digest] = []
    pairs.reserveCapacity(2 * transactions.count)
    for transaction in transactions {
        pairs.append(parent)
        pairs.append(Digest(transaction.value.sender.raw))
    }
    let ranks = hash.digests(Tags.order, pairs: pairs)
    return transactions.indices
        .map { Ranked(rank: ranks[$0], nonce: transactions[$0].value.nonce, index: $0) }
        .sorted()
        .map { transactions[$0.index] }
}

/// What decides a transaction's place, small enough to be moved about.
private struct Ranked: Comparable {
    let rank: Digest
    let nonce: UInt64
    let index: Int

    static func < (left: Ranked, right: Ranked) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        // Of two with one nonce the first in the block runs and the other fails, so a tie needs no other rule.
        return left.nonce != right.nonce ? left.nonce < right.nonce : left.index < right.index
    }
}
