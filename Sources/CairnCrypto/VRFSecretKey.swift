internal import CSodium
public import CairnBase

/// The secret half of a VRF key: a ristretto255 scalar and a key for proof nonces, both derived from one seed.
///
/// The seed may be the one of an Ed25519 key: the two derivations are separate hashes and say nothing of each other.
public struct VRFSecretKey: ~Copyable, Sendable {
    public let publicKey: VRFPublicKey
    /// The scalar x, then the nonce key.
    private let secrets: SecretBytes

    public init(seed: borrowing Seed) {
        secrets = SecretBytes(
            count: 64,
            filledBy: { secrets in
                seed.bytes.lend { seed in
                    withScratch(64) { wide in
                        hash(DomainTag("cn/vrf.key"), seed, 32, into: wide, count: 64)
                        crypto_core_ristretto255_scalar_reduce(secrets, wide)
                    }
                    hash(DomainTag("cn/vrf.nkey"), seed, 32, into: secrets + 32, count: 32)
                }
            })
        let key = secrets.lend { secrets in
            InlineArray<32, UInt8> { point in
                let status = crypto_scalarmult_ristretto255_base(point, secrets)
                invariant(status == 0, "a hash is a multiple of the group order with probability 2^-252")
            }
        }
        publicKey = VRFPublicKey(Bytes32(key))
    }

    public static func generate() -> VRFSecretKey {
        VRFSecretKey(seed: .random())
    }

    /// Whether the key can never reach swap.
    public var isLocked: Bool { secrets.isLocked }

    /// The output for an input, with its proof. Both are always the same for the same input.
    public borrowing func prove(_ input: Digest) -> (proof: VRFProof, output: Digest) {
        let point = VRF.inputPoint(publicKey, input)
        let gamma = secrets.lend { scalar in multiple(scalar, of: point) }
        // Scratch: the nonce k, the product of challenge and key, then the nonce's hash and what it is made from.
        return withScratch(192) { nonce in
            let product = nonce + 32
            let wide = nonce + 64
            let seed = nonce + 128
            secrets.lend { secrets in seed.update(from: secrets + 32, count: 32) }
            point.inline.lend { point in (seed + 32).update(from: point, count: 32) }
            hash(DomainTag("cn/vrf.k"), seed, 64, into: wide, count: 64)
            crypto_core_ristretto255_scalar_reduce(nonce, wide)
            let commitmentToBase = InlineArray<32, UInt8> { result in
                let status = crypto_scalarmult_ristretto255_base(result, nonce)
                invariant(status == 0, "a nonce is zero with probability 2^-252")
            }
            let commitmentToPoint = multiple(nonce, of: point)
            let (low, high) = VRF.challenge(publicKey, point, gamma, Bytes32(commitmentToBase), commitmentToPoint)
            let response = VRF.challengeScalar(low, high).inline.lend { challenge in
                secrets.lend { scalar in
                    InlineArray<32, UInt8> { response in
                        crypto_core_ristretto255_scalar_mul(product, challenge, scalar)
                        crypto_core_ristretto255_scalar_add(response, nonce, product)
                    }
                }
            }
            let proof = VRFProof(
                gamma: gamma, challengeLow: low, challengeHigh: high, response: Bytes32(response))
            return (proof, VRF.output(gamma))
        }
    }
}

private func multiple(_ scalar: UnsafePointer<UInt8>, of point: Bytes32) -> Bytes32 {
    point.inline.lend { point in
        Bytes32(
            InlineArray<32, UInt8> { result in
                let status = crypto_scalarmult_ristretto255(result, scalar, point)
                invariant(status == 0, "a hashed point and a hashed scalar are zero with probability 2^-252")
            })
    }
}

/// BLAKE2b between two secret buffers.
func hash(
    _ tag: DomainTag, _ input: UnsafePointer<UInt8>, _ inputCount: UInt64, into output: UnsafeMutablePointer<UInt8>,
    count: Int
) {
    let status = tag.inline.lend { personal in
        crypto_generichash_blake2b_salt_personal(output, count, input, inputCount, nil, 0, nil, personal)
    }
    invariant(status == 0, "BLAKE2b accepts every input")
}
