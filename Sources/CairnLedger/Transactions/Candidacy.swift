public import CairnBase
public import CairnWire

/// A validator's application: its keys, with proof that whoever applies holds them.
///
/// Without the proofs anybody could register somebody else's vote key first, or send others' votes to a stranger's node.
public struct Candidacy: Sendable, Equatable {
    public let keys: ValidatorKeys
    public let voteProof: Signature
    public let nodeProof: Signature

    public init(keys: ValidatorKeys, voteProof: Signature, nodeProof: Signature) {
        self.keys = keys
        self.voteProof = voteProof
        self.nodeProof = nodeProof
    }

    /// What both keys sign.
    public static func body(_ keys: ValidatorKeys, of account: AccountID) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.identifier(account)
        keys.encode(into: &writer)
        return writer.bytes
    }

    public static var domain: DomainTag { Tags.candidate }

    func signatures(by account: AccountID) -> [EnclosedSignature] {
        let body = Self.body(keys, of: account)
        return [(keys.vote, voteProof), (keys.node.key, nodeProof)].map { signer, signature in
            EnclosedSignature(domain: Self.domain, body: body, signer: signer, signature: signature)
        }
    }
}

extension Candidacy: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        keys = try ValidatorKeys(from: &reader)
        voteProof = try reader.signature()
        nodeProof = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        keys.encode(into: &writer)
        writer.signature(voteProof)
        writer.signature(nodeProof)
    }
}
