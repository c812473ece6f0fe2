import CairnBase
import CairnConsensus
import CairnCrypto

/// What consensus asks of cryptography, answered by libsodium.
struct SodiumConsensus: ConsensusCryptography {
    func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        Ed25519.isValid(signature, of: message, by: key)
    }

    func isValid(_ proof: RandomnessProof, of output: Digest, on input: Digest, by key: VRFPublicKey) -> Bool {
        VRF.output(of: VRFProof(proof), input: input, by: key) == output
    }
}

extension VRFProof {
    init(_ proof: RandomnessProof) {
        self.init(
            gamma: proof.point, challengeLow: proof.challenge.low, challengeHigh: proof.challenge.high,
            response: proof.scalar)
    }
}

extension RandomnessProof {
    init(_ proof: VRFProof) {
        self.init(
            point: proof.gamma, challenge: (proof.challengeLow, proof.challengeHigh), scalar: proof.response)
    }
}
