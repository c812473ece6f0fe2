public import CairnBase
public import CairnWire

/// What one key owns and how far it has spoken.
public struct Account: Record {
    public var balance: Amount
    /// The nonce its next transaction must carry.
    public var nonce: UInt64
    /// The key that signs for it, once that is no longer the key it is named after.
    public var key: PublicKey?
    /// A key change under way.
    public var rotation: KeyRotation?

    public init(balance: Amount = .zero, nonce: UInt64 = 0) {
        self.balance = balance
        self.nonce = nonce
    }

    /// Which key speaks for the account `id` at a height.
    public func key(of id: AccountID, at height: Height) -> PublicKey {
        if let rotation, rotation.start <= height { return rotation.key }
        return key ?? id.key
    }
}

/// A new key and the first height at which it, and no longer the old one, signs.
public struct KeyRotation: Sendable, Equatable {
    public let key: PublicKey
    public let start: Height
}

extension Account: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        balance = try Amount(from: &reader)
        nonce = try reader.u64()
        key = try reader.bool() ? try reader.identifier() : nil
        rotation = try reader.bool() ? KeyRotation(key: reader.identifier(), start: reader.ordinal()) : nil
    }

    public func encode(into writer: inout ByteWriter) {
        balance.encode(into: &writer)
        writer.u64(nonce)
        writer.bool(key != nil)
        if let key { writer.identifier(key) }
        writer.bool(rotation != nil)
        if let rotation {
            writer.identifier(rotation.key)
            writer.ordinal(rotation.start)
        }
    }
}
