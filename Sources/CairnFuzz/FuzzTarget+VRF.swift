import CairnBase
import CairnCrypto
import CairnWire

extension FuzzTarget {
    /// A seed of 32 bytes, an input of 32 and what is added bit by bit to the honest proof for them: nothing but the
    /// honest proof gives an output, and it gives one. The bytes are tried as a key and a proof of their own too.
    static let vrf = FuzzTarget("vrf", mutations: 400) { bytes in
        var padded = bytes.prefix(64 + VRFProof.count)
        while padded.count < 64 + VRFProof.count { padded.append(0) }
        let (seed, input, mask) = (Array(padded[..<32]), Array(padded[32..<64]), Array(padded[64...]))
        guard let known = Bytes32(seed), let alpha = Digest(input), let foreign = VRFPublicKey(seed) else { return }

        let key = VRFSecretKey(seed: Seed(known: known))
        let (proof, output) = key.prove(alpha)
        let altered = zip(proof.encoded, mask).map { $0 ^ $1 }
        let answer = VRF.output(
            of: try VRFProof.decode(altered, limit: VRFProof.count), input: alpha, by: key.publicKey)
        let isHonest = mask.allSatisfy { $0 == 0 }
        try require(answer == (isHonest ? output : nil), "an altered proof was taken or an honest one refused")

        let raw = try VRFProof.decode(mask, limit: VRFProof.count)
        try require(raw.encoded == mask, "a proof has two forms")
        _ = VRF.output(of: raw, input: alpha, by: foreign)
    }
}
