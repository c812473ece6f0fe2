import CairnBase

/// The textual form: `/protocol/value` per component, `/protocol` where there is no value.
extension Multiaddr {
    /// Parses what a person may type: the canonical text, host names and IPv6 addresses in any case.
    public init(text: some StringProtocol) throws(DecodeError) {
        guard text.utf8.count <= 2 * Self.longest else {
            throw .tooLarge(size: UInt64(text.utf8.count), limit: UInt64(2 * Self.longest))
        }
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        var parts = pieces.map { String($0) }[...]
        guard parts.popFirst() == "", !parts.isEmpty else { throw .invalid("multiaddr") }
        var components: [Component] = []
        while let name = parts.popFirst() {
            components.append(try Component(name, &parts))
        }
        try self.init(components)
    }
}

extension Multiaddr: CustomStringConvertible {
    public var description: String { components.map(\.description).joined() }
}

extension Multiaddr.Component: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ip4(let address): "/ip4/\(address)"
        case .ip6(let address): "/ip6/\(address)"
        case .dns(let name): "/dns/\(name)"
        case .dns4(let name): "/dns4/\(name)"
        case .dns6(let name): "/dns6/\(name)"
        case .dnsaddr(let name): "/dnsaddr/\(name)"
        case .tcp(let port): "/tcp/\(port)"
        case .udp(let port): "/udp/\(port)"
        case .p2p(let node): "/p2p/\(node.peerID)"
        case .p2pCircuit: "/p2p-circuit"
        case .quicV1: "/quic-v1"
        }
    }

    fileprivate init(_ name: String, _ parts: inout ArraySlice<String>) throws(DecodeError) {
        switch name {
        case "p2p-circuit": self = .p2pCircuit
        case "quic-v1": self = .quicV1
        default:
            guard Self.namesWithValue.contains(name) else { throw .invalid("multiaddr protocol name") }
            guard let value = parts.popFirst() else { throw .invalid("multiaddr: value missing") }
            try self.init(name, value)
        }
    }

    private static let namesWithValue = ["ip4", "ip6", "dns", "dns4", "dns6", "dnsaddr", "tcp", "udp", "p2p"]

    private init(_ name: String, _ value: String) throws(DecodeError) {
        switch name {
        case "ip4":
            guard let address = IPv4Address(value) else { throw .invalid("IPv4 address") }
            self = .ip4(address)
        case "ip6":
            guard let address = IPv6Address(value) else { throw .invalid("IPv6 address") }
            self = .ip6(address)
        case "tcp": self = .tcp(try Self.port(value))
        case "udp": self = .udp(try Self.port(value))
        case "p2p": self = .p2p(try NodeID(peerID: value))
        case "dns": self = .dns(try Self.host(value))
        case "dns4": self = .dns4(try Self.host(value))
        case "dns6": self = .dns6(try Self.host(value))
        default: self = .dnsaddr(try Self.host(value))
        }
    }

    private static func port(_ text: String) throws(DecodeError) -> UInt16 {
        guard let port = UInt16(canonicalDecimal: text) else { throw .invalid("port") }
        return port
    }

    private static func host(_ text: String) throws(DecodeError) -> DNSName {
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let name = DNSName(text.lowercased()) else {
            throw .invalid("host name")
        }
        return name
    }
}
