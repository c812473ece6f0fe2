import CairnBase
import CairnLedger
import CairnWire

/// Paying an epoch's proofs, written a second time: one array per quantity, one loop per rule.
extension Model {
    mutating func settleProofs(_ epoch: UInt64, at now: UInt64) {
        let rows = frozen.removeValue(forKey: epoch) ?? []
        let count = rows.count
        var units = [UInt64](repeating: 0, count: count), island = units, failed = units
        var receipts = [[UInt64]](repeating: [0, 0, 0, 0], count: count)
        var records = rows.map { resources[$0.id]?.record ?? ModelRecord() }
        var slots = [[UInt32]](repeating: [], count: count)
        var met: [[UInt32]: Int] = [:]
        let lambda = parameters[.standingLambda]
        let blocks = parameters[.epochBlocks]
        let mine = economy.waiting.keys.filter { ($0.height.number - 1) / blocks == epoch }.sorted()
        for place in mine {
            guard let item = economy.waiting.removeValue(forKey: place) else { continue }
            let target = Int(item.target)
            switch item {
            case .coverage(let verdict):
                let isIsland = verdict.reasons.contains(.island)
                if isIsland { island[target] += UInt64(verdict.units) } else { units[target] += UInt64(verdict.units) }
                let isDeaf = verdict.reasons.contains(.noBeacon)
                if isDeaf { failed[target] += 1 }
                if isDeaf || verdict.seats.count >= 3 { records[target].count(!isDeaf, lambda) }
                if isDeaf || verdict.seats.count < 3 { continue }
                records[target].shown = epoch
                for seat in verdict.seats {
                    let times = met[[verdict.target, seat.witness], default: 0]
                    met[[verdict.target, seat.witness]] = times + 1
                    let part = times > 2 ? 0 : UInt64(seat.units) / [1, 2, 4][times]
                    if isIsland { island[Int(seat.witness)] += part } else { units[Int(seat.witness)] += part }
                    receipts[Int(seat.witness)][Int(rows[target].offer.profile.rawValue) - 1] += 1
                    if !seat.reasons.contains(.tooPerfect) { records[Int(seat.witness)].shown = epoch }
                }
            case .storage(let verdict):
                units[target] += UInt64(verdict.units) * UInt64(rows[target].score)
                if verdict.passed || !verdict.reasons.contains(.contained) {
                    records[target].count(verdict.passed, lambda)
                    failed[target] += verdict.passed ? 0 : 1
                }
                if verdict.passed && verdict.kind == .hotRound { slots[target].append(verdict.partition) }
                if verdict.passed { records[target].shown = epoch }
                for walk in verdict.walks {
                    if walk.result == .noReceipt {
                        records[Int(walk.witness)].count(false, lambda)
                        failed[Int(walk.witness)] += 1
                    } else {
                        records[Int(walk.witness)].shown = epoch
                        receipts[Int(walk.witness)][Int(rows[target].offer.profile.rawValue) - 1] += 1
                    }
                }
            }
        }
        var proofs = [UInt64](repeating: 0, count: count), others = proofs, burnedFor = proofs
        for profile in 0..<4 { payProofs(profile, epoch, rows, units, island, receipts, &proofs, &others) }
        payOwners(epoch, now, rows, slots, &burnedFor)
        for profile in 0..<4 { payUsage(profile, epoch, now, rows, burnedFor, &others) }
        for (place, row) in rows.enumerated() {
            let due = held(proofs[place], row, records[place], now)
            records[place].held += due
            let pay = proofs[place] - due + others[place]
            if pay > 0 { balance[row.controller, default: 0] += pay }
            grow(&records[place], row, failed[place] > 0, now)
            resources[row.id]?.record = records[place]
        }
    }

    private func payment(_ row: FrozenResource, _ units: UInt64) -> UInt64 {
        let quality: UInt128 = row.flags.contains(.isVetted) ? 1_000_000 : 250_000
        let product = UInt128(units) * UInt128(row.multiplier) * quality * UInt128(row.streak)
        return UInt64(product / 1_000_000_000_000_000_000)
    }

