public import CairnBase
public import CairnWire

/// Shows that a block is final: a finalization, and the headers from it down to the block.
///
/// Mostly the finalization names the block itself and nothing lies between. At the end of an epoch it may take blocks
/// above the last one that counts to make that one final; their headers are then the way down from the signatures.
public struct FinalityProof: Sendable, Hashable {
    /// From the proven block to the one below the finalization's, lowest first; empty when it names the block itself.
    public let ancestry: [Header]
    public let finalization: Certificate
    private let finalized: Header

    /// Nil when the certificate is no finalization.
    public init?(ancestry: [Header] = [], finalization: Certificate) {
        guard case .finalization(let finalized) = finalization.subject else { return nil }
        self.ancestry = ancestry
        self.finalization = finalization
        self.finalized = finalized
    }

    /// What is proven.
    public var header: Header { ancestry.first ?? finalized }

    /// One of the blocks above the proven one, which nobody executes or keeps: their headers are all there is to them.
    public func block(_ digest: Digest, using hash: some HashFunction) -> Block? {
        let above = ancestry.dropFirst() + (ancestry.isEmpty ? [] : [finalized])
        return above.first { $0.digest(using: hash) == digest }.map { Block(header: $0, payload: .empty) }
    }

    /// Each header is the next one's parent, in one epoch, up to the one that was signed.
    func isLinked(using hash: some HashFunction) -> Bool {
        var below = header
        for next in ancestry.dropFirst() + (ancestry.isEmpty ? [] : [finalized]) {
            guard next.parent == below.digest(using: hash), next.epoch == below.epoch,
                next.height == below.height.next
            else { return false }
            below = next
        }
        return true
    }
}

extension FinalityProof: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let finalization = try Certificate(from: &reader)
        let ancestry: [Header] = try reader.list(limit: ConsensusLimits.headersPerProof)
        guard let proof = Self(ancestry: ancestry, finalization: finalization) else {
            throw .invalid("a finality proof without a finalization")
        }
        self = proof
    }

    public func encode(into writer: inout ByteWriter) {
        finalization.encode(into: &writer)
        writer.list(ancestry)
    }
}

/// A final block of which every signature was checked under the committee of its epoch.
public struct VerifiedFinality: Sendable, Hashable {
    public let proof: FinalityProof
    public let digest: Digest
    public let finalization: VerifiedCertificate

    public var header: Header { proof.header }

    init(_ proof: FinalityProof, digest: Digest, _ finalization: VerifiedCertificate) {
        self.proof = proof
        self.digest = digest
        self.finalization = finalization
    }

    /// Of the block that a finalization names; nil when the certificate is no finalization.
    public init?(_ finalization: VerifiedCertificate) {
        guard let proof = FinalityProof(finalization: finalization.certificate) else { return nil }
        self.init(proof, digest: finalization.block, finalization)
    }
}

extension MessageVerifier {
    public func verify(_ proof: FinalityProof) throws(VerificationError) -> VerifiedFinality {
        let finalization = try verify(proof.finalization)
        guard proof.header.chain == chain, proof.isLinked(using: hash) else { throw .brokenAncestry }
        return VerifiedFinality(proof, digest: proof.header.digest(using: hash), finalization)
    }
}
