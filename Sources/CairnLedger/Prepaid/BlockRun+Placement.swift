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
            state.mark()
            guard let object = try state.load(.object(id)) else { continue }
            if object.holders.isEmpty {
                try place(object, id, height, providers)
            } else {
                try replaceLost(of: object, id, height, providers)
            }
        }
        state.remove(.ordered(height))
    }

    private mutating func place(
        _ object: PrepaidObject, _ id: Digest, _ height: Height, _ providers: ProviderSpace
    ) throws(StateError) {
        let count = Int(object.order.shards)
        let drawn = try draw(count, for: object.order, id, height, providers, beside: FatesTaken())
        guard drawn.count == count, try expect(object, id) else { return try end(id) }
        var object = object
        for provider in drawn { object.holders.append(try give(object.order, id, to: provider)) }
        state.store(.object(id), object)
    }

    /// Gives the shards of those that are lost to others, as many as can be found; for the rest it is tried again an epoch
    /// later. Who is lost is not drawn again here: it is still among those who hold it.
    private mutating func replaceLost(
        of object: PrepaidObject, _ id: Digest, _ height: Height, _ providers: ProviderSpace
    ) throws(StateError) {
        var object = object
        let lost = object.holders.indices.filter { object.holders[$0].isLost }
        var others = FatesTaken()
        for holder in object.holders {
            let resource = try state.require(.resource(state.require(.resourceName(holder.number)).id))
            others.insert(Fate(resource.stakeRoot, resource.site, level: providers.cellLevel))
        }
        let drawn = try draw(lost.count, for: object.order, id, height, providers, beside: others)
        for (shard, provider) in zip(lost, drawn) {
            try release(object.holders[shard], object.order)
            object.holders[shard] = try give(object.order, id, to: provider)
        }
        // Looking costs every node, so it is paid for; without that it ends, until the owner adds to the deposit.
        let fee = parameters.amount(.feeMin)
        if drawn.count < lost.count, object.left > fee,
            try haveDrawn(id, at: context.height.advanced(by: parameters[.epochBlocks]), isRepair: true)
        {
            (object.left, object.spent) = (object.left.minus(fee), object.spent.plus(fee))
            try burn(fee)
        }
        state.store(.object(id), object)
    }

    static var placementDelay: UInt64 { 2 }
    private static var attemptsMax: UInt32 { 256 }
    private static var scoreForNewWork: UInt32 { 960_000 }

    /// Storage of good standing, in the order of ids, and what each had free when the block began: looked up once, however
    /// many orders wait.
    private mutating func providers() throws(StateError) -> ProviderSpace {
        let level = Int(clamping: try state.load(.profile(.storageHot))?["cellLevel"] ?? 16)
        var providers = ProviderSpace(cellLevel: level)
        for page in NumberPage.pages(upTo: try state.load(.census(epoch))?.count ?? 0) {
            for place in try state.load(.sellers(epoch, page))?.numbers(on: page) ?? [] {
                let resource = try state.require(.frozen(epoch, place))
                guard resource.score >= Self.scoreForNewWork else { continue }
                providers.append(resource, free: try free(resource))
            }
        }
        return providers
    }

    private mutating func free(_ provider: FrozenResource) throws(StateError) -> UInt32 {
        let (capacity, holdings) = (provider.offer.capacity ?? 0, try state.load(.holdings(provider.number)))
        // Who had four billion shards has no place for another.
        guard let holdings else { return capacity }
        return holdings.slots == .max ? 0 : capacity - min(capacity, holdings.units)
    }

    /// Weighted by the space that was free when the block began, each stake root, network and cell once; who has too little
    /// left is passed over. Fewer when 256 draws do not find enough.
    private mutating func draw(
        _ count: Int, for order: ObjectOrder, _ id: Digest, _ height: Height, _ providers: ProviderSpace,
        beside others: FatesTaken
    ) throws(StateError) -> [FrozenResource] {
        var drawn: [FrozenResource] = []
        var taken = others
        for attempt in 0..<Self.attemptsMax where drawn.count < count && providers.total > 0 {
            let point = ledger.placement(context.randomness, height, id, attempt).scaledDraw(below: providers.total)
            let pick = providers.holding(point)
            guard !taken.contains(pick.fate), try free(pick.resource) >= order.units else { continue }
            drawn.append(pick.resource)
            taken.insert(pick.fate)
        }
        return drawn
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
        try insert(holder.slot) { RecordKey.heldSlots(number, $0) }
        return holder
    }
}
