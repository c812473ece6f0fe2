public import CairnBase
public import CairnWire

/// The keys under which a validator acts. None of them owns tokens.
public struct ValidatorKeys: Sendable, Equatable {
    public let node: NodeID
    public let vote: PublicKey
    public let randomness: VRFPublicKey

    public init(node: NodeID, vote: PublicKey, randomness: VRFPublicKey) {
        self.node = node
        self.vote = vote
        self.randomness = randomness
    }
}

extension ValidatorKeys: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        node = try reader.identifier()
        vote = try reader.identifier()
        randomness = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(node)
        writer.identifier(vote)
        writer.identifier(randomness)
    }
}

/// An account's wish to sit in committees.
public struct Validator: Record {
    public var keys: ValidatorKeys
    /// Whether it is on the list that committees are drawn from.
    public var isCandidate: Bool

    public init(keys: ValidatorKeys, isCandidate: Bool) {
        self.keys = keys
        self.isCandidate = isCandidate
    }
}

extension Validator: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        keys = try ValidatorKeys(from: &reader)
        isCandidate = try reader.bool()
    }

    public func encode(into writer: inout ByteWriter) {
        keys.encode(into: &writer)
        writer.bool(isCandidate)
    }
}

/// Whose a vote key is. Kept for ever, so that no key can serve two validators, not even one after the other.
public struct VoteKeyOwner: Record {
    public let account: AccountID
}

extension VoteKeyOwner: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        account = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(account)
    }
}
