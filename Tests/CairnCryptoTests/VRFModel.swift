import CSodium
import CairnBase
import CairnCrypto

/// The VRF written a second time, step by step and on plain arrays, for provers that do not follow the rules.
struct VRFModel {
    let scalar: [UInt8]
    let key: [UInt8]

    init(seed: [UInt8]) {
        scalar = Self.reduced(Self.hash512("cn/vrf.key", seed))
        key = Self.baseMultiple(scalar)
    }

    func point(_ input: Digest) -> [UInt8] {
        var point = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_from_hash(&point, Self.hash512("cn/vrf.h2g", key + input.raw.bytes))
        return point
    }

    /// A proof made with a nonce and a gamma of the prover's own choice.
    func proof(_ input: Digest, nonce: [UInt8], gamma: [UInt8]? = nil) -> [UInt8] {
        let point = point(input)
        let gamma = gamma ?? Self.multiple(scalar, point)
        let transcript = key + point + gamma + Self.baseMultiple(nonce) + Self.multiple(nonce, point)
        let challenge = Array(Self.hash512("cn/vrf.c", transcript).prefix(16))
        var product = [UInt8](repeating: 0, count: 32)
        var response = product
        crypto_core_ristretto255_scalar_mul(&product, challenge + [UInt8](repeating: 0, count: 16), scalar)
        crypto_core_ristretto255_scalar_add(&response, nonce, product)
        return gamma + challenge + response
    }

    /// The nonce that the rules prescribe.
    static func nonce(seed: [UInt8], point: [UInt8]) -> [UInt8] {
        let key = Blake2b().digest(DomainTag("cn/vrf.nkey"), seed).raw.bytes
        return reduced(hash512("cn/vrf.k", key + point))
    }

    static func hash512(_ tag: StaticString, _ bytes: [UInt8]) -> [UInt8] {
        let digest = Blake2b().digest512(DomainTag(tag), bytes)
        return digest.indices.map { digest[$0] }
    }

    static func reduced(_ wide: [UInt8]) -> [UInt8] {
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_scalar_reduce(&scalar, wide)
        return scalar
    }

    static func baseMultiple(_ scalar: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ristretto255_base(&result, scalar)
        return result
    }

    static func multiple(_ scalar: [UInt8], _ point: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ristretto255(&result, scalar, point)
        return result
    }

    static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        _ = crypto_core_ristretto255_add(&result, left, right)
        return result
    }
}
