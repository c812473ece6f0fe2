public import CairnBase
public import CairnWire

/// What a block orders. Consensus does not look inside: it carries bytes and compares their digest.
public struct Payload: Sendable, Hashable, Canonical {
    public let bytes: [UInt8]

    public static let empty = Payload(bytes: [])

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.bytes(limit: ConsensusLimits.payloadBytes)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.bytes(bytes)
    }

    public func reference(using hash: some HashFunction) -> PayloadReference {
        PayloadReference(digest: hash.digest(DomainTag("cn/payload"), bytes), size: UInt32(clamping: bytes.count))
    }
}

/// How a header names its payload. Other ways of delivery can stand behind the same reference.
public struct PayloadReference: Sendable, Hashable, Canonical {
    public let digest: Digest
    public let size: UInt32

    public init(digest: Digest, size: UInt32) {
        self.digest = digest
        self.size = size
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        digest = try reader.identifier()
        size = try reader.u32()
        guard size <= UInt32(ConsensusLimits.payloadBytes) else {
            throw .tooLarge(size: UInt64(size), limit: UInt64(ConsensusLimits.payloadBytes))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(digest)
        writer.u32(size)
    }
}

/// A header with the payload it names.
public struct Block: Sendable, Hashable, Canonical {
    public let header: Header
    public let payload: Payload

    public init(header: Header, payload: Payload) {
        self.header = header
        self.payload = payload
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        header = try Header(from: &reader)
        payload = try Payload(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        header.encode(into: &writer)
        payload.encode(into: &writer)
    }

    /// The payload is the one the header names.
    public func isWhole(using hash: some HashFunction) -> Bool {
        payload.reference(using: hash) == header.payload
    }
}
