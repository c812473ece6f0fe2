public import CairnBase

extension Endpoint {
    /// The IP address and TCP port of a multiaddr; nil where it names a host otherwise.
    public init?(tcp address: Multiaddr) {
        guard let (host, port) = address.tcp else { return nil }
        switch host {
        case .ip4(let ip): self.init(IPAddress(v4: ip.number), port: port)
        case .ip6(let ip):
            self.init(
                IPAddress(
                    high: UInt64(truncatingIfNeeded: ip.number >> 64), low: UInt64(truncatingIfNeeded: ip.number)),
                port: port)
        default: return nil
        }
    }
}
