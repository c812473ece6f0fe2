import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// Prepaid objects, written a second time.
struct ModelObjects {
    struct Stored {
        var owner: AccountID, order: ObjectOrder, opened: UInt64, left: UInt64
        /// Number of the resource and place in its list, by shard.
        var holders: [(UInt32, UInt32)] = []
        var closing: UInt64?
    }

    var all: [Digest: Stored] = [:]
    var made: [AccountID: UInt64] = [:]
    var slots: [UInt32: UInt32] = [:]
    var waiting: [(height: UInt64, id: Digest)] = []
}

extension Model {
    mutating func openObject(_ order: ObjectOrder, _ sender: AccountID, _ height: UInt64) -> Outcome {
        let perEpoch = UInt128(order.price.units) * UInt128(order.shards)
        if UInt128(order.deposit.units) < perEpoch { return .depositTooSmall }
        if balance[sender, default: 0] < order.deposit.units { return .insufficientBalance }
        balance[sender, default: 0] -= order.deposit.units
        let id = ObjectOrder.id(
            chain: chain, owner: sender, sequence: objects.made[sender, default: 0], using: Blake2b())
        objects.made[sender, default: 0] += 1
        objects.all[id] = ModelObjects.Stored(owner: sender, order: order, opened: height, left: order.deposit.units)
        objects.waiting.append((height, id))
        return .applied
    }

    mutating func topUp(_ id: Digest, _ amount: UInt64, _ sender: AccountID) -> Outcome {
        if amount == 0 { return .zeroAmount }
        guard let object = objects.all[id] else { return .unknownObject }
        if object.owner != sender { return .notTheOwner }
        if object.closing != nil { return .objectClosed }
        if balance[sender, default: 0] < amount { return .insufficientBalance }
        balance[sender, default: 0] -= amount
        objects.all[id]?.left += amount
        return .applied
    }

    mutating func closeObject(_ id: Digest, _ sender: AccountID, _ epoch: UInt64) -> Outcome {
        guard let object = objects.all[id] else { return .unknownObject }
        if object.owner != sender { return .notTheOwner }
        if object.closing != nil { return .objectClosed }
        if (object.opened - 1) / parameters[.epochBlocks] == epoch { return .objectTooYoung }
        objects.all[id]?.closing = epoch
        return .applied
    }

    mutating func endObject(_ id: Digest) {
        guard let object = objects.all.removeValue(forKey: id) else { return }
        if object.left > 0 { balance[object.owner, default: 0] += object.left }
    }

    /// Draws holders for what was ordered two blocks ago.
    mutating func placeObjects(_ height: UInt64, _ randomness: Digest) {
        let due = objects.waiting.filter { $0.height + 2 == height }.map(\.id).sorted()
        objects.waiting.removeAll { $0.height + 2 == height }
        for id in due {
            guard let object = objects.all[id] else { continue }
            let rows = frozen[(height - 1) / parameters[.epochBlocks], default: []].filter {
                $0.offer.profile == object.order.profile && $0.score >= 960_000
            }
            let spaces = rows.map { row -> UInt64 in
                let used = objects.all.values.reduce(0) { sum, other in
                    sum + UInt64(other.holders.count { $0.0 == row.number }) * UInt64(other.order.units)
                }
                let space = UInt64(row.offer.capacity ?? 0) - min(UInt64(row.offer.capacity ?? 0), used)
                return space < UInt64(object.order.units) ? 0 : space
            }
            var chosen: [FrozenResource] = []
            for attempt in 0..<256 as Range<UInt32> where chosen.count < Int(object.order.shards) {
                var writer = ByteWriter()
                writer.identifier(randomness)
                writer.u64(height - 2)
                writer.identifier(id)
                writer.u32(attempt)
                let draw = Blake2b().digest(DomainTag("cn/place"), writer.bytes).raw.low64
                let point = UInt64((UInt128(draw) * UInt128(spaces.reduce(0, +))) >> 64)
                var sum: UInt64 = 0
                for (row, space) in zip(rows, spaces) {
                    if point >= sum, point < sum + space, !chosen.contains(where: { isBeside($0, row) }) {
                        chosen.append(row)
                    }
                    sum += space
                }
            }
            if chosen.count < Int(object.order.shards) { endObject(id); continue }
            for row in chosen {
                objects.all[id]?.holders.append((row.number, objects.slots[row.number, default: 0]))
                objects.slots[row.number, default: 0] += 1
            }
        }
    }

    private func isBeside(_ left: FrozenResource, _ right: FrozenResource) -> Bool {
        left.stakeRoot == right.stakeRoot || left.site.network == right.site.network
            || Cell(left.site.position, level: 16)?.id == Cell(right.site.position, level: 16)?.id
    }
}
