public import CairnBase
public import CairnWire

/// A quorum's signatures under one statement.
///
/// The three kinds of certificate are the three kinds of vote. A notarization and a finalization carry the header, so
/// that whoever holds one can build on the block; a nullification carries the view alone.
public struct Certificate: Sendable, Hashable {
    public enum Subject: Sendable, Hashable {
        case notarization(Header)
        case nullification(Epoch, View)
        case finalization(Header)
    }

    public let subject: Subject
    public let signers: SignerSet
    /// One for each signer, in the order of their indices.
    public let signatures: [Signature]

    public init(subject: Subject, signers: SignerSet, signatures: [Signature]) {
        self.subject = subject
        self.signers = signers
        self.signatures = signatures
    }

    public var kind: VoteKind {
        switch subject {
        case .notarization: .notarize
        case .nullification: .nullify
        case .finalization: .finalize
        }
    }

    public var header: Header? {
        switch subject {
        case .notarization(let header), .finalization(let header): header
        case .nullification: nil
        }
    }

    public var epoch: Epoch {
        switch subject {
        case .notarization(let header), .finalization(let header): header.epoch
        case .nullification(let epoch, _): epoch
        }
    }

    public var view: View {
        switch subject {
        case .notarization(let header), .finalization(let header): header.view
        case .nullification(_, let view): view
        }
    }

    /// What each of its signers signed.
    public func statement(using hash: some HashFunction) -> VoteStatement {
        VoteStatement(epoch: epoch, view: view, kind: kind, block: header?.digest(using: hash) ?? .zero)
    }

    /// Everything about it that is not a signature: it is of this committee's size, each signer has one signature,
    /// and together they are a quorum.
    public func isQuorum(of committee: Committee) -> Bool {
        guard signers.size == committee.count, signatures.count == signers.count else { return false }
        var weight: UInt64 = 0
        for index in signers.indices { weight += committee.weight(of: index) }
        return committee.isQuorum(weight)
    }
}

extension Certificate: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let code = try reader.u8()
        switch VoteKind(rawValue: code) {
        case .notarize: subject = .notarization(try Header(from: &reader))
        case .nullify: subject = .nullification(try reader.ordinal(), try reader.ordinal())
        case .finalize: subject = .finalization(try Header(from: &reader))
        case nil: throw .unknown("certificate kind", UInt64(code))
        }
        signers = try SignerSet(from: &reader)
        var signatures: [Signature] = []
        signatures.reserveCapacity(signers.count)
        for _ in 0..<signers.count { signatures.append(try reader.signature()) }
        self.signatures = signatures
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(kind.rawValue)
        switch subject {
        case .notarization(let header), .finalization(let header): header.encode(into: &writer)
        case .nullification(let epoch, let view):
            writer.ordinal(epoch)
            writer.ordinal(view)
        }
        signers.encode(into: &writer)
        for signature in signatures { writer.signature(signature) }
    }

    /// How many bytes `encoded` has, without encoding.
    var encodedSize: Int {
        let subject = header == nil ? 17 : 1 + Header.encodedSize
        return subject + 2 + signers.bytes.count + Signature.count * signatures.count
    }
}

extension Header {
    /// Every header has the same size.
    static let encodedSize = 32 + 8 + 8 + 8 + 32 + 8 + 36 + 8 + 2 + 32 + 144
}
