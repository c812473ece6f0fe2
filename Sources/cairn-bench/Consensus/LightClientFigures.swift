import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire

/// What it takes to know who may sign today: a hundred epochs of a hundred members, with nothing but their handoffs.
func lightClientFigures(_ signed: SignedChain) -> [Figure] {
    let members = signed.committees[0].count
    var client = LightClient(chain: signed.chain, epochLength: signed.epochLength, founders: signed.committees[0])
    var bytes = 0
    var verifies = 0
    for handoff in signed.handoffs {
        let encoded = handoff.encoded
        let counting = CountedSignatures()
        guard let received = try? Handoff.decode(encoded, limit: encoded.count),
            (try? client.follow(received, hash: signed.hash, using: counting)) != nil
        else { break }
        bytes = max(bytes, encoded.count)
        verifies = max(verifies, counting.count)
    }
    // Whoever was refused on the way has followed nothing.
    let isThere = client.epoch.number == UInt64(signed.handoffs.count) && !signed.handoffs.isEmpty
    let name = "light client, \(signed.handoffs.count) epochs, n=\(members)"
    return [
        figure("\(name) bytes", Double(bytes), "B/epoch", limit: 10_000, "most allowed", isThere),
        figure("\(name) verifies", Double(verifies), "/epoch", limit: Double(members), "members", isThere),
    ]
}

private func figure(
    _ name: String, _ value: Double, _ unit: String, limit: Double, _ limitName: String, _ isThere: Bool
) -> Figure {
    Figure(
        bench: "consensus", name: name, value: value, unit: unit, limit: limit, limitName: limitName,
        ratio: isThere ? value / limit : .infinity, better: .lower, target: 1)
}

/// Real signatures, counted.
///
/// SAFETY: `@unchecked Sendable` because one run on one thread uses it.
final class CountedSignatures: ConsensusCryptography, @unchecked Sendable {
    private(set) var count = 0

    func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        count += 1
        return Ed25519.isValid(signature, of: message, by: key)
    }

    func isValid(_: RandomnessProof, of _: Digest, on _: Digest, by _: VRFPublicKey) -> Bool { false }
}
