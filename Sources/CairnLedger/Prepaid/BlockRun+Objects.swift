import CairnBase
import CairnWire

/// Prepaid objects: opened with a deposit, topped up, closed by their owner or by an empty deposit.
extension BlockRun {
    mutating func open(_ order: ObjectOrder, by owner: AccountID) throws(StateError) -> Outcome {
        guard order.profile.isSold, try state.load(.profile(order.profile)) != nil else { return .notSold }
        guard order.price > .zero else { return .zeroAmount }
        let least = parameters.amount(.spacePriceMin).times(UInt64(order.units))
        guard let least, order.price >= least else { return .priceTooLow }
        // Every holder has to be able to say that it has its shard.
        guard let firstEpoch = order.price.times(UInt64(order.shards)),
            let words = parameters.amount(.feeMin).times(UInt64(order.shards)),
            let least = firstEpoch.adding(words), order.deposit >= least
        else { return .depositTooSmall }
        guard try state.load(.ordered(context.height))?.isFull != true else { return .tooManyObjects }
        guard try debit(owner, order.deposit) else { return .insufficientBalance }
        let sequence = try state.load(.objectCount(of: owner))?.value ?? 0
        let id = ObjectOrder.id(chain: ledger.chain, owner: owner, sequence: sequence, using: ledger.hash)
        state.store(.objectCount(of: owner), Count(sequence + 1))
        state.store(.object(id), PrepaidObject(order, of: owner, at: context.height))
        return try haveDrawn(id, at: context.height) ? .applied : .tooManyObjects
    }

    mutating func topUp(_ id: Digest, with amount: Amount, by sender: AccountID) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard var object = try state.load(.object(id)) else { return .unknownObject }
        guard object.owner == sender else { return .notTheOwner }
        guard object.closing == nil else { return .objectClosed }
        // Tokens may come round many times; what one object ever took has an end.
        guard let deposited = object.deposited.adding(amount), deposited <= .cap, try debit(sender, amount) else {
            return .insufficientBalance
        }
        (object.left, object.deposited) = (object.left.plus(amount), deposited)
        state.store(.object(id), object)
        // A look for others may have ended where nothing was left to pay it with.
        if object.needsRepair { _ = try haveDrawn(id, at: context.height, isRepair: true) }
        return .applied
    }

    /// The current epoch is still paid for; what is left then goes back when that epoch is settled.
    mutating func close(_ id: Digest, by sender: AccountID) throws(StateError) -> Outcome {
        guard var object = try state.load(.object(id)) else { return .unknownObject }
        guard object.owner == sender else { return .notTheOwner }
        guard object.closing == nil else { return .objectClosed }
        guard parameters.epoch(of: object.opened) < epoch else { return .objectTooYoung }
        var closing = try state.load(.closing(epoch)) ?? ObjectList()
        guard !closing.isFull else { return .tooManyObjects }
        object.closing = epoch
        closing.insert(id)
        state.store(.object(id), object)
        state.store(.closing(epoch), closing)
        return .applied
    }

    /// Gives back what is left and frees the space of the holders.
    mutating func end(_ id: Digest) throws(StateError) {
        guard let object = try state.load(.object(id)) else { return }
        try credit(object.owner, object.left)
        for holder in object.holders { try release(holder, object.order) }
        state.remove(.object(id))
    }

    mutating func release(_ holder: PrepaidObject.Holder, _ order: ObjectOrder) throws(StateError) {
        var holdings = try state.load(.holdings(holder.number)) ?? Holdings()
        holdings.units -= min(holdings.units, order.units)
        state.store(.holdings(holder.number), holdings)
        state.remove(.shard(holder.number, holder.slot))
        try remove(holder.slot) { RecordKey.heldSlots(holder.number, $0) }
    }
}
