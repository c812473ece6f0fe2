import CairnBase

/// Space is kept for what comes, not for what does not: an object of which nobody has a shard when a grace has passed is
/// given up.
extension BlockRun {
    /// Its holders were just drawn.
    mutating func expect(_ object: PrepaidObject, _ id: Digest) throws(StateError) {
        let due = context.height.advanced(by: try graceBlocks(of: object))
        try list(id, at: due) { RecordKey.expected($0) }
    }

    mutating func giveUpUnheld() throws(StateError) {
        guard let expected = try state.load(.expected(context.height)) else { return }
        for id in expected.ids {
            guard let object = try state.load(.object(id)), !object.holders.contains(where: \.isHolding) else {
                continue
            }
            try giveUp(object, id)
        }
        state.remove(.expected(context.height))
    }

    /// What its space would have earned in a grace is burned; the rest goes back.
    private mutating func giveUp(_ object: PrepaidObject, _ id: Digest) throws(StateError) {
        let epochs = max(1, try graceBlocks(of: object) / parameters[.epochBlocks])
        let due = object.order.price.times(UInt64(object.order.shards))?.times(epochs) ?? object.left
        let kept = min(due, object.left)
        var object = object
        object.left = object.left.minus(kept)
        object.spent = object.spent.plus(kept)
        state.store(.object(id), object)
        try burn(kept)
        try end(id)
    }

    private mutating func graceBlocks(of object: PrepaidObject) throws(StateError) -> UInt64 {
        try state.load(.profile(object.order.profile))?.graceBlocks(parameters) ?? 0
    }
}
