import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness

extension Area {
    static let witness = Area(name: "witness") {
        let hash = Blake2b()
        let signature = Signature(r: id(7), s: id(8))
        let reception = Reception(
            payload: [0xe0, 1, 2, 3], frequency: 868_100_000, spreading: 9, bandwidth: 0, strength: -1_005,
            signalStrength: nil, signalToNoise: -45, counter: 99, fineTime: nil)
        let receipt = RadioReceipt(
            challenge: Digest(id(1)), witness: PublicKey(id(2)),
            payload: PayloadHash(of: reception.payload, using: hash), reception: reception,
            eui: 0x0102_0304_0506_0708)
        let opening = try Opening(receipt: receipt, salt: [UInt8](repeating: 3, count: 16)).unwrapped()
        let openings = [opening, opening, opening]
        let root = RevealBatch.tree(of: openings, using: hash).root
        let batch = try RevealBatch(witness: 5, root: root, openings: openings, signature: signature).unwrapped()
        let endorsed = try batch.reveals(using: hash).unwrapped()
        let proof = VRFProof(gamma: id(4), challengeLow: 5, challengeHigh: 6, response: id(7))
        let commit = Commit(
            challenge: Digest(id(1)), witness: 5, commitment: Digest(id(3)), signature: signature)
        let beacon = BeaconReveal(challenge: Digest(id(1)), target: 6, proof: proof, signature: signature)
        let measurement = RoundTripMeasurement(
            challenge: Digest(id(1)), witness: ResourceID(id(2)), target: ResourceID(id(3)), shortest: 900,
            median: 1_100, log: Digest(id(4)))
        let roundTrip = RoundTripReceipt(
            measurement: measurement, witnessSignature: signature, targetSignature: signature)
        return [
            try .canonical("receipt", receipt), try .canonical("commit", CoverageMessage.commit(commit)),
            try .canonical("beacon-reveal", CoverageMessage.beacon(beacon)),
            try .canonical("reveal", CoverageMessage.reveal(Reveal(opening: opening, signature: signature))),
            try .canonical("reveal-batch", CoverageMessage.batch(batch)),
            try .canonical("reveal-alone", EndorsedReveal(reveal: Reveal(opening: opening, signature: signature))),
            try .canonical("reveal-endorsed", endorsed[2]),
            try .canonical("promise", Promise(height: Height(11), opening: opening, witness: 5)),
            try .canonical("round-trip", roundTrip),
            .writeOnly("batch-signed", batch.seal.signedBody),
        ]
    }

    private static func id(_ first: UInt8) -> Bytes32 { Bytes32((0..<32).map { first + $0 }) ?? .zero }
}
