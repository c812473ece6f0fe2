import CairnBase
public import CairnWire

/// Whether a receipt can be true, by the laws that a liar cannot change: each rule that fails voids it.
public enum Plausibility {
    /// Noise of a 125 kHz channel with a decent receiver, in tenths of a decibel above a milliwatt.
    static let noiseFloor: Int64 = -1_170

    /// What is wrong with a receipt, given the beacon that was to be sent.
    public static func objections(
        to receipt: RadioReceipt, by witness: Member, of target: Member, beacon: Beacon, payload: PayloadHash,
        facts: PairFacts
    ) -> Reasons {
        objections(
            to: receipt, by: witness, of: target, metres: witness.place.metres(to: target.place), beacon: beacon,
            payload: payload, facts: facts)
    }

    static func objections(
        to receipt: RadioReceipt, by witness: Member, of target: Member, metres: UInt64, beacon: Beacon,
        payload: PayloadHash, facts: PairFacts
    ) -> Reasons {
        var reasons = Reasons()
        if receipt.payload != payload { reasons.insert(.payload) }
        if receipt.spreading != beacon.spreading { reasons.insert(.spreadingFactor) }
        let offset = Int64(receipt.frequency) - Int64(beacon.frequency)
        if offset.magnitude > 100_000 || receipt.bandwidth != Region.beaconBandwidth { reasons.insert(.channel) }
        if !isBelowFreeSpace(receipt, witness, target.region, beacon, metres) { reasons.insert(.freeSpace) }
        if !isCoherentWithNoise(receipt) { reasons.insert(.noise) }
        if !isWithinSignalLimits(receipt) { reasons.insert(.signalToNoise) }
        if let microseconds = facts.shortestRoundTrip, metres > 150 * UInt64(microseconds) {
            reasons.insert(.roundTrip)
        }
        return reasons
    }

    /// Nothing is louder than through empty space, give or take 3 dB.
    private static func isBelowFreeSpace(
        _ receipt: RadioReceipt, _ witness: Member, _ region: Region, _ beacon: Beacon, _ metres: UInt64
    ) -> Bool {
        10 * Int64(receipt.strength) <= beacon.power(in: region) + witness.believedGain
            - PathLoss.freeSpace(metres: metres, hertz: beacon.frequency) + 300
    }

    /// Signal, noise and their ratio are three views of one reception. Where the signal is weak, they must agree: who
    /// only rewrites the strength is seen here.
    private static func isCoherentWithNoise(_ receipt: RadioReceipt) -> Bool {
        let ratio = Int64(receipt.signalToNoise)
        guard ratio < 50 else { return true }
        let signal = receipt.signalStrength.map { Int64($0) } ?? (Int64(receipt.strength) + min(0, ratio))
        return (signal - noiseFloor - ratio).magnitude <= 120
    }

    private static func isWithinSignalLimits(_ receipt: RadioReceipt) -> Bool {
        guard let limit = signalLimit(spreading: receipt.spreading) else { return false }
        return (limit - 20...150).contains(Int64(receipt.signalToNoise))
    }

    /// The weakest signal that can be demodulated, as tenths of a decibel over noise; nil for what LoRa has not.
    public static func signalLimit(spreading: UInt8) -> Int64? {
        (7...12).contains(spreading) ? -75 - 25 * Int64(spreading - 7) : nil
    }
}
