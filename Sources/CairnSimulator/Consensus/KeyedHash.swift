public import CairnBase
public import CairnConsensus

/// The scheme of simulated signatures, asked as the chain asks, with a stand-in for its verifiable randomness.
///
/// A simulated proof of randomness is a hash under the proposer's public key: anyone could make it, so honest nodes
/// and liars alike make only their own. That a liar cannot choose its outputs is what the real one guarantees.
extension KeyedHashScheme: ConsensusCryptography {
    public func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        isValid(signature, of: message, by: key)
    }

    public func prove(_ input: Digest, as key: VRFPublicKey) -> (output: Digest, proof: RandomnessProof) {
        let output = MixHash().digest(DomainTag("cn-sim/vrf"), key.raw.bytes + input.raw.bytes)
        return (output, RandomnessProof(point: output.raw, challenge: (0, 0), scalar: key.raw))
    }

    public func isValid(_ proof: RandomnessProof, of output: Digest, on input: Digest, by key: VRFPublicKey) -> Bool {
        let expected = prove(input, as: key)
        return expected.output == output && expected.proof == proof
    }
}
