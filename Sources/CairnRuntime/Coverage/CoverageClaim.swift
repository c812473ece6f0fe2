import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness

/// What a gateway said, and who must have signed it: checked beside the loop, before the judge hears of it.
enum CoverageClaim: Sendable {
    case commit(Commit, by: PublicKey)
    case beacon(BeaconReveal, by: PublicKey, proofOf: VRFPublicKey, input: Digest)
    case reveal(Reveal)
    case batch(RevealBatch)

    /// Nil when it is about no challenge that this judge follows; such messages are not worth a signature check.
    init?(_ message: CoverageMessage, _ judge: Judge<Blake2b>) {
        switch message {
        case .commit(let commit):
            guard let key = judge.signer(commit.witness, of: commit.challenge) else { return nil }
            self = .commit(commit, by: key)
        case .beacon(let reveal):
            guard let key = judge.signer(reveal.target, of: reveal.challenge),
                let (randomness, input) = judge.beaconProof(of: reveal.challenge)
            else { return nil }
            self = .beacon(reveal, by: key, proofOf: randomness, input: input)
        case .reveal(let reveal):
            guard judge.follows(reveal.receipt.challenge) else { return nil }
            self = .reveal(reveal)
        case .batch(let batch):
            guard batch.openings.contains(where: { judge.follows($0.receipt.challenge) }) else { return nil }
            self = .batch(batch)
        }
    }

    func checked(by verifier: Verifier) -> JudgeInput? {
        switch self {
        case .commit(let commit, let key): return verifier.verify(Claim(commit, by: key)).map { .commit($0) }
        case .beacon(let reveal, let key, let randomness, let input):
            guard let verified = verifier.verify(Claim(reveal, by: key)),
                let output = VRF.output(of: reveal.proof, input: input, by: randomness)
            else { return nil }
            return .beacon(verified, output: output)
        case .reveal(let reveal):
            return verifier.verify(Claim(reveal, by: reveal.receipt.witness)).map { .reveals([.alone($0)]) }
        case .batch(let batch):
            // One key signs for all: the judge refuses those that name another.
            guard let key = batch.openings.first?.receipt.witness,
                let seal = verifier.verify(Claim(batch.seal, by: key)), let reveals = batch.reveals(using: Blake2b())
            else { return nil }
            return .reveals(reveals.map { .batched($0, seal) })
        }
    }
}

extension EndorsedReveal {
    func vouched(by verifier: Verifier) -> VouchedReveal? {
        let key = reveal.receipt.witness
        guard let endorsement else { return verifier.verify(Claim(reveal, by: key)).map { .alone($0) } }
        return verifier.verify(Claim(endorsement.seal(of: reveal), by: key)).map { .batched(self, $0) }
    }
}
