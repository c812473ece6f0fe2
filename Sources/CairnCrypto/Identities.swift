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

/// The keys a resource signs receipts and answers challenges with.
public struct DeviceIdentity: ~Copyable, Sendable {
    public let key: SecretKey
    public let vrf: VRFSecretKey

    public init(seed: borrowing Seed) {
        key = SecretKey(seed: seed)
        vrf = VRFSecretKey(seed: seed)
    }
}
