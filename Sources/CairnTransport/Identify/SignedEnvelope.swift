internal import CairnBase
internal import CairnCrypto
internal import CairnWire

/// libp2p's envelope around a signed payload: who signed, what kind of payload it is, and the signature over both under
/// a domain that the reader must know.
struct SignedEnvelope: Sendable, Equatable {
    static let typeLimit = 64

    let signer: PublicKey
    let payloadType: [UInt8]
    let payload: [UInt8]
    let signature: Signature

    init(sealing payload: [UInt8], type payloadType: [UInt8], domain: String, key: borrowing SecretKey) {
        self.payload = payload
        self.payloadType = payloadType
        signer = key.publicKey
        signature = key.sign(Self.signedBytes(domain, payloadType, payload))
    }

    init(_ bytes: RawSpan, limit: Int) throws(DecodeError) {
        guard bytes.byteCount <= limit else { throw .tooLarge(size: UInt64(bytes.byteCount), limit: UInt64(limit)) }
        var reader = ProtobufReader(bytes, fieldLimit: 4)
        var signer: PublicKey?
        var signature: Signature?
        var payloadType: [UInt8] = []
        var payload: [UInt8] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: signer = try PublicKey(protobuf: try field.span(limit: 64))
            case 2: payloadType = try field.bytes(limit: Self.typeLimit)
            case 3: payload = try field.bytes(limit: limit)
            case 5: signature = Signature(try field.bytes(limit: Signature.count))
            default: throw field.unknown
            }
        }
        guard let signer, let signature else { throw .invalid("signed envelope") }
        self.signer = signer
        self.payloadType = payloadType
        self.payload = payload
        self.signature = signature
    }

    var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, signer.protobuf)
        writer.bytes(2, payloadType)
        writer.bytes(3, payload)
        writer.bytes(5, signature.bytes)
        return writer.bytes
    }

    func isValid(domain: String) -> Bool {
        Ed25519.isValid(signature, of: Self.signedBytes(domain, payloadType, payload), by: signer)
    }

    /// Domain, type and payload, each behind its length, so that none can pass for part of another.
    private static func signedBytes(_ domain: String, _ payloadType: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: domain.utf8.count + payloadType.count + payload.count + 12)
        writer.uvarintBytes(Array(domain.utf8))
        writer.uvarintBytes(payloadType)
        writer.uvarintBytes(payload)
        return writer.bytes
    }
}
