public import CairnBase
public import CairnWire

/// A leader's block for its view, signed. The signature is the leader's own notarize vote.
public struct Proposal: Sendable, Hashable, Canonical {
    public let block: Block
    public let signature: Signature
    /// What a voter may lack: the certificate that opened the view and that of the parent.
    public let certificates: [Certificate]

    public init(block: Block, signature: Signature, certificates: [Certificate]) {
        self.block = block
        self.signature = signature
        self.certificates = certificates
    }

    public var header: Header { block.header }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        block = try Block(from: &reader)
        signature = try reader.signature()
        let count = try reader.count(limit: ConsensusLimits.certificatesPerProposal)
        var certificates: [Certificate] = []
        for _ in 0..<count { certificates.append(try Certificate(from: &reader)) }
        self.certificates = certificates
    }

    public func encode(into writer: inout ByteWriter) {
        block.encode(into: &writer)
        writer.signature(signature)
        writer.count(certificates.count)
        for certificate in certificates { certificate.encode(into: &writer) }
    }

    /// The leader's notarize vote that this proposal is.
    public func vote(digest: Digest) -> Vote {
        Vote(
            statement: VoteStatement(epoch: header.epoch, view: header.view, kind: .notarize, block: digest),
            voter: header.leader, signature: signature)
    }
}
