import CairnBase
import CairnLedger
import CairnWire

/// A resource's record, written a second time.
struct ModelRecord {
    var passes: UInt64 = 0, failures: UInt64 = 0, verdicts: UInt64 = 0, registered: UInt64 = 0
    var held: UInt64 = 0, isHalfReturned = false, streak: UInt64 = 0, misses: UInt64 = 0
    var suspensions: [UInt64] = [], isSuspended = false
    /// When it came, or moved, and the last epoch in which it was of use.
    var since: UInt64 = 0, shown: UInt64 = 0

    var score: UInt64 { passes + failures == 0 ? 0 : UInt64(UInt128(passes) * 1_000_000 / UInt128(passes + failures)) }

    mutating func count(_ isPass: Bool, _ lambda: UInt64) {
        passes = UInt64(UInt128(passes) * UInt128(lambda) / 1_000_000) + (isPass ? 1_000_000 : 0)
        failures = UInt64(UInt128(failures) * UInt128(lambda) / 1_000_000) + (isPass ? 0 : 1_000_000)
        verdicts += 1
    }
}

struct ModelEconomy {
    struct Funds {
        var rules: ProfileRules, share: UInt64, carry: UInt64 = 0, unspent = [UInt64](repeating: 0, count: 10)
        var emission: (average: UInt64, now: UInt64) = (0, 0), revenue: (average: UInt64, now: UInt64) = (0, 0)
        var perUnit: (average: UInt64, now: UInt64) = (0, 0)
    }

    var funds: [Funds]
    var bootstrap: [UInt64: [UInt64]] = [:]
    var usage: [UInt64: [UInt64]] = [:]
    var waiting: [VerdictPlace: Verdict] = [:]
    /// How often something was paid at all.
    var proofsPaid = 0, ownersPaid = 0

    init(_ profiles: [ProfileRules]) { funds = profiles.map { Funds(rules: $0, share: $0.sharePPM) } }

    var total: UInt64 {
        funds.reduce(0) { $0 + $1.carry + $1.unspent.reduce(0, +) } + bootstrap.values.joined().reduce(0, +)
            + usage.values.joined().reduce(0, +)
    }
}

extension Model {
    /// Fills the pots; returns what goes back to the reserve.
    mutating func openProfiles(_ epoch: UInt64, _ budget: UInt64) -> UInt64 {
        var back = budget
        economy.bootstrap[epoch] = []
        economy.usage[epoch] = []
        for index in economy.funds.indices {
            var funds = economy.funds[index]
            if epoch % parameters[.epochsPerPeriod] == 0 {
                funds.emission = ((29 * funds.emission.average + funds.emission.now) / 30, 0)
                funds.revenue = ((29 * funds.revenue.average + funds.revenue.now) / 30, 0)
                funds.perUnit = ((29 * funds.perUnit.average + funds.perUnit.now) / 30, 0)
                let slot = Int(epoch / parameters[.epochsPerPeriod] % 10)
                back += funds.unspent[slot]
                funds.unspent[slot] = 0
            }
            let roots = min(UInt64(activeRoots[epoch]?[index] ?? 0), parameters[.rootsForFullPool])
            let share = UInt64(UInt128(budget) * UInt128(funds.share) / 1_000_000)
            let part = share * roots / parameters[.rootsForFullPool]
            let (e, v) = (UInt128(funds.emission.average), UInt128(funds.revenue.average))
            let sigma = e + v == 0 ? 700_000 : max(50_000, UInt64(700_000 * e / (e + 2 * v)))
            let proofs = UInt64(UInt128(part) * UInt128(sigma) / 1_000_000)
            funds.emission.now += part
            economy.bootstrap[epoch]?.append(proofs + funds.carry)
            economy.usage[epoch]?.append(part - proofs)
            funds.carry = 0
            back -= part
            economy.funds[index] = funds
        }
        return back
    }

    /// Predicts what becomes of a block's verdicts.
    mutating func take(_ verdicts: [Verdict], _ height: UInt64) -> [VerdictOutcome] {
        var last: VerdictPlace?
        return verdicts.map { verdict in
            if let last, last >= verdict.place { return .outOfOrder }
            last = verdict.place
            let outcome = judge(verdict, height)
            guard outcome == .adopted else { return outcome }
            economy.waiting[verdict.place] = verdict
            if case .storage(let shown) = verdict, shown.passed, shown.kind == .hotRound {
                let epoch = (shown.height.number - 1) / parameters[.epochBlocks]
                takeBack(frozen[epoch, default: []][Int(shown.provider)].number, shown.partition, shown.height.number)
            }
            return outcome
        }
    }

