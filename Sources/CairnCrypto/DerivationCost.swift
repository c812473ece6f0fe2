internal import CSodium

/// What opening a key file costs, on purpose: the memory and the passes of Argon2id (RFC 9106).
///
/// A thief of the file pays it for every guess. The bounds on what a file may ask of us are in `Limits.Files`.
public struct DerivationCost: Sendable, Hashable {
    /// In bytes, a multiple of 1024.
    public let memory: UInt64
    public let passes: UInt64

    public init(memory: UInt64, passes: UInt64) {
        self.memory = memory & ~1023
        self.passes = passes
    }

    /// 256 MiB and three passes: about half a second.
    public static let standard = DerivationCost(memory: 256 << 20, passes: 3)

    /// The 32-byte key of a passphrase, or nil when the memory cannot be had.
    func key(_ passphrase: borrowing Passphrase, salt: InlineArray<16, UInt8>) -> SecretBytes? {
        Sodium.start()
        let count = passphrase.bytes.count
        return passphrase.bytes.lend { passphrase in
            salt.lend { salt in
                SecretBytes(
                    count: 32,
                    attempting: { key in
                        // SAFETY: the same bytes under C's other name for them.
                        let text = UnsafeRawPointer(passphrase).assumingMemoryBound(to: CChar.self)
                        return crypto_pwhash(
                            key, 32, text, UInt64(count), salt, passes, Int(clamping: memory),
                            crypto_pwhash_ALG_ARGON2ID13) == 0
                    })
            }
        }
    }
}
