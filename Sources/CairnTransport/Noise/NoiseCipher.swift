internal import CairnBase
internal import CairnCrypto

/// One direction of a sealed channel: a key and the count of messages sealed or opened under it.
///
/// The count is the nonce, so an altered, replayed, dropped or reordered message fails to open. A key is given up
/// long before the counter could wrap.
public struct NoiseCipher: Sendable {
    /// For datagrams, which carry their own count because they may be lost or overtake one another.
    let cipher: ChaCha20Poly1305
    private var count: UInt64

    /// Messages under one key.
    static let countLimit = Limits.SecureChannel().messagesPerKey

    init(key: Bytes32, count: UInt64 = 0) {
        cipher = ChaCha20Poly1305(key: key)
        self.count = count
    }

    mutating func seal(
        _ plain: RawSpan, associated: RawSpan, into output: inout [UInt8]
    ) throws(NoiseFault) {
        guard count < Self.countLimit else { throw .exhausted }
        cipher.seal(plain, nonce: ChaCha20Poly1305.nonce(count), associated: associated, into: &output)
        count += 1
    }

    mutating func open(
        _ sealed: RawSpan, associated: RawSpan, into output: inout [UInt8]
    ) throws(NoiseFault) {
        guard count < Self.countLimit else { throw .exhausted }
        guard cipher.open(sealed, nonce: ChaCha20Poly1305.nonce(count), associated: associated, into: &output) else {
            throw .notAuthentic
        }
        count += 1
    }
}
