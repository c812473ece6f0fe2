import CairnBase
import CairnLedger
import CairnWire

/// What holders say of one another, written a second time.
struct ModelHolder {
    let number: UInt32
    let slot: UInt32
    var isHolding = false
    var isLost = false
    var missedBy: [(shard: Int, height: UInt64)] = []
}

extension Model {
    /// The object that a holder speaks of, the shard, and whether it misses it.
    func word(_ action: Action) -> (id: Digest, shard: Int, isMiss: Bool)? {
        switch action {
        case .hold(let id, let shard): (id, Int(shard), false)
        case .miss(let id, let shard): (id, Int(shard), true)
        default: nil
        }
    }

    /// Why a holder is not heard.
    func holderRefusal(_ transaction: Transaction, _ height: UInt64) -> Outcome? {
        guard let (id, shard, isMiss) = word(transaction.action) else { return nil }
        guard let object = objects.all[id], let own = shardHeld(by: transaction.sender, of: object) else {
            return .notAHolder
        }
        if object.holders[own].isLost, shard != own { return .notAHolder }
        if transaction.fee.units != parameters[.feeMin] || object.left <= transaction.fee.units { return .feeUnpayable }
        if !isMiss { return shard == own && !object.holders[own].isHolding ? nil : .nothingNew }
        if shard == own || shard >= object.holders.count || object.holders[shard].isLost { return .nothingNew }
        let first = firstRemembered(object, height)
        let isKnown = object.holders[shard].missedBy.contains { $0.shard == own && $0.height >= first }
        return isKnown ? .nothingNew : nil
    }

    private func shardHeld(by sender: AccountID, of object: ModelObjects.Stored) -> Int? {
        guard let thing = resources.values.first(where: { $0.offer.device.raw == sender.raw }) else { return nil }
        return object.holders.firstIndex { $0.number == thing.number }
    }

    /// Words from before this block are forgotten: three periods old, where the profile says nothing else.
    private func firstRemembered(_ object: ModelObjects.Stored, _ height: UInt64) -> UInt64 {
        height - min(height, grace(object))
    }

    func grace(_ object: ModelObjects.Stored) -> UInt64 {
        let said = economy.funds[Int(object.order.profile.rawValue) - 1].rules["gracePeriods"]
        return (said == 0 ? 3 : said) * parameters[.epochBlocks] * parameters[.epochsPerPeriod]
    }

    mutating func hear(_ action: Action, _ sender: AccountID, _ height: UInt64) -> Outcome {
        guard let (id, shard, isMiss) = word(action), let object = objects.all[id],
            let own = shardHeld(by: sender, of: object)
        else { return .unknownObject }
        if !isMiss {
            objects.all[id]?.holders[shard].isHolding = true
            return .applied
        }
        let first = firstRemembered(object, height)
        var words = object.holders[shard].missedBy.filter { $0.height >= first && $0.shard != own }
        words.append((own, height))
        objects.all[id]?.holders[shard].missedBy = words
        objects.all[id]?.holders[shard].isLost = words.count >= Int(object.order.needed)
        let (shards, needed) = (Int(object.order.shards), Int(object.order.needed))
        let alive = objects.all[id]?.holders.filter { !$0.isLost }.count ?? 0
        if words.count >= needed, alive <= needed + (shards - needed) / 2 { objects.wait(height, id) }
        return .applied
    }

    /// A holder that was lost passed a round that began after the last word against it.
    mutating func takeBack(_ number: UInt32, _ slot: UInt32, _ begun: UInt64) {
        for (id, object) in objects.all {
            for (shard, holder) in object.holders.enumerated()
            where holder.number == number && holder.slot == slot && holder.isLost {
                if holder.missedBy.contains(where: { $0.height >= begun }) { continue }
                objects.all[id]?.holders[shard].isLost = false
                objects.all[id]?.holders[shard].missedBy = []
            }
        }
    }
}
