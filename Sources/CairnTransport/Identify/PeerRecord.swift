public import CairnBase
public import CairnCrypto
public import CairnWire

/// A node's signed statement of where it can be reached; of two, the one with the higher sequence number counts.
///
/// It comes only from `init(opening:from:)`, which checks the signature and that the record speaks of its own signer.
/// A record about anybody else than the peer at hand is refused, so that nobody can fill us with third parties.
public struct PeerRecord: Sendable, Equatable {
    /// The two forms in use: deployed software uses the first, the published specification names the second.
    public enum Form: Sendable, CaseIterable {
        case deployed
        case specified

        var domain: String {
            switch self {
            case .deployed: "libp2p-peer-record"
            case .specified: "libp2p-routing-state"
            }
        }

        var payloadType: [UInt8] {
            switch self {
            case .deployed: [0x03, 0x01]
            case .specified: Array("/libp2p/routing-state-record".utf8)
            }
        }
    }

    public let node: NodeID
    public let sequence: UInt64
    public let addresses: [Multiaddr]

    /// Our own record, sealed.
    public static func seal(
        sequence: UInt64, addresses: [Multiaddr], as form: Form = .deployed, key: borrowing SecretKey
    ) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, NodeID(key.publicKey).peerIDBytes)
        writer.varint(2, sequence)
        for address in addresses { writer.message(3) { $0.bytes(1, address.bytes) } }
        return SignedEnvelope(sealing: writer.bytes, type: form.payloadType, domain: form.domain, key: key).encoded
    }

    /// Opens a sealed record of `peer`, in either form.
    public init(
        opening bytes: RawSpan, from peer: NodeID, limits: Limits.Addresses = Limits.Addresses()
    ) throws(DecodeError) {
        let envelope = try SignedEnvelope(bytes, limit: limits.identifyRead)
        guard envelope.signer == peer.key else { throw .invalid("record of somebody else") }
        guard let form = Form.allCases.first(where: { $0.payloadType == envelope.payloadType }) else {
            throw .invalid("kind of record")
        }
        guard envelope.isValid(domain: form.domain) else { throw .invalid("signature of a record") }
        let payload = envelope.payload
        try self.init(payload: payload.span.bytes, limits)
        guard node == peer else { throw .invalid("record of somebody else") }
    }

    private init(payload: RawSpan, _ limits: Limits.Addresses) throws(DecodeError) {
        var reader = ProtobufReader(payload, fieldLimit: limits.identifyRead / 2)
        var node: NodeID?
        var sequence: UInt64 = 0
        var addresses: [Multiaddr] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: node = try NodeID(peerID: try field.bytes(limit: NodeID.peerIDCount))
            case 2: sequence = try field.varint()
            case 3:
                var inner = try field.message(limit: limits.identifyRead, fieldLimit: 4)
                while let part = try inner.next() {
                    guard part.number == 1, addresses.count < limits.identifyAddresses,
                        let address = try? Multiaddr(bytes: try part.span(limit: Multiaddr.longest))
                    else { continue }
                    addresses.append(address)
                }
            default: continue
            }
        }
        guard let node else { throw .invalid("record without a node") }
        self.node = node
        self.sequence = sequence
        self.addresses = addresses
    }
}
