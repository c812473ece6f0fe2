internal import CSodium
public import CairnBase

/// One key on disk: a seed sealed under a passphrase, or the open seed of a development network.
///
/// The format is binary and canonical, because a key file is something to refuse precisely and there is nothing in it
/// to edit: every value has one byte string, so any changed byte is a damaged file.
///
///     8   "CAIRNKEY"
///     2   version, 1
///     1   role: 1 node, 2 validator, 3 account, 4 device
///     1   protection: 0 open, of a development network; 1 sealed under a passphrase
///     32  public key
///     sealed:  4 memory in KiB, 4 passes, 16 salt, 24 nonce, 48 the seed under XChaCha20-Poly1305
///     open:    32 the seed
///     32  checksum: BLAKE2b-256 of everything before, under `cn/keyfile`
///
/// The key that seals is Argon2id of the passphrase; everything before the sealed seed is authenticated with it. The
/// checksum has no key: it tells a damaged file from a wrong passphrase before any costly work, and protects from
/// accidents only.
public struct Keystore: Sendable, Equatable {
    /// What the key is for.
    public enum Role: UInt8, Sendable, CaseIterable {
        case node = 1
        case validator = 2
        case account = 3
        case device = 4
        case storage = 5
    }

    struct Seal: Sendable, Equatable {
        let cost: DerivationCost
        let salt: [UInt8]
        let nonce: [UInt8]
        let sealed: [UInt8]

        static let saltCount = 16
        static let nonceCount = 24
        static let sealedCount = Seed.count + XChaCha20Poly1305.tagCount
    }

    enum Protection: Sendable, Equatable {
        case development(Bytes32)
        case passphrase(Seal)
    }

    public let role: Role
    /// The Ed25519 public key of the seed, readable without a passphrase.
    public let publicKey: PublicKey
    let protection: Protection

    init(role: Role, publicKey: PublicKey, protection: Protection) {
        self.role = role
        self.publicKey = publicKey
        self.protection = protection
    }

    /// Whether the seed lies open. Only development networks and testnets take such keys.
    public var isDevelopment: Bool {
        if case .development = protection { true } else { false }
    }

    /// What opening costs; nil when the seed lies open.
    public var cost: DerivationCost? {
        if case .passphrase(let seal) = protection { seal.cost } else { nil }
    }
}

extension Keystore: CustomStringConvertible, CustomReflectable {
    public var description: String { "keystore(\(role), \(publicKey), \(isDevelopment ? "open" : "sealed"))" }

    /// Hides the seed of a development key from dumps too.
    public var customMirror: Mirror { Mirror(self, children: ["role": role, "publicKey": publicKey]) }
}

// MARK: - Sealing and opening

extension Keystore {
    /// An open key, marked as one of a development network.
    public static func development(_ seed: borrowing Seed, role: Role) -> Keystore {
        let bytes = InlineArray<32, UInt8> { copy in
            seed.bytes.lend { copy.update(from: $0, count: Seed.count) }
        }
        return Keystore(
            role: role, publicKey: SecretKey(seed: seed).publicKey, protection: .development(Bytes32(bytes)))
    }

    /// Seals a seed under a passphrase.
    public static func seal(
        _ seed: borrowing Seed, role: Role, passphrase: borrowing Passphrase, cost: DerivationCost = .standard,
        limits: Limits.Files = Limits().files
    ) throws(KeystoreError) -> Keystore {
        try cost.check(limits)
        let salt = InlineArray<16, UInt8> { randombytes_buf($0, Seal.saltCount) }
        let nonce = XChaCha20Poly1305.randomNonce()
        let publicKey = SecretKey(seed: seed).publicKey
        guard let key = cost.key(passphrase, salt: salt) else { throw .outOfMemory(needed: cost.memory) }
        func keystore(_ sealed: [UInt8]) -> Keystore {
            let seal = Seal(
                cost: cost, salt: salt.indices.map { salt[$0] }, nonce: nonce.indices.map { nonce[$0] }, sealed: sealed)
            return Keystore(role: role, publicKey: publicKey, protection: .passphrase(seal))
        }
        let header = keystore([]).header
        var sealed = [UInt8](repeating: 0, count: Seal.sealedCount)
        let status = key.lend { key in
            seed.bytes.lend { seed in
                nonce.lend { nonce in
                    crypto_aead_xchacha20poly1305_ietf_encrypt(
                        &sealed, nil, seed, UInt64(Seed.count), header, UInt64(header.count), nil, nonce, key)
                }
            }
        }
        invariant(status == 0, "sealing a seed succeeds")
        return keystore(sealed)
    }

    /// Opens a sealed key. A wrong passphrase takes as long as the right one.
    public func open(
        _ passphrase: borrowing Passphrase, limits: Limits.Files = Limits().files
    ) throws(KeystoreError) -> Seed {
        guard case .passphrase(let seal) = protection else { throw .development }
        try seal.cost.check(limits)
        let salt = InlineArray<16, UInt8> { seal.salt[$0] }
        guard let key = seal.cost.key(passphrase, salt: salt) else { throw .outOfMemory(needed: seal.cost.memory) }
        let header = header
        let opened = key.lend { key in
            SecretBytes(
                count: Seed.count,
                attempting: { seed in
                    crypto_aead_xchacha20poly1305_ietf_decrypt(
                        seed, nil, nil, seal.sealed, UInt64(seal.sealed.count), header, UInt64(header.count),
                        seal.nonce, key) == 0
                })
        }
        guard let opened, let seed = Seed(opened) else { throw .wrongPassphrase }
        return try checked(seed)
    }

    /// Opens a key that lies open. The caller has made sure that its network takes such keys.
    public func openDevelopment() throws(KeystoreError) -> Seed {
        guard case .development(let bytes) = protection else { throw .sealed }
        return try checked(Seed(known: bytes))
    }

    /// A file that names another public key than its seed's was put together by hand.
    private func checked(_ seed: consuming Seed) throws(KeystoreError) -> Seed {
        guard SecretKey(seed: seed).publicKey == publicKey else { throw .damaged }
        return seed
    }
}

extension DerivationCost {
    /// Refuses work outside the bounds before any of it is done.
    func check(_ limits: Limits.Files) throws(KeystoreError) {
        guard limits.keystoreMemory.contains(memory), limits.keystorePasses.contains(passes) else {
            throw .costOutOfRange(self)
        }
    }
}
