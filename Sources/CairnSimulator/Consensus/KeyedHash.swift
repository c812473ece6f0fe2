public import CairnBase
public import CairnConsensus
public import CairnCrypto

/// Signatures and randomness for simulations: a hash keyed with the public key.
///
/// Anyone could forge one, so nobody in a simulation does: an adversary signs with its own keys only. In exchange a
/// check costs a thousandth of a real one, and runs measure the protocol instead of elliptic curves.
public struct KeyedHash: ConsensusCryptography {
    let hash: Blake2b

    public init(hash: Blake2b = Blake2b()) {
        self.hash = hash
    }

    public func sign(_ message: [UInt8], as key: PublicKey) -> Signature {
        Signature(r: hash.digest(Self.signatureTag, key.raw.bytes + message).raw, s: key.raw)
    }

    public func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool {
        sign(message, as: key) == signature
    }

    public func prove(_ input: Digest, as key: VRFPublicKey) -> (output: Digest, proof: RandomnessProof) {
        let output = hash.digest(Self.randomnessTag, key.raw.bytes + input.raw.bytes)
        return (output, RandomnessProof(point: output.raw, challenge: (0, 0), scalar: key.raw))
    }

    public func isValid(_ proof: RandomnessProof, of output: Digest, on input: Digest, by key: VRFPublicKey) -> Bool {
        let expected = prove(input, as: key)
        return expected.output == output && expected.proof == proof
    }

    private static let signatureTag = DomainTag("sim/signature")
    private static let randomnessTag = DomainTag("sim/vrf")
}
