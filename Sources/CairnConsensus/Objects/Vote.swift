public import CairnBase
public import CairnWire

public enum VoteKind: UInt8, Sendable, Hashable, CaseIterable {
    /// "This block may be built upon": at most one per view.
    case notarize = 1
    /// "This view may be skipped."
    case nullify = 2
    /// "I have not skipped this view and shall not": never together with nullify.
    case finalize = 3
}

/// What a vote says, before anyone has signed it.
public struct VoteStatement: Sendable, Hashable {
    public let epoch: Epoch
    public let view: View
    public let kind: VoteKind
    /// The block; zero for nullify, which names a view alone.
    public let block: Digest

    public init(epoch: Epoch, view: View, kind: VoteKind, block: Digest) {
        self.epoch = epoch
        self.view = view
        self.kind = kind
        self.block = kind == .nullify ? .zero : block
    }

    /// What a validator's key signs.
    public func signedBytes(chain: ChainID) -> [UInt8] {
        CairnWire.signedBytes(DomainTag("cn/vote"), chain: chain, body: encoded)
    }
}

extension VoteStatement: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        epoch = try reader.ordinal()
        view = try reader.ordinal()
        let code = try reader.u8()
        guard let kind = VoteKind(rawValue: code) else { throw .unknown("vote kind", UInt64(code)) }
        self.kind = kind
        block = try reader.identifier()
        if kind == .nullify, block != .zero { throw .notCanonical("nullify names no block") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(epoch)
        writer.ordinal(view)
        writer.u8(kind.rawValue)
        writer.identifier(block)
    }
}

/// A statement signed by one member of the committee.
public struct Vote: Sendable, Hashable, Canonical {
    public let statement: VoteStatement
    public let voter: MemberIndex
    public let signature: Signature

    public init(statement: VoteStatement, voter: MemberIndex, signature: Signature) {
        self.statement = statement
        self.voter = voter
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        statement = try VoteStatement(from: &reader)
        voter = MemberIndex(try reader.u16())
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        statement.encode(into: &writer)
        writer.u16(voter.number)
        writer.signature(signature)
    }
}