    private func judge(_ verdict: Verdict, _ height: UInt64) -> VerdictOutcome {
        let (n, blocks) = (verdict.height.number, parameters[.epochBlocks])
        if n == 0 || n >= height { return .tooEarly }
        if (n - 1) / blocks + (60 + blocks - 1) / blocks < (height - 1) / blocks { return .epochSettled }
        let rows = frozen[(n - 1) / blocks, default: []]
        if verdict.target >= rows.count { return .unknownTarget }
        let target = rows[Int(verdict.target)]
        if verdict.kind.rawValue != [0, 1, 2, 4, 3][Int(target.offer.profile.rawValue)] { return .wrongKind }
        let window: ClosedRange<UInt64> =
            target.offer.capacity == nil
            ? n + 11...n + 40 : (verdict.kind == .sealedRound ? n + 60 : n + 42)...n + 71
        if height < window.lowerBound { return .tooEarly }
        if height > window.upperBound { return .tooLate }
        if economy.waiting[verdict.place] != nil { return .alreadyJudged }
        switch verdict {
        case .coverage(let verdict):
            for seat in verdict.seats {
                guard seat.witness < rows.count, seat.witness != verdict.target,
                    rows[Int(seat.witness)].offer.profile == target.offer.profile
                else { return .unknownWitness }
            }
            return verdict == right(verdict, rows) ? .adopted : .wrongArithmetic
        case .storage(let verdict):
            if verdict.walks.contains(where: { $0.witness >= rows.count || $0.witness == verdict.provider }) {
                return .unknownWitness
            }
            let good = verdict.walks.filter { $0.result == .good }.count
            let bad = verdict.walks.filter { $0.result != .good && $0.result != .noReceipt }.count
            let isEnough = good >= 5 || (good == 4 && bad <= 1)
            if !verdict.passed { return isFault(verdict, isEnough, bad) ? .adopted : .wrongArithmetic }
            let fits = verdict.units <= target.offer.capacity ?? 0 && !verdict.reasons.contains(.contained)
            return isEnough && fits ? .adopted : .wrongArithmetic
        }
    }

    /// A fault, or doubt, with a reason for every walk that was bad.
    private func isFault(_ verdict: StorageVerdict, _ isEnough: Bool, _ bad: Int) -> Bool {
        let given = verdict.reasons.rawValue
        let wanted: [StorageVerdict.Result: [Reason]] = [
            .lateOrSilent: [.deadline], .badLeafOrPath: [.badLeaf, .badPath], .checkUnanswered: [.refusedCheck],
            .checkWrong: [.badUnit],
        ]
        for walk in verdict.walks {
            if let some = wanted[walk.result], !some.contains(where: { given & $0.bit != 0 }) { return false }
        }
        let isRefused = verdict.walks.contains { $0.result == .checkUnanswered || $0.result == .checkWrong }
        if verdict.units != 0 || given == 0 || (isEnough && !isRefused) { return false }
        return bad >= 3 || isRefused || given & Reason.contained.bit != 0
    }

    /// The verdict with the numbers and reasons that follow from its seats: five seats, three for a quorum.
    func right(_ verdict: CoverageVerdict, _ rows: [FrozenResource]) -> CoverageVerdict? {
        let target = rows[Int(verdict.target)]
        let isQuorum = verdict.seats.count >= 3
        var reasons = verdict.reasons.rawValue
        func set(_ reason: Reason, _ isSet: Bool) { reasons = isSet ? reasons | reason.bit : reasons & ~reason.bit }
        set(.island, reasons & Reason.notIndependent.bit != 0)
        if reasons & Reason.noBeacon.bit != 0 {
            return CoverageVerdict(
                height: verdict.height, target: verdict.target, kind: verdict.kind, units: 0,
                reasons: Reasons(rawValue: reasons), receipts: verdict.receipts, neighbours: verdict.neighbours,
                seats: [])
        }
        if verdict.seats.count > 5 { return nil }
        let keen = target.neighbours.enumerated().filter { _, other in
            (0..<20).filter { other.heard >> UInt32($0) & 1 == 1 }.count >= 14
                && rows[Int(other.place)].flags.contains(.isClassA)
        }
        let missing = keen.filter { verdict.neighbours >> UInt64($0.offset) & 1 == 0 }.count
        let gaps = keen.reduce(0) { $0 + 20 - $1.element.heard.nonzeroBitCount }
        let silent = max(0, 1_000_000 - 2500 * max(0, 20 * missing - 2 * gaps - 20))
        set(.noQuorum, !isQuorum)
        set(.silent, silent < 1_000_000)
        let isMutual = target.flags.contains(.isReciprocal)
        set(.reciprocity, !isMutual)
        let tx: [UInt64] = [0, 250_000, 500_000, 750_000, 1_000_000, 1_200_000]
        let rx: [UInt64] = [0, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 760_000]
        let w = verdict.seats.count
        var units = tx[w] * UInt64(target.scale) / 1_000_000
        units = units * UInt64(silent) / 1_000_000
        units = units * 1000 / UInt64(target.rate)
        let seats = verdict.seats.map { seat in
            let witness = rows[Int(seat.witness)]
            let isBoth = witness.flags.contains(.isReciprocal)
            let bits = seat.reasons.rawValue & ~Reason.reciprocity.bit | (isBoth ? 0 : Reason.reciprocity.bit)
            var part = rx[w] * UInt64(target.scale) / 1_000_000
            part = part * UInt64(witness.scale) / 1_000_000
            if bits & Reason.roundTrip.bit != 0 { part /= 2 }
            if bits & Reason.tooPerfect.bit != 0 { part /= 4 }
            if bits & Reason.powerStep.bit != 0 { part /= 4 }
            part = part * 1000 / UInt64(target.rate)
            return CoverageVerdict.Seat(
                witness: seat.witness, reasons: Reasons(rawValue: bits),
                units: isQuorum && isBoth && verdict.kind == .radio ? UInt32(part) : 0, signal: seat.signal,
                noiseDistance: seat.noiseDistance, powerStep: seat.powerStep)
        }
        return CoverageVerdict(
            height: verdict.height, target: verdict.target, kind: verdict.kind,
            units: isQuorum && isMutual ? UInt32(units) : 0, reasons: Reasons(rawValue: reasons),
            receipts: verdict.receipts, neighbours: verdict.neighbours, seats: seats)
    }
}
