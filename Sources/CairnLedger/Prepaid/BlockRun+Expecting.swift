import CairnBase

/// Space is kept for what comes, not for what does not: an object that nobody could make anew when a grace has passed is given
/// up.
extension BlockRun {
    /// Its holders were just drawn. False where too many others are expected then.
    mutating func expect(_ object: PrepaidObject, _ id: Digest) throws(StateError) -> Bool {
        let due = context.height.advanced(by: try graceBlocks(of: object))
        return try list(id, at: due, whileShorterThan: ObjectList.idsMax) { RecordKey.expected($0) }
    }

    mutating func giveUpUnheld() throws(StateError) {
        guard let expected = try state.load(.expected(context.height)) else { return }
        for id in expected.ids {
            state.mark()
            guard let object = try state.load(.object(id)), !object.isHeld else { continue }
            try giveUp(object, id)
        }
        state.remove(.expected(context.height))
    }

    /// Ends what its owner closed. Closing before anybody could hold it does not make its space free of charge.
    mutating func endClosed(_ id: Digest) throws(StateError) {
        guard let object = try state.load(.object(id)) else { return }
        let due = object.opened.advanced(by: Self.placementDelay).advanced(by: try graceBlocks(of: object))
        let isUnused = !object.holders.isEmpty && !object.isHeld && context.height < due
        if isUnused { try giveUp(object, id) } else { try end(id) }
    }

    /// Its price for the epochs in which space was kept for it, a grace at most, is burned; the rest goes back.
    private mutating func giveUp(_ object: PrepaidObject, _ id: Digest) throws(StateError) {
        let kept = epoch.number - min(epoch.number, parameters.epoch(of: object.opened).number)
        let epochs = max(1, min(kept, try graceBlocks(of: object) / parameters[.epochBlocks]))
        let due = object.order.price.times(UInt64(object.order.shards))?.times(epochs) ?? object.left
        let lost = min(due, object.left)
        var object = object
        (object.left, object.spent) = (object.left.minus(lost), object.spent.plus(lost))
        state.store(.object(id), object)
        try burn(lost)
        try end(id)
    }

    mutating func graceBlocks(of object: PrepaidObject) throws(StateError) -> UInt64 {
        try state.load(.profile(object.order.profile))?.graceBlocks(parameters) ?? 0
    }
}
