import CairnBase
import CairnWire

/// Who holds an object is drawn two blocks after it was ordered, by chance that nobody knew then: an owner cannot pick its
/// friends, a provider cannot pick its objects.
extension BlockRun {
    mutating func placeOrders() throws(StateError) {
        guard context.height.number > Self.placementDelay else { return }
        let height = context.height.preceding(by: Self.placementDelay)
        guard let orders = try state.load(.ordered(height)) else { return }
        let providers = try providers()
        for id in orders.ids {
            guard let object = try state.load(.object(id)) else { continue }
            let candidates = providers.filter { $0.offer.profile == object.order.profile }
            if object.holders.isEmpty {
                try place(object, id, height, candidates)
            } else {
                try replaceLost(of: object, id, height, candidates)
            }
        }
        state.remove(.ordered(height))
    }

    private mutating func place(
        _ object: PrepaidObject, _ id: Digest, _ height: Height, _ candidates: [FrozenResource]
    ) throws(StateError) {
        let count = Int(object.order.shards)
        let drawn = try draw(count, for: object.order, id, height, candidates, beside: [])
        guard drawn.count == count else { return try end(id) }
        var object = object
        for provider in drawn { object.holders.append(try give(object.order, id, to: provider)) }
        state.store(.object(id), object)
    }

    /// Gives the shards of those that are lost to others, as many as can be found; for the rest it is tried again an epoch
    /// later. Who is lost is not drawn again here: it is still among those who hold it.
    private mutating func replaceLost(
        of object: PrepaidObject, _ id: Digest, _ height: Height, _ candidates: [FrozenResource]
    ) throws(StateError) {
        var object = object
        let lost = object.holders.indices.filter { object.holders[$0].isLost }
        var others: [(stakeRoot: AccountID, site: Site)] = []
        for holder in object.holders {
            let resource = try state.require(.resource(state.require(.resourceName(holder.number)).id))
            others.append((resource.stakeRoot, resource.site))
        }
        let drawn = try draw(lost.count, for: object.order, id, height, candidates, beside: others)
        for (shard, provider) in zip(lost, drawn) {
            try release(object.holders[shard], id, object.order)
            object.holders[shard] = try give(object.order, id, to: provider)
        }
        state.store(.object(id), object)
        if drawn.count < lost.count { try haveDrawn(id, at: context.height.advanced(by: parameters[.epochBlocks])) }
    }

    static var placementDelay: UInt64 { 2 }
    private static var attemptsMax: UInt32 { 256 }

    /// Vetted storage of good standing, in the order of ids. Only its space is looked up as it is now.
    private mutating func providers() throws(StateError) -> [FrozenResource] {
        var providers: [FrozenResource] = []
        for place in 0..<(try state.load(.census(epoch))?.count ?? 0) {
            let resource = try state.require(.frozen(epoch, place))
            guard resource.offer.profile.hasCapacity, resource.score >= Self.scoreForNewWork else { continue }
            providers.append(resource)
        }
        return providers
    }

    private static var scoreForNewWork: UInt32 { 960_000 }

    /// Weighted by free space, each stake root, network and cell once. Fewer when 256 draws do not find enough.
    private mutating func draw(
        _ count: Int, for order: ObjectOrder, _ id: Digest, _ height: Height, _ candidates: [FrozenResource],
        beside others: [(stakeRoot: AccountID, site: Site)]
    ) throws(StateError) -> [FrozenResource] {
        let level = Int(clamping: try state.load(.profile(order.profile))?["cellLevel"] ?? 16)
        var free: [UInt64] = []
        for candidate in candidates {
            let used = try state.load(.holdings(candidate.number))?.units ?? 0
            let capacity = candidate.offer.capacity ?? 0
            let space = capacity - min(capacity, used)
            free.append(space >= order.units ? UInt64(space) : 0)
        }
        let total = free.reduce(0, +)
        guard total > 0 else { return [] }
        var drawn: [FrozenResource] = []
        var taken = others
        for attempt in 0..<Self.attemptsMax where drawn.count < count {
            let point = ledger.placement(context.randomness, height, id, attempt).scaledDraw(below: total)
            let pick = candidates[place(of: point, in: free)]
            let isBeside = taken.contains { pick.sharesFate(with: $0.stakeRoot, at: $0.site, level: level) }
            // Looked at only where it is drawn: such a list is long.
            guard !isBeside, try hasPlace(pick, for: order) else { continue }
            drawn.append(pick)
            taken.append((pick.stakeRoot, pick.site))
        }
        return drawn
    }

    /// A sealed provider's objects are listed by name, and the list has an end.
    private mutating func hasPlace(_ provider: FrozenResource, for order: ObjectOrder) throws(StateError) -> Bool {
        guard order.profile == .storageSealed else { return true }
        return try state.load(.sealedObjects(provider.number))?.isFull != true
    }

    /// Where in a row of spaces a point below their sum lies.
    private func place(of point: UInt64, in spaces: [UInt64]) -> Int {
        var end: UInt64 = 0
        for (index, space) in spaces.enumerated() {
            end += space
            if point < end { return index }
        }
        return spaces.count - 1
    }

    private mutating func give(
        _ order: ObjectOrder, _ id: Digest, to provider: FrozenResource
    ) throws(StateError) -> PrepaidObject.Holder {
        let number = provider.number
        var holdings = try state.load(.holdings(number)) ?? Holdings()
        let holder = PrepaidObject.Holder(number: number, slot: holdings.slots)
        holdings.units += order.units
        holdings.slots += 1
        state.store(.holdings(number), holdings)
        state.store(.shard(number, holder.slot), HeldShard(id))
        if order.profile == .storageSealed {
            var list = try state.load(.sealedObjects(number)) ?? ObjectList()
            list.insert(id)
            state.store(.sealedObjects(number), list)
        }
        return holder
    }
}

extension FrozenResource {
    /// Whether one misfortune, or one owner, could take both.
    func sharesFate(with root: AccountID, at other: Site, level: Int) -> Bool {
        stakeRoot == root || site.network == other.network
            || Cell(site.position, level: level) == Cell(other.position, level: level)
    }
}
