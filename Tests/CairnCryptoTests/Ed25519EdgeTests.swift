import CSodium
import CairnBase
import CairnCrypto
import Testing

/// The ed25519 edge grid: what the installed library answers where implementations differ.
///
/// These answers are consensus rules. A library that fails one of these tests must not be shipped.
@Suite struct Ed25519EdgeTests {
    struct Edge: Sendable {
        let name: String
        let valid: Bool
        let message: String
        let key: String
        let signature: String

        init(_ name: String, valid: Bool, message: String, key: String, signature: String) {
            self.name = name
            self.valid = valid
            self.message = message
            self.key = key
            self.signature = signature
        }
    }

    /// The twelve vectors of Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (2020), `ed25519-speccheck`.
    /// "Small" and "mixed" tell the order of a point: a divisor of 8, or a multiple of L other than L.
    static let speccheck = [
        Edge(
            "S = 0, small A, small R", valid: false,
            message: "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
            key: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            signature: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
                + "0000000000000000000000000000000000000000000000000000000000000000"),
        Edge(
            "0 < S < L, small A, mixed R", valid: false,
            message: "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            key: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            signature: "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
                + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"),
        Edge(
            "0 < S < L, mixed A, small R", valid: false,
            message: "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
            key: "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            signature: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
                + "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e"),
        Edge(
            "mixed A, mixed R, the cofactorless equation holds", valid: true,
            message: "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            key: "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            signature: "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
                + "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009"),
        Edge(
            "mixed A, mixed R, only the equation with the cofactor holds", valid: false,
            message: "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            key: "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            signature: "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
                + "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09"),
        Edge(
            "as before, and 8k is not reduced first", valid: false,
            message: "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            key: "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            signature: "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
                + "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405"),
        Edge(
            "S > L", valid: false,
            message: "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            key: "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            signature: "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
                + "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514"),
        Edge(
            "S far above L", valid: false,
            message: "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            key: "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            signature: "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
                + "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22"),
        Edge(
            "non-canonical R, hashed reduced", valid: false,
            message: "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            key: "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            signature: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                + "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f"),
        Edge(
            "non-canonical R, hashed as it is", valid: false,
            message: "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            key: "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            signature: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                + "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908"),
        Edge(
            "non-canonical A, hashed reduced", valid: false,
            message: "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
            key: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            signature: "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
                + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"),
        Edge(
            "non-canonical A, hashed as it is", valid: false,
            message: "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
            key: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            signature: "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
                + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"),
    ]

    @Test func publishedEdgeCases() throws {
        for edge in Self.speccheck {
            let key = try #require(PublicKey(try unhex(edge.key)))
            let signature = try #require(Signature(try unhex(edge.signature)))
            #expect(Ed25519.isValid(signature, of: try unhex(edge.message), by: key) == edge.valid, "\(edge.name)")
        }
    }

    /// All fourteen encodings of the eight points whose order divides 8: five canonical ones with both signs, and the
    /// values p and p + 1 with both signs.
    static let smallOrder = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ]

    /// With S = 0 one message in eight at most satisfies the equation for a pair of small points; sixteen messages per
    /// pair make sure that the refusal is for the points.
    @Test func everyPairOfSmallPointsIsRefused() throws {
        for encodedKey in Self.smallOrder {
            let key = try #require(PublicKey(try unhex(encodedKey)))
            for encodedR in Self.smallOrder {
                let signature = Signature(r: try #require(Bytes32(try unhex(encodedR))), s: .zero)
                for message in UInt8(0)..<16 {
                    #expect(!Ed25519.isValid(signature, of: [message], by: key), "A \(encodedKey) R \(encodedR)")
                }
            }
        }
    }

    /// A signer may choose R = 0 and S = k a, which satisfies the equation for a key of full order.
    @Test func aSmallCommitmentUnderAFullKeyIsRefused() throws {
        let seed = [UInt8](repeating: 5, count: 32)
        let (key, scalar) = expanded(seed)
        let message: [UInt8] = [1, 2, 3]
        for encodedR in Self.smallOrder {
            let r = try unhex(encodedR)
            let s = product(challenge(r, key, message), scalar)
            let signature = try #require(Signature(r + s))
            #expect(!Ed25519.isValid(signature, of: message, by: try #require(PublicKey(key))), "R \(encodedR)")
        }
        // The same construction with an honest commitment is a signature, so the scalar arithmetic here is right.
        let nonce = [UInt8]([9]) + [UInt8](repeating: 0, count: 31)
        var r = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ed25519_base_noclamp(&r, nonce)
        let s = sum(nonce, product(challenge(r, key, message), scalar))
        let honest = try #require(Signature(r + s))
        #expect(Ed25519.isValid(honest, of: message, by: try #require(PublicKey(key))))
    }

    /// S + L satisfies the same equation. Without this refusal anyone could give a signature a second form.
    @Test func aScalarAboveTheOrderIsRefused() throws {
        let key = SecretKey.generate()
        let message: [UInt8] = [4]
        let signature = key.sign(message)
        var s = signature.s.bytes
        for multiple in 1...7 {
            s = adding(s, groupOrder)
            let altered = Signature(r: signature.r, s: try #require(Bytes32(s)))
            #expect(!Ed25519.isValid(altered, of: message, by: key.publicKey), "S + \(multiple) L")
        }
    }

    // MARK: - The signer's side, by the book

    private func expanded(_ seed: [UInt8]) -> (key: [UInt8], scalar: [UInt8]) {
        var hash = [UInt8](repeating: 0, count: 64)
        _ = crypto_hash_sha512(&hash, seed, 32)
        hash[0] &= 248
        hash[31] = hash[31] & 127 | 64
        let scalar = reduced(Array(hash[..<32]) + [UInt8](repeating: 0, count: 32))
        var key = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ed25519_base_noclamp(&key, scalar)
        return (key, scalar)
    }

    private func challenge(_ r: [UInt8], _ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let input = r + key + message
        var hash = [UInt8](repeating: 0, count: 64)
        _ = crypto_hash_sha512(&hash, input, UInt64(input.count))
        return reduced(hash)
    }

    private func reduced(_ wide: [UInt8]) -> [UInt8] {
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_reduce(&scalar, wide)
        return scalar
    }

    private func product(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_mul(&scalar, left, right)
        return scalar
    }

    private func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_add(&scalar, left, right)
        return scalar
    }
}
