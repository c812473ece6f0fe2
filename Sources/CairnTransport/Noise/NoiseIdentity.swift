public import CairnBase
public import CairnCrypto
internal import CairnWire

/// How a node proves over Noise that it is who its peer id says: its identity key signs its Noise key.
///
/// The Noise key is fresh per process and never the identity key; the signature is made once. The payload is the
/// protobuf that libp2p defines: field 1 the public key, field 2 the signature, field 4 extensions nobody needs here.
public struct NoiseIdentity: Sendable {
    public let node: NodeID
    let local: SharedAgreementKey
    private let signature: Signature

    static let payloadLimit = Limits.SecureChannel().handshakePayload
    private static let prefix = Array("noise-libp2p-static-key:".utf8)

    public init(signedBy key: borrowing SecretKey, local: consuming AgreementKey) {
        node = NodeID(key.publicKey)
        signature = key.sign(Self.prefix + local.publicKey.bytes)
        self.local = SharedAgreementKey(local)
    }

    var payload: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, node.key.protobuf)
        writer.bytes(2, signature.bytes)
        return writer.bytes
    }

    /// Who the peer is, if its payload vouches for the Noise key it used. Keys other than Ed25519 are refused before
    /// anything is computed with them.
    static func verify(_ payload: [UInt8], noiseKey: Bytes32) -> NodeID? {
        guard payload.count <= payloadLimit, let (node, signature) = try? parse(payload.span.bytes),
            Ed25519.isValid(signature, of: prefix + noiseKey.bytes, by: node.key)
        else { return nil }
        return node
    }

    private static func parse(_ payload: RawSpan) throws(DecodeError) -> (NodeID, Signature) {
        var reader = ProtobufReader(payload, fieldLimit: 16)
        var node: NodeID?
        var signature: Signature?
        while let field = try reader.next() {
            switch field.number {
            case 1: node = NodeID(try PublicKey(protobuf: try field.span(limit: 64)))
            case 2: signature = Signature(try field.bytes(limit: Signature.count))
            default: continue
            }
        }
        guard let node, let signature else { throw .invalid("Noise identity payload") }
        return (node, signature)
    }
}
