public import CairnBase

/// The key a node is known by in the mesh.
public struct NodeIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    public var id: NodeID { NodeID(key.publicKey) }

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
    }
}

/// The key that owns tokens.
public struct AccountIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    public var id: AccountID { AccountID(key.publicKey) }

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
    }
}

/// The keys a validator votes and draws randomness with.
public struct ValidatorIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    public let vrf: VRFSecretKey

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
        vrf = VRFSecretKey(seed: seed)
    }
}

/// The keys a client stores objects with: who it is for their holders, and one for each object.
public struct StorageIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    private let secret: SecretBytes

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
        secret = SecretBytes(
            count: Seed.count,
            filledBy: { secret in
                seed.bytes.lend {
                    hash(DomainTag("cn/store.key"), $0, UInt64(Seed.count), into: secret, count: Seed.count)
                }
            })
    }

    /// What the object of this id is sealed under.
    public func key(of object: Bytes32) -> Bytes32 {
        secret.withBytes { HMAC.code(of: object.inline.span.bytes, key: $0) }
    }
}

/// The keys a resource signs receipts and answers challenges with.
public struct DeviceIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    public let vrf: VRFSecretKey

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
        vrf = VRFSecretKey(seed: seed)
    }

    /// The device of a node's sealed partitions. It follows from the node's own seed and is another key, since one device
    /// belongs to one resource.
    public init(ofSealedPartitionsBeside seed: borrowing Seed) {
        self.init(seed: seed.derived(DomainTag("cn/disk")))
    }
}
