internal import CairnBase
internal import CairnCrypto

/// What both ends have said and agreed on so far: the running hash, the chaining key, and the key it gives right now.
///
/// This is the specification's symmetric state. Everything sent is mixed into the hash, and the hash is the associated
/// data of everything sealed, so the two ends can only continue when they saw the same bytes.
struct NoiseTranscript: Sendable {
    private(set) var hash: Bytes32
    private var chainingKey: Bytes32
    private var cipher: NoiseCipher?

    init(protocolName: String, prologue: [UInt8]) {
        let name = Array(protocolName.utf8)
        hash = Bytes32(name) ?? SHA256.digest(name)
        chainingKey = hash
        mix(prologue.span.bytes)
    }

    mutating func mix(_ bytes: RawSpan) {
        var next = SHA256()
        next.update(hash.bytes)
        next.update(bytes)
        hash = next.finish()
    }

    /// Makes a new key from everything before and a freshly agreed secret.
    mutating func mixKey(_ secret: Bytes32) {
        let (next, key) = derivePair(secret.bytes)
        chainingKey = next
        cipher = NoiseCipher(key: key)
    }

    /// Seals once there is a key, passes through before, and mixes what leaves into the hash.
    mutating func seal(_ plain: RawSpan, into output: inout [UInt8]) throws(NoiseFault) {
        var sealed: [UInt8] = []
        if cipher != nil {
            try cipher?.seal(plain, associated: hash.bytes.span.bytes, into: &sealed)
        } else {
            sealed.append(plain)
        }
        mix(sealed.span.bytes)
        output.append(contentsOf: sealed)
    }

    mutating func open(_ sealed: RawSpan) throws(NoiseFault) -> [UInt8] {
        var plain: [UInt8] = []
        if cipher != nil {
            try cipher?.open(sealed, associated: hash.bytes.span.bytes, into: &plain)
        } else {
            plain.append(sealed)
        }
        mix(sealed)
        return plain
    }

    /// How many bytes sealing adds at this point.
    var overhead: Int { cipher == nil ? 0 : ChaCha20Poly1305.tagCount }

    /// The two directions of the finished channel: initiator to responder, and back.
    func split() -> (NoiseCipher, NoiseCipher) {
        let (first, second) = derivePair([])
        return (NoiseCipher(key: first), NoiseCipher(key: second))
    }

    /// A further secret both ends share, for `purpose`. The hash alone is public and keys nothing.
    func export(_ purpose: String, count: Int) -> [UInt8] {
        HKDF.derive(
            secret: chainingKey.bytes.span.bytes, salt: hash.bytes.span.bytes,
            info: Array(purpose.utf8).span.bytes, count: count)
    }

    private func derivePair(_ secret: [UInt8]) -> (Bytes32, Bytes32) {
        let output = HKDF.derive(
            secret: secret.span.bytes, salt: chainingKey.bytes.span.bytes, info: [UInt8]().span.bytes, count: 64)
        let bytes = output.span.bytes
        return (Bytes32(bytes.extracting(0..<32)) ?? .zero, Bytes32(bytes.extracting(32..<64)) ?? .zero)
    }
}

extension [UInt8] {
    /// Copies the borrowed bytes onto the end.
    mutating func append(_ bytes: RawSpan) {
        // SAFETY: the span lives through the call and the bytes are copied out.
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}
