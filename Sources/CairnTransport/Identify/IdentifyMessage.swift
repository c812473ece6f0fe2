public import CairnBase
public import CairnWire

/// What a node says about itself over `/ipfs/id/1.0.0`: its key, where it listens, what it speaks, and from where it
/// sees the other end come.
///
/// Everything in it is a claim of the peer, believed only as far as it concerns the peer itself. Addresses of kinds we
/// do not know are left out, and lists are cut at their limits, so that no peer can make us hold more than that.
public struct IdentifyMessage: Sendable, Equatable {
    /// Nil when the peer did not say; it is to be the identity that the connection has proven.
    public var node: NodeID?
    public var listenAddresses: [Multiaddr] = []
    public var protocols: [String] = []
    public var observedAddress: Multiaddr?
    public var protocolVersion = ""
    public var agentVersion = ""
    /// A sealed peer record, as bytes: who wants it opens it with `PeerRecord`.
    public var signedRecord: [UInt8] = []

    /// Bytes of a protocol's name or a version.
    public static let longestText = 256

    public init(node: NodeID?) {
        self.node = node
    }

    public init(_ bytes: RawSpan, limits: Limits.Addresses = Limits.Addresses()) throws(DecodeError) {
        var reader = ProtobufReader(bytes, fieldLimit: limits.identifyRead / 2)
        while let field = try reader.next() {
            switch field.number {
            case 1: node = NodeID(try PublicKey(protobuf: try field.span(limit: 64)))
            case 2: try Self.collect(try field.span(limit: limits.identifyRead), into: &listenAddresses, limits)
            case 3:
                let name = try field.string(limit: Self.longestText)
                if protocols.count < limits.identifyProtocols { protocols.append(name) }
            case 4: observedAddress = try? Multiaddr(bytes: try field.span(limit: Multiaddr.longest))
            case 5: protocolVersion = try field.string(limit: Self.longestText)
            case 6: agentVersion = try field.string(limit: Self.longestText)
            case 8: signedRecord = try field.bytes(limit: limits.identifyRead)
            default: continue
            }
        }
    }

    private static func collect(
        _ bytes: RawSpan, into addresses: inout [Multiaddr], _ limits: Limits.Addresses
    ) throws(DecodeError) {
        guard addresses.count < limits.identifyAddresses, let address = try? Multiaddr(bytes: bytes) else { return }
        addresses.append(address)
    }

    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        if let node { writer.bytes(1, node.key.protobuf) }
        for address in listenAddresses { writer.bytes(2, address.bytes) }
        for name in protocols { writer.string(3, name) }
        if let observedAddress { writer.bytes(4, observedAddress.bytes) }
        if !protocolVersion.isEmpty { writer.string(5, protocolVersion) }
        if !agentVersion.isEmpty { writer.string(6, agentVersion) }
        if !signedRecord.isEmpty { writer.bytes(8, signedRecord) }
        return writer.bytes
    }

    /// The message after a push, in which absent fields mean "as before".
    public func updated(by push: IdentifyMessage) -> IdentifyMessage {
        var result = self
        result.node = push.node ?? node
        if !push.listenAddresses.isEmpty { result.listenAddresses = push.listenAddresses }
        if !push.protocols.isEmpty { result.protocols = push.protocols }
        result.observedAddress = push.observedAddress ?? observedAddress
        if !push.protocolVersion.isEmpty { result.protocolVersion = push.protocolVersion }
        if !push.agentVersion.isEmpty { result.agentVersion = push.agentVersion }
        if !push.signedRecord.isEmpty { result.signedRecord = push.signedRecord }
        return result
    }
}