    private mutating func payProofs(
        _ profile: Int, _ epoch: UInt64, _ rows: [FrozenResource], _ units: [UInt64], _ island: [UInt64],
        _ receipts: [[UInt64]], _ proofs: inout [UInt64], _ others: inout [UInt64]
    ) {
        let pot = economy.bootstrap[epoch]?[profile] ?? 0
        var left = pot
        let all = receipts.reduce(0) { $0 + $1[profile] }
        let witnessPPM = UInt128(economy.funds[profile].rules.witnessPPM)
        let forWitnesses = all == 0 ? 0 : UInt64(UInt128(pot) * witnessPPM / 1_000_000)
        for place in rows.indices where all > 0 {
            let part = UInt64(UInt128(forWitnesses) * UInt128(receipts[place][profile]) / UInt128(all))
            others[place] += part
            left -= part
        }
        var weights = rows.map { _ in (UInt64(0), UInt64(0)) }
        for (place, row) in rows.enumerated() where Int(row.offer.profile.rawValue) == profile + 1 {
            if row.flags.contains(.isSuspended) { continue }
            let isIsland = row.flags.contains(.isIsland)
            weights[place] = (
                isIsland ? 0 : payment(row, units[place]),
                payment(row, isIsland ? units[place] + island[place] : island[place])
            )
        }
        let (sum, islands) = (weights.reduce(0) { $0 + $1.0 }, weights.reduce(0) { $0 + $1.1 })
        let pool = pot - forWitnesses
        var islandPool: UInt64 = 0
        if islands > 0 {
            let fair = UInt64(UInt128(pool) * UInt128(islands) / UInt128(islands + sum))
            islandPool = min(fair, UInt64(UInt128(pool) * UInt128(parameters[.islandPoolPPM]) / 1_000_000))
        }
        var members: UInt64 = 0
        for (place, row) in rows.enumerated() where Int(row.offer.profile.rawValue) == profile + 1 {
            var part: UInt64 = 0
            if sum > 0 { part += UInt64(UInt128(pool - islandPool) * UInt128(weights[place].0) / UInt128(sum)) }
            if islands > 0 { part += UInt64(UInt128(islandPool) * UInt128(weights[place].1) / UInt128(islands)) }
            proofs[place] = part
            economy.proofsPaid += part > 0 ? 1 : 0
            left -= part
            members += UInt64(row.offer.capacity ?? 1)
        }
        economy.funds[profile].carry += left
        economy.funds[profile].perUnit.now += pool / max(1, members)
        economy.bootstrap[epoch]?[profile] = 0
    }

    private mutating func payOwners(
        _ epoch: UInt64, _ now: UInt64, _ rows: [FrozenResource], _ slots: [[UInt32]], _ burnedFor: inout [UInt64]
    ) {
        for (place, row) in rows.enumerated() {
            for slot in slots[place].sorted() {
                let id = objects.all.first { $0.value.holders.contains { $0.number == row.number && $0.slot == slot } }?
                    .key
                if let id { payOwner(id, row, epoch, &burnedFor[place]) }
            }
        }
        let height = (now + 1) * parameters[.epochBlocks]
        for (id, object) in objects.all where object.closing == epoch {
            let isUnused = object.isUntouched && !object.holders.isEmpty && height < object.opened + 2 + grace(object)
            if isUnused { giveUp(id, height) } else { endObject(id) }
        }
    }

