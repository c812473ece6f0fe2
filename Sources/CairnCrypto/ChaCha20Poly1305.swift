internal import CSodium
public import CairnBase

/// ChaCha20-Poly1305 with a 96-bit nonce (RFC 8439): the cipher of Noise transport messages.
///
/// A nonce must never repeat under one key. Sealing and opening append to the caller's buffer, so that a connection
/// reuses one.
public struct ChaCha20Poly1305: Sendable {
    /// How much longer a sealed message is.
    public static let tagCount = 16

    private let key: InlineArray<32, UInt8>

    public init(key: Bytes32) {
        Sodium.start()
        self.key = key.inline
    }

    /// The nonce of the n-th message as Noise forms it: four zero bytes, then the count, little-endian.
    public static func nonce(_ count: UInt64) -> InlineArray<12, UInt8> {
        var nonce = InlineArray<12, UInt8>(repeating: 0)
        for index in 0..<8 { nonce[4 + index] = UInt8(truncatingIfNeeded: count >> UInt64(8 * index)) }
        return nonce
    }

    public func seal(
        _ plain: RawSpan, nonce: InlineArray<12, UInt8>, associated: RawSpan, into output: inout [UInt8]
    ) {
        appendSealed(plain, associated, to: &output) { output, plain, plainCount, associated, associatedCount in
            key.lend { key in
                nonce.lend { nonce in
                    crypto_aead_chacha20poly1305_ietf_encrypt(
                        output, nil, plain, plainCount, associated, associatedCount, nil, nonce, key)
                }
            }
        }
    }

    /// Appends the plain text and returns true, or appends nothing and returns false when a byte was altered.
    public func open(
        _ sealed: RawSpan, nonce: InlineArray<12, UInt8>, associated: RawSpan, into output: inout [UInt8]
    ) -> Bool {
        appendOpened(sealed, associated, to: &output) { output, sealed, sealedCount, associated, associatedCount in
            key.lend { key in
                nonce.lend { nonce in
                    crypto_aead_chacha20poly1305_ietf_decrypt(
                        output, nil, nil, sealed, sealedCount, associated, associatedCount, nonce, key)
                }
            }
        }
    }
}

/// XChaCha20-Poly1305: the same with a 192-bit nonce, long enough to be drawn at random for every message.
public struct XChaCha20Poly1305: Sendable {
    public static let tagCount = 16
    public static let nonceCount = 24

    private let key: InlineArray<32, UInt8>

    public init(key: Bytes32) {
        Sodium.start()
        self.key = key.inline
    }

    public static func randomNonce() -> InlineArray<24, UInt8> {
        Sodium.start()
        return InlineArray { randombytes_buf($0, nonceCount) }
    }

    public func seal(
        _ plain: RawSpan, nonce: InlineArray<24, UInt8>, associated: RawSpan, into output: inout [UInt8]
    ) {
        appendSealed(plain, associated, to: &output) { output, plain, plainCount, associated, associatedCount in
            key.lend { key in
                nonce.lend { nonce in
                    crypto_aead_xchacha20poly1305_ietf_encrypt(
                        output, nil, plain, plainCount, associated, associatedCount, nil, nonce, key)
                }
            }
        }
    }

    /// Appends the plain text and returns true, or appends nothing and returns false when a byte was altered.
    public func open(
        _ sealed: RawSpan, nonce: InlineArray<24, UInt8>, associated: RawSpan, into output: inout [UInt8]
    ) -> Bool {
        appendOpened(sealed, associated, to: &output) { output, sealed, sealedCount, associated, associatedCount in
            key.lend { key in
                nonce.lend { nonce in
                    crypto_aead_xchacha20poly1305_ietf_decrypt(
                        output, nil, nil, sealed, sealedCount, associated, associatedCount, nonce, key)
                }
            }
        }
    }
}

/// A call into the library: where to write, the input and its size, the associated data and its size.
private typealias CipherCall = (
    UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UInt64, UnsafePointer<UInt8>, UInt64
) -> Int32

private let tagCount = 16

private func appendSealed(_ plain: RawSpan, _ associated: RawSpan, to output: inout [UInt8], call: CipherCall) {
    let status = append(plain.byteCount + tagCount, to: &output) { output in
        plain.lend { plain, plainCount in
            associated.lend { associated, associatedCount in
                call(output, plain, UInt64(plainCount), associated, UInt64(associatedCount))
            }
        }
    }
    invariant(status == 0, "sealing succeeds for every size that fits in memory")
}

private func appendOpened(
    _ sealed: RawSpan, _ associated: RawSpan, to output: inout [UInt8], call: CipherCall
) -> Bool {
    guard sealed.byteCount >= tagCount else { return false }
    let added = sealed.byteCount - tagCount
    let status = append(added, to: &output) { output in
        sealed.lend { sealed, sealedCount in
            associated.lend { associated, associatedCount in
                call(output, sealed, UInt64(sealedCount), associated, UInt64(associatedCount))
            }
        }
    }
    return status == 0
}

/// Makes room for `count` more bytes and lets `fill` write them; none are added when it answers other than zero.
func append(_ count: Int, to output: inout [UInt8], _ fill: (UnsafeMutablePointer<UInt8>) -> Int32) -> Int32 {
    var status: Int32 = -1
    // One byte more than asked for, so that there is an address even where the message is empty.
    output.append(addingCapacity: count + 1) { span in
        // SAFETY: the buffer has room for `count + 1` bytes; the callee writes `count` of them and keeps no pointer, and
        // only written bytes are counted in.
        unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            status = unsafe fill(base)
            if status == 0 { initialized = count }
        }
    }
    return status
}
