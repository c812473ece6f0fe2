internal import CSodium
public import CairnBase

/// A verifiable random function on ristretto255 (RFC 9496): one key and one input have one output, and a proof of it.
///
/// The proof shows that the public key Y and the point Γ are the same multiple of the base point B and of the input's
/// point P. An Ed25519 signature would not do: its signer may choose among many valid ones and so among outputs.
public enum VRF {
    /// The output, when the proof is the one of `key` for `input`.
    public static func output(of proof: VRFProof, input: Digest, by key: VRFPublicKey) -> Digest? {
        Sodium.start()
        let challenge = challengeScalar(proof.challengeLow, proof.challengeHigh)
        // The library calls the identity a valid point and works modulo the group order, so both are tested here:
        // otherwise a proof has a second form, and the key zero proves anything.
        guard isUsable(point: key.raw), isUsable(point: proof.gamma), isUsable(scalar: proof.response),
            challenge != .zero
        else { return nil }
        let point = inputPoint(key, input)
        guard let commitmentToBase = difference(baseMultiple(proof.response), multiple(challenge, of: key.raw)),
            let commitmentToPoint = difference(
                multiple(proof.response, of: point), multiple(challenge, of: proof.gamma))
        else { return nil }
        let expected = self.challenge(key, point, proof.gamma, commitmentToBase, commitmentToPoint)
        guard expected == (proof.challengeLow, proof.challengeHigh) else { return nil }
        return output(proof.gamma)
    }

    static func output(_ gamma: Bytes32) -> Digest {
        Blake2b().digest(DomainTag("cn/vrf.out"), gamma.inline.span.bytes)
    }

    /// The point of an input under a key.
    static func inputPoint(_ key: VRFPublicKey, _ input: Digest) -> Bytes32 {
        let uniform = Blake2b().digest512(DomainTag("cn/vrf.h2g"), concatenated([key.raw, input.raw]).span.bytes)
        return uniform.lend { uniform in
            Bytes32(InlineArray<32, UInt8> { point in _ = crypto_core_ristretto255_from_hash(point, uniform) })
        }
    }

    /// The challenge that binds a proof to everything it speaks of, as low and high halves.
    static func challenge(
        _ key: VRFPublicKey, _ point: Bytes32, _ gamma: Bytes32, _ commitmentToBase: Bytes32,
        _ commitmentToPoint: Bytes32
    ) -> (UInt64, UInt64) {
        let transcript = concatenated([key.raw, point, gamma, commitmentToBase, commitmentToPoint])
        let hash = Blake2b().digest512(DomainTag("cn/vrf.c"), transcript.span.bytes)
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 |= UInt64(hash[index]) << UInt64(8 * index)
            halves.1 |= UInt64(hash[8 + index]) << UInt64(8 * index)
        }
        return halves
    }

    /// A challenge as the little-endian scalar it stands for.
    static func challengeScalar(_ low: UInt64, _ high: UInt64) -> Bytes32 {
        var bytes = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: low >> UInt64(8 * index))
            bytes[8 + index] = UInt8(truncatingIfNeeded: high >> UInt64(8 * index))
        }
        return Bytes32(bytes)
    }

    private static func concatenated(_ parts: [Bytes32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.count * Bytes32.count)
        for part in parts { part.append(to: &bytes) }
        return bytes
    }
}

// MARK: - The group

extension VRF {
    /// Whether the bytes are the one encoding of a point other than the identity.
    private static func isUsable(point: Bytes32) -> Bool {
        point != .zero && point.inline.lend { crypto_core_ristretto255_is_valid_point($0) == 1 }
    }

    /// Whether the bytes are a scalar below the group order, other than zero.
    private static func isUsable(scalar: Bytes32) -> Bool {
        var wide = InlineArray<64, UInt8>(repeating: 0)
        let bytes = scalar.inline
        for index in bytes.indices { wide[index] = bytes[index] }
        let reduced = wide.lend { wide in
            InlineArray<32, UInt8> { crypto_core_ristretto255_scalar_reduce($0, wide) }
        }
        return scalar != .zero && Bytes32(reduced) == scalar
    }

    private static func baseMultiple(_ scalar: Bytes32) -> Bytes32? {
        point { result in scalar.inline.lend { crypto_scalarmult_ristretto255_base(result, $0) } }
    }

    private static func multiple(_ scalar: Bytes32, of base: Bytes32) -> Bytes32? {
        point { result in
            scalar.inline.lend { scalar in
                base.inline.lend { crypto_scalarmult_ristretto255(result, scalar, $0) }
            }
        }
    }

    private static func difference(_ left: Bytes32?, _ right: Bytes32?) -> Bytes32? {
        guard let left, let right else { return nil }
        return point { result in
            left.inline.lend { left in right.inline.lend { crypto_core_ristretto255_sub(result, left, $0) } }
        }
    }

    /// The point that `compute` writes, or nil when it reports that there is none.
    private static func point(_ compute: (UnsafeMutablePointer<UInt8>) -> Int32) -> Bytes32? {
        var status: Int32 = -1
        let bytes = InlineArray<32, UInt8> { status = compute($0) }
        return status == 0 ? Bytes32(bytes) : nil
    }
}
