import CairnBase

/// The binary form: per component a varint code of the multicodec table, then a value whose size the code decides.
extension Multiaddr {
    enum Code {
        static let ip4: UInt64 = 0x04
        static let tcp: UInt64 = 0x06
        static let ip6: UInt64 = 0x29
        static let dns: UInt64 = 0x35
        static let dns4: UInt64 = 0x36
        static let dns6: UInt64 = 0x37
        static let dnsaddr: UInt64 = 0x38
        static let udp: UInt64 = 0x0111
        static let p2pCircuit: UInt64 = 0x0122
        static let p2p: UInt64 = 0x01a5
        static let quicV1: UInt64 = 0x01cd
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter()
        for component in components { component.encode(into: &writer) }
        return writer.bytes
    }

    public init(bytes: RawSpan) throws(DecodeError) {
        guard bytes.byteCount <= Self.longest else {
            throw .tooLarge(size: UInt64(bytes.byteCount), limit: UInt64(Self.longest))
        }
        var reader = ByteReader(bytes)
        var components: [Component] = []
        while reader.remaining > 0 {
            guard components.count < Self.mostComponents else {
                throw .tooLarge(size: UInt64(components.count) + 1, limit: UInt64(Self.mostComponents))
            }
            components.append(try Component(from: &reader))
        }
        try self.init(fitting: components)
    }

    public init(bytes: [UInt8]) throws(DecodeError) {
        try self.init(bytes: bytes.span.bytes)
    }
}

/// Inside our own messages an address carries a u32 length, because nothing in its bytes says where it ends.
extension Multiaddr: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        try self.init(bytes: try reader.bytes(limit: Self.longest))
    }

    public func encode(into writer: inout ByteWriter) { writer.bytes(bytes) }
}

extension Multiaddr.Component {
    typealias Code = Multiaddr.Code

    fileprivate init(from reader: inout ByteReader) throws(DecodeError) {
        let code = try reader.uvarint()
        switch code {
        case Code.ip4: self = .ip4(IPv4Address(try reader.u32().byteSwapped))
        case Code.ip6:
            let low = try reader.u64()
            let high = try reader.u64()
            self = .ip6(IPv6Address(UInt128(low.byteSwapped) << 64 | UInt128(high.byteSwapped)))
        case Code.tcp: self = .tcp(try reader.u16().byteSwapped)
        case Code.udp: self = .udp(try reader.u16().byteSwapped)
        case Code.dns: self = .dns(try Self.name(&reader))
        case Code.dns4: self = .dns4(try Self.name(&reader))
        case Code.dns6: self = .dns6(try Self.name(&reader))
        case Code.dnsaddr: self = .dnsaddr(try Self.name(&reader))
        case Code.p2p: self = .p2p(try NodeID(peerID: try Self.bytes(&reader, limit: NodeID.peerIDCount)))
        case Code.p2pCircuit: self = .p2pCircuit
        case Code.quicV1: self = .quicV1
        default: throw .unknown("multiaddr protocol", code)
        }
    }

    private static func name(_ reader: inout ByteReader) throws(DecodeError) -> DNSName {
        let bytes = try bytes(&reader, limit: DNSName.longest)
        guard let text = String(validating: bytes, as: UTF8.self), let name = DNSName(text) else {
            throw .invalid("host name")
        }
        return name
    }

    private static func bytes(_ reader: inout ByteReader, limit: Int) throws(DecodeError) -> [UInt8] {
        let span = try reader.uvarintBytes(limit: limit)
        // SAFETY: the borrowed bytes are copied before the closure returns.
        return unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    fileprivate func encode(into writer: inout ByteWriter) {
        switch self {
        case .ip4(let address):
            writer.uvarint(Code.ip4)
            writer.u32(address.number.byteSwapped)
        case .ip6(let address):
            writer.uvarint(Code.ip6)
            writer.u64(UInt64(truncatingIfNeeded: address.number >> 64).byteSwapped)
            writer.u64(UInt64(truncatingIfNeeded: address.number).byteSwapped)
        case .tcp(let port):
            writer.uvarint(Code.tcp)
            writer.u16(port.byteSwapped)
        case .udp(let port):
            writer.uvarint(Code.udp)
            writer.u16(port.byteSwapped)
        case .dns(let name): Self.encode(Code.dns, Array(name.description.utf8), into: &writer)
        case .dns4(let name): Self.encode(Code.dns4, Array(name.description.utf8), into: &writer)
        case .dns6(let name): Self.encode(Code.dns6, Array(name.description.utf8), into: &writer)
        case .dnsaddr(let name): Self.encode(Code.dnsaddr, Array(name.description.utf8), into: &writer)
        case .p2p(let node): Self.encode(Code.p2p, node.peerIDBytes, into: &writer)
        case .p2pCircuit: writer.uvarint(Code.p2pCircuit)
        case .quicV1: writer.uvarint(Code.quicV1)
        }
    }

    private static func encode(_ code: UInt64, _ value: [UInt8], into writer: inout ByteWriter) {
        writer.uvarint(code)
        writer.uvarintBytes(value)
    }
}
