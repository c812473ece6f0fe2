public import CairnBase

/// libp2p's `PublicKey` message: 1 the key type, 2 the key. Only Ed25519 is spoken here.
extension PublicKey {
    private static let ed25519: UInt64 = 1
    private static let protobufCount = 36

    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, Self.ed25519)
        writer.bytes(2, raw.bytes)
        return writer.bytes
    }

    /// Reads the message in its one canonical form; other key types are refused before anything is done with them.
    public init(protobuf bytes: RawSpan) throws(DecodeError) {
        guard bytes.byteCount <= Self.protobufCount else {
            throw .tooLarge(size: UInt64(bytes.byteCount), limit: UInt64(Self.protobufCount))
        }
        var reader = ProtobufReader(bytes, fieldLimit: 2, order: .ascending)
        var type: UInt64?
        var key: Bytes32?
        while let field = try reader.next() {
            switch field.number {
            case 1: type = try field.varint()
            case 2: key = Bytes32(try field.span(limit: Bytes32.count))
            default: throw field.unknown
            }
        }
        guard type == Self.ed25519 else { throw .unknown("key type", type ?? 0) }
        guard let key else { throw .invalid("Ed25519 key") }
        self.init(key)
    }
}
