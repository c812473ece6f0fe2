public import CairnBase
public import CairnWire

/// Where a walk ended, as the provider signs it.
public struct WalkEnd: Sendable, Hashable {
    public static let byteCount = Bytes32.count + Signature.count
    public let last: Digest
    public let signature: Signature

    public init(last: Digest, signature: Signature) {
        self.last = last
        self.signature = signature
    }
}

extension WalkEnd: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        last = try reader.identifier()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(last)
        writer.signature(signature)
    }
}