    private mutating func payOwner(_ id: Digest, _ row: FrozenResource, _ epoch: UInt64, _ burnedFor: inout UInt64) {
        guard var object = objects.all[id], (object.opened - 1) / parameters[.epochBlocks] <= epoch else { return }
        let price = min(object.order.price.units, object.left)
        let fire = price * parameters[.prepaidBurnPPM] / 1_000_000
        object.left -= price
        burned += fire
        burnedNow += fire
        burnedFor += fire
        economy.ownersPaid += 1
        if price > fire { balance[row.controller, default: 0] += price - fire }
        economy.funds[Int(row.offer.profile.rawValue) - 1].revenue.now += price / 5
        objects.all[id] = object
        if object.left == 0 { endObject(id) }
    }

    private mutating func payUsage(
        _ profile: Int, _ epoch: UInt64, _ now: UInt64, _ rows: [FrozenResource], _ burnedFor: [UInt64],
        _ others: inout [UInt64]
    ) {
        let pot = economy.usage[epoch]?[profile] ?? 0
        let mine = rows.indices.filter { Int(rows[$0].offer.profile.rawValue) == profile + 1 }
        let all = mine.reduce(0) { $0 + burnedFor[$1] }
        let available = pot + economy.funds[profile].unspent.reduce(0, +)
        var spent: UInt64 = 0
        for place in mine where all > 0 {
            let fair = UInt64(UInt128(available) * UInt128(burnedFor[place]) / UInt128(all))
            let part = min(fair, burnedFor[place] * 850_000 / 1_000_000)
            others[place] += part
            spent += part
        }
        let slot = Int(now / parameters[.epochsPerPeriod] % 10)
        var debt = spent - min(spent, pot)
        for age in 0..<10 {
            let index = (slot + 10 - age) % 10
            let part = min(debt, economy.funds[profile].unspent[index])
            economy.funds[profile].unspent[index] -= part
            debt -= part
        }
        economy.funds[profile].unspent[slot] += pot - min(spent, pot)
        economy.usage[epoch]?[profile] = 0
    }

    private func held(_ pay: UInt64, _ row: FrozenResource, _ record: ModelRecord, _ now: UInt64) -> UInt64 {
        guard let thing = resources[row.id], !thing.isGone else { return 0 }
        let funds = economy.funds[Int(row.offer.profile.rawValue) - 1]
        let byReward = funds.perUnit.average * parameters[.bondPeriods] * UInt64(row.offer.capacity ?? 1)
        let need = max(funds.rules.bondMin.units, min(byReward, 100_000_000_000_000_000))
        let missing = need - min(need, thing.bond + record.held)
        let age = now / parameters[.epochsPerPeriod] - record.registered / parameters[.epochsPerPeriod]
        let stage = age / parameters[.heldStagePeriods]
        let part: UInt64 = stage > 2 ? 0 : [750_000, 500_000, 250_000][Int(stage)]
        return min(missing, UInt64(UInt128(pay) * UInt128(part) / 1_000_000))
    }

    private mutating func grow(_ record: inout ModelRecord, _ row: FrozenResource, _ isFailed: Bool, _ now: UInt64) {
        let levels = [21, 147, 252].map { $0 * parameters[.epochsPerPeriod] }
        if isFailed {
            record.misses += 1
            if record.misses == 3 {
                let level = levels.filter { record.streak >= $0 }.count
                record.streak = level < 2 ? 0 : levels[level - 2]
                record.misses = 0
            }
        } else {
            record.streak += 1
        }
        let period = now / parameters[.epochsPerPeriod]
        if !record.isHalfReturned,
            period - record.registered / parameters[.epochsPerPeriod] >= 5 * parameters[.heldStagePeriods]
        {
            record.isHalfReturned = true
            let half = record.held / 2
            record.held -= half
            if half > 0 { balance[row.controller, default: 0] += half }
        }
        if record.score >= 600_000 { record.isSuspended = false; return }
        if record.isSuspended { return }
        record.isSuspended = true
        record.suspensions = record.suspensions.filter { $0 + 90 > period } + [period]
        if record.suspensions.count >= 3, resources[row.id]?.isGone == false {
            burned += record.held
            burnedNow += record.held
            record.held = 0
            resources[row.id]?.isGone = true
        }
    }
}
