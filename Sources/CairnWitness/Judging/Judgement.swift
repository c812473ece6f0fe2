public import CairnBase
public import CairnWire

/// What came of a challenge, as it goes on the chain, and beside it what became of every receipt.
public struct Judgement: Sendable, Equatable {
    public let verdict: CoverageVerdict
    /// Per witness, in ascending order, why it counts or not. Seats stand here too.
    public let reports: OrderedMap<UInt32, Reasons>

    /// The scored result of a case. It depends on nothing but its arguments, so that everyone who holds the receipts
    /// gets the same bytes.
    ///
    /// - Parameters:
    ///   - randomness: the chain's value at the height that decides the seats.
    ///   - root: that of the receipts, where it is known.
    public init?(
        _ challenge: ChallengeCase, in view: CoverageView, randomness: Digest, root: Digest? = nil,
        using hash: some HashFunction
    ) {
        guard let target = view.member(challenge.target) else { return nil }
        let bench = Bench(challenge, in: view, randomness: randomness, using: hash)
        let heard = { (index: UInt32) in challenge.reveals.contains(index) }
        let silence = Silence.factor(target: target, in: view, heard: heard)
        let payment = Payment(target: target, seats: bench.seats.count, rules: view.rules, silence: silence)
        var reasons = Reasons()
        if challenge.beacon == nil {
            reasons.insert(.noBeacon)
        } else if !payment.hasQuorum {
            reasons.insert(.noQuorum)
        }
        if payment.hasQuorum, bench.independent(of: challenge.target, in: view) < view.rules.independent {
            reasons.formUnion(Reasons(.notIndependent, .island))
        }
        if challenge.beacon != nil {
            if silence < .millionPPM { reasons.insert(.silent) }
            if !target.isReciprocal { reasons.insert(.reciprocity) }
            if target.scale < .millionPPM { reasons.insert(.density) }
            if target.isTwin { reasons.insert(.twin) }
        }
        let seats = bench.seats.compactMap { index -> CoverageVerdict.Seat? in
            guard let reveal = challenge.reveals[index], let witness = view.member(index) else { return nil }
            let facts = view.facts(target: challenge.target, witness: index)
            let share = payment.share(of: witness, target: target, facts: facts)
            return CoverageVerdict.Seat(
                witness: index, reasons: share.reasons, units: share.units, signal: reveal.receipt.strength,
                noiseDistance: floorOfTenths(reveal.receipt.signalToNoise), powerStep: challenge.beacon?.step ?? 0)
        }
        guard
            let verdict = CoverageVerdict(
                height: challenge.height, target: challenge.target, kind: .radio, units: payment.units,
                reasons: reasons, receipts: root ?? challenge.receiptsRoot(using: hash),
                neighbours: challenge.beacon == nil ? 0 : Silence.bitmap(target: target, heard: heard), seats: seats)
        else { return nil }
        self.verdict = verdict
        var reports = bench.reports
        for seat in seats { reports[seat.witness] = seat.reasons }
        self.reports = reports
    }
}

extension ChallengeCase {
    /// The Merkle root over the reveals, by witness.
    public func receiptsRoot(using hash: some HashFunction) -> Digest {
        MerkleList(leaves: reveals.values.map { MerkleList.leaf($0.encoded.span.bytes, using: hash) }, using: hash).root
    }
}

/// Tenths of a decibel as whole ones, rounded down.
private func floorOfTenths(_ tenths: Int16) -> Int8 {
    Int8(clamping: tenths >= 0 ? tenths / 10 : (tenths - 9) / 10)
}
