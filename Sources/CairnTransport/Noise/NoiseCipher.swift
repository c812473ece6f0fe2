internal import CairnBase
internal import CairnCrypto

/// One direction of a sealed channel: a key and the count of messages sealed or opened under it.
///
/// The count is the nonce, so an altered, replayed, dropped or reordered message fails to open. The last value is never
/// used: a channel that came so far refuses to go on.
public struct NoiseCipher: Sendable {
    private let cipher: ChaCha20Poly1305
    private var count: UInt64

    init(key: Bytes32, count: UInt64 = 0) {
        cipher = ChaCha20Poly1305(key: key)
        self.count = count
    }

    mutating func seal(
        _ plain: RawSpan, associated: RawSpan, into output: inout [UInt8]
    ) throws(NoiseFault) {
        guard count < .max else { throw .exhausted }
        cipher.seal(plain, nonce: ChaCha20Poly1305.nonce(count), associated: associated, into: &output)
        count += 1
    }

    mutating func open(
        _ sealed: RawSpan, associated: RawSpan, into output: inout [UInt8]
    ) throws(NoiseFault) {
        guard count < .max else { throw .exhausted }
        guard cipher.open(sealed, nonce: ChaCha20Poly1305.nonce(count), associated: associated, into: &output) else {
            throw .notAuthentic
        }
        count += 1
    }
}
