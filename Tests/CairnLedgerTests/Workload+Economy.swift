import CairnBase
import CairnLedger
import CairnWire

/// Random votes, objects and verdicts: most of them right, the others wrong in one way each.
extension Workload {
    mutating func newer(_ sender: AccountID, _ height: UInt64, _ model: Model) -> Action {
        switch random.below(9) {
        case 0: return .propose(change(height))
        case 1...3: return vote(model)
        case 4, 5:
            let profile: Profile = random.chance(ppm: 950_000) ? .storageHot : .storageSealed
            let (shards, price) = (1 + random.below(3), random.chance(ppm: 50_000) ? 0 : 1 + random.below(900))
            let deposit =
                random.chance(ppm: 50_000)
                ? price * shards - min(1, price) : (price + 10) * shards + price * random.below(9)
            let order = ObjectOrder(
                profile: profile, root: Digest(random.bytes32()), shards: UInt8(shards),
                needed: UInt8(1 + random.below(shards)),
                units: 1 + UInt32(random.below(4)), price: Amount(units: price),
                deposit: Amount(units: random.chance(ppm: 30_000) ? Amount.cap.units : deposit))
            return order.map(Action.open) ?? .resign
        case 6:
            return .topUp(
                object(model), with: Amount(units: random.chance(ppm: 60_000) ? Amount.cap.units : random.below(500)))
        default:
            let mine = model.objects.all.filter { $0.value.owner == sender }.keys.sorted()
            return .close(
                random.chance(ppm: 700_000) ? mine.randomElement(using: &random) ?? object(model) : object(model))
        }
    }

    /// On one of the newest proposals, now and then on one that is not there.
    mutating func vote(_ model: Model) -> Action {
        let count = UInt64(model.government.proposals.count)
        if random.chance(ppm: 30_000) { return .vote(on: UInt32(clamping: count), isYes: true) }
        return .vote(on: UInt32(count - min(count, random.below(4))), isYes: random.chance(ppm: 700_000))
    }

    private mutating func change(_ height: UInt64) -> ProposedChange {
        switch random.below(8) {
        case 0: .parameter(.prepaidBurnPPM, to: random.below(300_000))
        case 1: .parameter(.epochBlocks, to: 12)
        case 2: .parameter(.standingLambda, to: 990_000 + random.below(9900))
        case 3: .share(of: .storageHot, ppm: random.below(400_000))
        case 4: .parameter(.treasuryPPM, to: 50_000)
        case 5: .parameter(.unbondingPeriods, to: 1 + random.below(4))
        case 6: .parameter(.rewardEpochs, to: 2 + random.below(20))
        // Never adopted here: nobody could run a version that does not exist.
        default: .version(UInt32(random.below(2)), from: Height(height + random.below(3)))
        }
    }

    /// A device that holds a shard says that it has it, or that another has not.
    mutating func holder(_ model: Model) -> (sender: AccountID, action: Action)? {
        let id = object(model)
        guard let object = model.objects.all[id], let speaker = object.holders.randomElement(using: &random),
            let thing = model.resources.values.first(where: { $0.number == speaker.number })
        else { return nil }
        let sender = random.chance(ppm: 30_000) ? Self.accounts[0] : AccountID(thing.offer.device.raw)
        let own = object.holders.firstIndex { $0.number == speaker.number } ?? 0
        if random.chance(ppm: 300_000) {
            return (sender, .hold(id, shard: UInt8(own) + (random.chance(ppm: 50_000) ? 1 : 0)))
        }
        return (sender, .miss(id, shard: UInt8(random.below(UInt64(object.holders.count) + 1))))
    }

    private mutating func object(_ model: Model) -> Digest {
        if random.chance(ppm: 60_000) { return Digest(repeated(1)) }
        return model.objects.all.keys.sorted().randomElement(using: &random) ?? Digest(repeated(2))
    }

    /// Up to four verdicts in order, now and then out of it.
    mutating func verdicts(_ height: UInt64, _ model: Model) -> [Verdict] {
        var verdicts = (0..<random.below(5)).compactMap { _ in verdict(height, model) }
        verdicts.sort { $0.place < $1.place }
        if random.chance(ppm: 20_000) { verdicts.reverse() }
        return verdicts
    }

