public import CairnBase
public import CairnWire

/// Asks for the certificates of a range of views. Together peers hold every one, even where no single peer does.
public struct CertificateRequest: Sendable, Hashable, Canonical {
    public let epoch: Epoch
    public let first: View
    /// Inclusive, and at most `ConsensusLimits.viewsPerRequest` views from `first`.
    public let last: View

    public init(epoch: Epoch, first: View, last: View) {
        self.epoch = epoch
        self.first = first
        self.last = min(last, first.advanced(by: ConsensusLimits.viewsPerRequest - 1))
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        epoch = try reader.ordinal()
        first = try reader.ordinal()
        last = try reader.ordinal()
        guard first <= last else { throw .invalid("certificate range") }
        guard last.number - first.number < ConsensusLimits.viewsPerRequest else {
            throw .tooLarge(size: last.number - first.number, limit: ConsensusLimits.viewsPerRequest)
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(epoch)
        writer.ordinal(first)
        writer.ordinal(last)
    }
}
