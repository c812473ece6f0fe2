import CairnBase
import CairnLedger
import CairnWire
import CairnWitness

/// What the edge of a simulated validator does with what gateways say, and a stand-in for their verifiable randomness.
extension KeyedHashScheme {
    /// Anyone could make it, as every simulated proof of randomness; only its own gateway does.
    func proveBeacon(_ input: Digest, as key: VRFPublicKey) -> (proof: VRFProof, output: Digest) {
        let output = prove(input, as: key).output
        let proof = VRFProof(gamma: output.raw, challengeLow: 1, challengeHigh: 1, response: output.raw)
        return (proof, output)
    }

    /// As it is let in; nil where a signature or a proof is not whose it should be, or nobody asked.
    func checked(_ message: CoverageMessage, for judge: Judge<MixHash>, on chain: ChainID) -> JudgeInput? {
        switch message {
        case .commit(let commit):
            return judge.signer(commit.witness, of: commit.challenge)
                .flatMap { verify(commit, by: $0, on: chain) }.map { .commit($0) }
        case .beacon(let reveal):
            guard let signer = judge.signer(reveal.target, of: reveal.challenge),
                let (key, input) = judge.beaconProof(of: reveal.challenge)
            else { return nil }
            let (proof, output) = proveBeacon(input, as: key)
            guard proof == reveal.proof else { return nil }
            return verify(reveal, by: signer, on: chain).map { .beacon($0, output: output) }
        case .reveal(let reveal):
            return verify(reveal, by: reveal.receipt.witness, on: chain).map { .reveals([.alone($0)]) }
        case .batch(let batch):
            guard let key = batch.openings.first?.receipt.witness, let seal = verify(batch.seal, by: key, on: chain),
                let reveals = batch.reveals(using: MixHash())
            else { return nil }
            return .reveals(reveals.map { .batched($0, seal) })
        }
    }

    func vouched(_ endorsed: EndorsedReveal, on chain: ChainID) -> VouchedReveal? {
        let witness = endorsed.reveal.receipt.witness
        guard let endorsement = endorsed.endorsement else {
            return verify(endorsed.reveal, by: witness, on: chain).map { .alone($0) }
        }
        return verify(endorsement.seal(of: endorsed.reveal), by: witness, on: chain).map { .batched(endorsed, $0) }
    }
}
