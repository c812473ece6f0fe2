/// Where a datagram or stream comes from or goes to: an address and a port, written `10.0.0.1:7470` or `[::1]:7470`.
@frozen
public struct Endpoint: Sendable, Hashable, Comparable {
    public let address: IPAddress
    public let port: UInt16

    @inlinable
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    @inlinable
    public static func < (left: Endpoint, right: Endpoint) -> Bool {
        left.address != right.address ? left.address < right.address : left.port < right.port
    }
}

extension Endpoint: LosslessStringConvertible {
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(canonicalDecimal: digits) else { return nil }
        var host = text[..<colon]
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if bracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)), bracketed == host.contains(":") else { return nil }
        self.init(address, port: port)
    }

    public var description: String {
        address.v4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
