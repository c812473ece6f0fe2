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
            guard var object = try state.load(.object(id)) else { continue }
            let candidates = providers.filter { $0.offer.profile == object.order.profile }
            if let drawn = try draw(object.order, id, height, candidates) {
                for provider in drawn { object.holders.append(try give(object.order, id, to: provider)) }
                state.store(.object(id), object)
            } else {
                try end(id)
            }
        }
        state.remove(.ordered(height))
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

    /// Weighted by free space, each stake root, network and cell once. Nil when 256 draws do not find enough.
    private mutating func draw(
        _ order: ObjectOrder, _ id: Digest, _ height: Height, _ candidates: [FrozenResource]
    ) throws(StateError) -> [FrozenResource]? {
        let level = Int(clamping: try state.load(.profile(order.profile))?["cellLevel"] ?? 16)
        var free: [UInt64] = []
        for candidate in candidates {
            let used = try state.load(.holdings(candidate.number))?.units ?? 0
            let capacity = candidate.offer.capacity ?? 0
            let space = capacity - min(capacity, used)
            free.append(space >= order.units ? UInt64(space) : 0)
        }
        let total = free.reduce(0, +)
        guard total > 0 else { return nil }
        var drawn: [FrozenResource] = []
        for attempt in 0..<Self.attemptsMax where drawn.count < Int(order.shards) {
            let point = ledger.placement(context.randomness, height, id, attempt).scaledDraw(below: total)
            let pick = candidates[place(of: point, in: free)]
            if !drawn.contains(where: { $0.sharesFate(with: pick, level: level) }) { drawn.append(pick) }
        }
        return drawn.count == Int(order.shards) ? drawn : nil
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
    func sharesFate(with other: FrozenResource, level: Int) -> Bool {
        stakeRoot == other.stakeRoot || site.network == other.site.network
            || Cell(site.position, level: level) == Cell(other.site.position, level: level)
    }
}