    private mutating func verdict(_ height: UInt64, _ model: Model) -> Verdict? {
        let (blocks, age) = (model.parameters[.epochBlocks], random.below(76))
        guard height > age else { return nil }
        let n = height - age
        let rows = model.frozen[n == 0 ? 0 : (n - 1) / blocks, default: []]
        guard rows.count > 8 else { return nil }
        let target = UInt32(random.below(UInt64(rows.count) + (random.chance(ppm: 20_000) ? 3 : 0)))
        let profile = target < rows.count ? rows[Int(target)].offer.profile : .coverageRadio
        if let waiting = model.economy.waiting.values.map(\.place).sorted().first, random.chance(ppm: 20_000) {
            return model.economy.waiting[waiting]
        }
        if profile.hasCapacity != random.chance(ppm: 10_000) { return storage(n, target, profile, rows) }
        return coverage(n, target, profile, rows, model)
    }

    private mutating func storage(
        _ n: UInt64, _ target: UInt32, _ profile: Profile, _ rows: [FrozenResource]
    ) -> Verdict? {
        let passed = random.chance(ppm: 800_000)
        let walks = (0..<7).map { slot -> StorageVerdict.Walk in
            let other = UInt32(random.below(UInt64(rows.count)))
            let witness = other == target && !random.chance(ppm: 50_000) ? (other + 1) % UInt32(rows.count) : other
            let some: [StorageVerdict.Result] =
                passed
                ? [.good, .good, .lateOrSilent, .noReceipt] : [.good, .lateOrSilent, .badLeafOrPath, .noReceipt]
            let result = passed && slot < 4 ? .good : some[Int(random.below(4))]
            return StorageVerdict.Walk(witness: witness, result: result)
        }
        return StorageVerdict(
            height: Height(n), provider: target, partition: UInt32(random.below(3)),
            kind: profile == .storageSealed ? .sealedRound : .hotRound, passed: passed,
            units: passed ? UInt32(random.below(9)) : random.chance(ppm: 30_000) ? 1 : 0,
            reasons: passed ? [] : reasons(of: walks),
            receipts: .zero,
            walks: walks
        ).map(Verdict.storage)
    }

    /// Mostly those that the walks ask for.
    private mutating func reasons(of walks: [StorageVerdict.Walk]) -> Reasons {
        var reasons = random.chance(ppm: 500_000) ? Reasons(.contained) : Reasons(.badPath)
        for walk in walks where !random.chance(ppm: 10_000) {
            if walk.result == .lateOrSilent { reasons.formUnion(Reasons(.deadline)) }
            if walk.result == .badLeafOrPath { reasons.formUnion(Reasons(.badLeaf)) }
        }
        return reasons
    }

    private mutating func coverage(
        _ n: UInt64, _ target: UInt32, _ profile: Profile, _ rows: [FrozenResource], _ model: Model
    ) -> Verdict? {
        let peers = rows.indices.filter { rows[$0].offer.profile == profile && $0 != Int(target) }
        let chosen = peers.shuffled(using: &random).prefix(Int(random.below(6))).sorted()
        let seats = chosen.map { place in
            CoverageVerdict.Seat(
                witness: UInt32(place) + (random.chance(ppm: 5000) ? 500 : 0),
                reasons: random.chance(ppm: 100_000) ? Reasons(.tooPerfect) : [], units: 0,
                signal: -1000 + Int16(random.below(40)), noiseDistance: 3, powerStep: UInt8(random.below(4)))
        }
        var reasons = random.chance(ppm: 200_000) ? Reasons(.notIndependent) : Reasons()
        if random.chance(ppm: 150_000) { reasons.insert(.noBeacon) }
        let draft = CoverageVerdict(
            height: Height(n), target: target, kind: profile == .coverageRTT ? .roundTrip : .radio, units: 0,
            reasons: reasons, receipts: .zero, neighbours: random.next(), seats: seats)
        guard let draft, target < rows.count, draft.seats.allSatisfy({ $0.witness < rows.count }),
            let right = model.right(draft, rows), !random.chance(ppm: 50_000)
        else { return draft.map(Verdict.coverage) }
        return .coverage(right)
    }
}
