public import CairnBase
public import CairnWire

/// Two votes under one key that no honest validator signs: the only ground for taking a validator's stake.
///
/// The bytes that were signed are those of a consensus vote: epoch, view, kind and block under the tag `cn/vote`.
public struct Contradiction: Sendable, Equatable {
    public enum VoteKind: UInt8, Sendable, CaseIterable {
        case notarize = 1
        case nullify = 2
        case finalize = 3
    }

    public struct Vote: Sendable, Equatable {
        public let kind: VoteKind
        /// The block; zero for nullify, which names a view alone.
        public let block: Digest
        public let signature: Signature

        public init(kind: VoteKind, block: Digest, signature: Signature) {
            self.kind = kind
            self.block = kind == .nullify ? .zero : block
            self.signature = signature
        }
    }

    public let key: PublicKey
    public let epoch: Epoch
    public let view: View
    /// Ordered by kind, then by block, so that one offence has one form.
    public let first: Vote
    public let second: Vote

    /// Nil unless the two contradict each other: two blocks notarized, two finalized, or one view both skipped and
    /// finalized. Notarizing one block and finalizing another is no offence.
    public init?(key: PublicKey, epoch: Epoch, view: View, _ left: Vote, _ right: Vote) {
        let isOrdered = (left.kind.rawValue, left.block.raw) <= (right.kind.rawValue, right.block.raw)
        let (first, second) = isOrdered ? (left, right) : (right, left)
        switch (first.kind, second.kind) {
        case (.notarize, .notarize), (.finalize, .finalize): guard first.block != second.block else { return nil }
        case (.nullify, .finalize): break
        default: return nil
        }
        self.key = key
        self.epoch = epoch
        self.view = view
        self.first = first
        self.second = second
    }

    /// What both votes are signatures of.
    public var signatures: [EnclosedSignature] {
        [first, second].map { vote in
            var body = ByteWriter(capacity: 49)
            body.ordinal(epoch)
            body.ordinal(view)
            body.u8(vote.kind.rawValue)
            body.identifier(vote.block)
            return EnclosedSignature(domain: Tags.vote, body: body.bytes, signer: key, signature: vote.signature)
        }
    }
}

extension Contradiction: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let key: PublicKey = try reader.identifier()
        let epoch: Epoch = try reader.ordinal()
        let view: View = try reader.ordinal()
        let first = try Vote(from: &reader)
        let second = try Vote(from: &reader)
        guard let value = Contradiction(key: key, epoch: epoch, view: view, first, second) else {
            throw .invalid("contradiction")
        }
        guard value.first == first else { throw .notCanonical("order of votes") }
        self = value
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(key)
        writer.ordinal(epoch)
        writer.ordinal(view)
        first.encode(into: &writer)
        second.encode(into: &writer)
    }
}

extension Contradiction.Vote: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let code = try reader.u8()
        guard let kind = Contradiction.VoteKind(rawValue: code) else { throw .unknown("vote kind", UInt64(code)) }
        self.kind = kind
        block = try reader.identifier()
        if kind == .nullify, block != .zero { throw .notCanonical("nullify names no block") }
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(kind.rawValue)
        writer.identifier(block)
        writer.signature(signature)
    }
}
