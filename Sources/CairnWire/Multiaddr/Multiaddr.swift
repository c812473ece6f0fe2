public import CairnBase

/// A network address that describes itself: `/ip4/192.0.2.1/tcp/7470/p2p/12D3KooW…`.
///
/// Only what a node here can use or must recognise is represented; an address with any other protocol is refused by
/// its code and skipped by whoever collects addresses. There is one text and one byte string per address: host names
/// are lower case, numbers have no leading zeros, and IPv6 is written as RFC 5952 says.
public struct Multiaddr: Sendable, Hashable {
    public enum Component: Sendable, Hashable {
        case ip4(IPv4Address)
        case ip6(IPv6Address)
        case dns(DNSName)
        case dns4(DNSName)
        case dns6(DNSName)
        case dnsaddr(DNSName)
        case tcp(UInt16)
        case udp(UInt16)
        case p2p(NodeID)
        case p2pCircuit
        /// A transport that other stacks announce; we never dial it.
        case quicV1
    }

    public static let mostComponents = 16
    /// In bytes, and enough for a relayed address with two names and two peer ids.
    public static let longest = 1024

    public let components: [Component]

    public init(_ components: [Component]) throws(DecodeError) {
        try self.init(fitting: components)
        let size = bytes.count
        guard size <= Self.longest else { throw .tooLarge(size: UInt64(size), limit: UInt64(Self.longest)) }
    }

    /// For components that are known to fit in `longest` bytes.
    init(fitting components: [Component]) throws(DecodeError) {
        guard !components.isEmpty else { throw .invalid("empty multiaddr") }
        guard components.count <= Self.mostComponents else {
            throw .tooLarge(size: UInt64(components.count), limit: UInt64(Self.mostComponents))
        }
        self.components = components
    }

    /// The node this address leads to: the last `/p2p/` part.
    public var node: NodeID? {
        for case .p2p(let node) in components.reversed() { return node }
        return nil
    }

    /// Where a TCP connection goes, when the address is a plain host and port with nothing but a node id behind them.
    public var tcp: (host: Component, port: UInt16)? { endpoint { if case .tcp(let port) = $0 { port } else { nil } } }

    /// Where a datagram goes, when the address is a plain host and port with nothing but a node id behind them.
    public var udp: (host: Component, port: UInt16)? { endpoint { if case .udp(let port) = $0 { port } else { nil } } }

    private func endpoint(_ port: (Component) -> UInt16?) -> (host: Component, port: UInt16)? {
        guard components.count >= 2, components[0].isHost, let port = port(components[1]) else { return nil }
        switch components.dropFirst(2).first {
        case nil: return (components[0], port)
        case .p2p where components.count == 3: return (components[0], port)
        default: return nil
        }
    }
}

extension Multiaddr.Component {
    public var isHost: Bool {
        switch self {
        case .ip4, .ip6, .dns, .dns4, .dns6: true
        default: false
        }
    }
}
