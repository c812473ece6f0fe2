/// A value that is nothing but 32 bytes with a meaning. Distinct types keep a digest from being used as a key.
public protocol Identifier: Sendable, Hashable, Comparable, CustomStringConvertible {
    var raw: Bytes32 { get }
    init(_ raw: Bytes32)
}

extension Identifier {
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }

    public var description: String { raw.description }

    /// The first eight hexadecimal digits, enough for a log line.
    public var short: String { String(description.prefix(8)) }

    /// Reads exactly 32 bytes; any other length is refused.
    @inlinable
    public init?(_ bytes: RawSpan) {
        guard let raw = Bytes32(bytes) else { return nil }
        self.init(raw)
    }

    @inlinable
    public init?(_ bytes: [UInt8]) {
        guard let raw = Bytes32(bytes) else { return nil }
        self.init(raw)
    }
}

/// A BLAKE2b-256 hash of something, made under a domain tag.
@frozen
public struct Digest: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
    public static let zero = Digest(.zero)
}

/// An Ed25519 public key: of a node, a validator, an account or a device.
@frozen
public struct PublicKey: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
}

/// A ristretto255 point under which a verifiable random function is evaluated.
@frozen
public struct VRFPublicKey: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
}

/// The hash of the canonical genesis bytes: which chain a signature belongs to.
@frozen
public struct ChainID: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
}

/// A running node, by its Ed25519 identity key. Its textual form is a libp2p peer id (`CairnWire`).
@frozen
public struct NodeID: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
    @inlinable public init(_ key: PublicKey) { raw = key.raw }
    @inlinable public var key: PublicKey { PublicKey(raw) }
}

/// An account, by its Ed25519 key. Its textual form is bech32m `cn1…` (`CairnWire`).
@frozen
public struct AccountID: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
    @inlinable public init(_ key: PublicKey) { raw = key.raw }
    @inlinable public var key: PublicKey { PublicKey(raw) }
}

/// One thing offered to the network, named by the hash of its registration.
@frozen
public struct ResourceID: Identifier {
    public let raw: Bytes32
    @inlinable public init(_ raw: Bytes32) { self.raw = raw }
}
