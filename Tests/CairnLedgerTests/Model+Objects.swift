import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// Prepaid objects, written a second time.
struct ModelObjects {
    struct Stored {
        var owner: AccountID, order: ObjectOrder, opened: UInt64, left: UInt64
        /// By shard.
        var holders: [ModelHolder] = []
        var closing: UInt64?
        /// Too few to make it anew said that they have their shards.
        var isUntouched: Bool { holders.filter(\.isHolding).count < Int(order.needed) }
        var isToBeRepaired: Bool {
            let (alive, needed, shards) = (holders.filter { !$0.isLost }.count, Int(order.needed), Int(order.shards))
            return alive < holders.count && alive <= needed + (shards - needed) / 2
        }
    }

    var all: [Digest: Stored] = [:]
    var made: [AccountID: UInt64] = [:]
    var slots: [UInt32: UInt32] = [:]
    var waiting: [(height: UInt64, id: Digest)] = []
    var expected: [(height: UInt64, id: Digest)] = []
    var givenUp = 0

    mutating func wait(_ height: UInt64, _ id: Digest) {
        if !waiting.contains(where: { $0 == (height, id) }) { waiting.append((height, id)) }
    }
}

extension Model {
    mutating func openObject(_ order: ObjectOrder, _ sender: AccountID, _ height: UInt64) -> Outcome {
        if order.profile != .storageHot { return .notSold }
        if order.price.units == 0 { return .zeroAmount }
        if order.price.units < UInt64(order.units) * parameters[.spacePriceMin] { return .priceTooLow }
        let perEpoch = UInt128(order.price.units + parameters[.feeMin]) * UInt128(order.shards)
        if UInt128(order.deposit.units) < perEpoch { return .depositTooSmall }
        if balance[sender, default: 0] < order.deposit.units { return .insufficientBalance }
        balance[sender, default: 0] -= order.deposit.units
        let id = ObjectOrder.id(
            chain: chain, owner: sender, sequence: objects.made[sender, default: 0], using: Blake2b())
        objects.made[sender, default: 0] += 1
        objects.all[id] = ModelObjects.Stored(owner: sender, order: order, opened: height, left: order.deposit.units)
        objects.wait(height, id)
        return .applied
    }

    mutating func topUp(_ id: Digest, _ amount: UInt64, _ sender: AccountID, _ height: UInt64) -> Outcome {
        if amount == 0 { return .zeroAmount }
        guard let object = objects.all[id] else { return .unknownObject }
        if object.owner != sender { return .notTheOwner }
        if object.closing != nil { return .objectClosed }
        if balance[sender, default: 0] < amount { return .insufficientBalance }
        balance[sender, default: 0] -= amount
        objects.all[id]?.left += amount
        if object.isToBeRepaired { objects.wait(height, id) }
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

    /// Draws holders for what was ordered, or lost some, two blocks ago; gives up what nobody held in all its grace.
    mutating func placeObjects(_ height: UInt64, _ randomness: Digest) {
        for (_, id) in objects.expected.filter({ $0.height == height }) where objects.all[id]?.isUntouched == true {
            giveUp(id, height)
        }
        objects.expected.removeAll { $0.height == height }
        let due = objects.waiting.filter { $0.height + 2 == height }.map(\.id).sorted()
        objects.waiting.removeAll { $0.height + 2 == height }
        let row = frozen[(height - 1) / parameters[.epochBlocks], default: []].filter {
            $0.offer.profile == .storageHot && $0.score >= 960_000
        }.map { (row: $0, space: space(of: $0)) }
        for id in due {
            guard let object = objects.all[id] else { continue }
            let lost = object.holders.indices.filter { object.holders[$0].isLost }
            let places = object.holders.isEmpty ? Array(0..<Int(object.order.shards)) : lost
            let chosen = drawHolders(places.count, for: object, id, height, randomness, row)
            if object.holders.isEmpty {
                if chosen.count < places.count { endObject(id); continue }
                chosen.forEach { give(id, nil, $0) }
                objects.expected.append((height + grace(object), id))
                continue
            }
            for (shard, row) in zip(places, chosen) { give(id, shard, row) }
            let fee = parameters[.feeMin]
            if chosen.count < places.count, object.left > fee {
                objects.all[id]?.left -= fee
                burned += fee
                burnedNow += fee
                objects.wait(height + parameters[.epochBlocks], id)
            }
        }
    }

    mutating func giveUp(_ id: Digest, _ height: UInt64) {
        guard let object = objects.all[id] else { return }
        let (blocks, kept) = (parameters[.epochBlocks], grace(object) / parameters[.epochBlocks])
        let epochs = max(1, min(kept, (height - 1) / blocks - (object.opened - 1) / blocks))
        let lost = min(object.left, object.order.price.units * UInt64(object.order.shards) * epochs)
        objects.all[id]?.left -= lost
        burned += lost
        burnedNow += lost
        objects.givenUp += 1
        endObject(id)
    }

    private func space(of row: FrozenResource) -> UInt64 {
        let used = objects.all.values.reduce(0) { sum, other in
            sum + UInt64(other.holders.count { $0.number == row.number }) * UInt64(other.order.units)
        }
        return UInt64(row.offer.capacity ?? 0) - min(UInt64(row.offer.capacity ?? 0), used)
    }

    private mutating func give(_ id: Digest, _ shard: Int?, _ row: FrozenResource) {
        let holder = ModelHolder(number: row.number, slot: objects.slots[row.number, default: 0])
        objects.slots[row.number, default: 0] += 1
        if let shard {
            objects.all[id]?.holders[shard] = holder
        } else {
            objects.all[id]?.holders.append(holder)
        }
    }

    private func drawHolders(
        _ count: Int, for object: ModelObjects.Stored, _ id: Digest, _ height: UInt64, _ randomness: Digest,
        _ row: [(row: FrozenResource, space: UInt64)]
    ) -> [FrozenResource] {
        let present = object.holders.compactMap { holder in resources.values.first { $0.number == holder.number } }
        var chosen: [FrozenResource] = []
        for attempt in 0..<256 as Range<UInt32> where chosen.count < count {
            var writer = ByteWriter()
            writer.identifier(randomness)
            writer.u64(height - 2)
            writer.identifier(id)
            writer.u32(attempt)
            let draw = Blake2b().digest(DomainTag("cn/place"), writer.bytes).raw.low64
            let point = UInt64((UInt128(draw) * UInt128(row.reduce(0) { $0 + $1.space })) >> 64)
            var sum: UInt64 = 0
            for (row, space) in row {
                let isBeside =
                    chosen.contains { isNear($0.stakeRoot, $0.site, row) }
                    || present.contains { isNear($0.root, $0.site, row) }
                let fits = self.space(of: row) >= UInt64(object.order.units)
                if point >= sum, point < sum + space, !isBeside, fits { chosen.append(row) }
                sum += space
            }
        }
        return chosen
    }

    private func isNear(_ root: AccountID, _ site: Site, _ row: FrozenResource) -> Bool {
        root == row.stakeRoot || site.network == row.site.network
            || Cell(site.position, level: 16)?.id == Cell(row.site.position, level: 16)?.id
    }
}
