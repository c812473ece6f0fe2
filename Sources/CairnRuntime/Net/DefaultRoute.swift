internal import CLinux
internal import CairnBase
internal import CairnGossip

/// Where this machine sends what is not for its own network.
enum DefaultRoute {
    /// The gateway of the cheapest default route, and the address that is spoken to it from; nil without one.
    static var current: PortMappingPlace? {
        guard let bytes = try? SmallFile.read("/proc/net/route", limit: 64 << 10),
            let gateway = gateway(in: String(decoding: bytes, as: UTF8.self)), let local = source(to: gateway)
        else { return nil }
        return PortMappingPlace(local: local, gateway: gateway)
    }

    /// Reads the kernel's table: interface, destination, gateway, flags, two counts, metric, mask, each address as the kernel's
    /// word in hexadecimal digits.
    static func gateway(in table: String) -> IPAddress? {
        var best: (metric: UInt32, gateway: IPAddress)?
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000",
                let word = UInt32(fields[2], radix: 16), let flags = UInt32(fields[3], radix: 16),
                flags & upWithGateway == upWithGateway, let metric = UInt32(fields[6]),
                best.map({ metric < $0.metric }) ?? true
            else { continue }
            best = (metric, IPAddress(v4: UInt32(bigEndian: word)))
        }
        return best?.gateway
    }

    private static let upWithGateway: UInt32 = 3

    /// The kernel's word; nothing is sent for it.
    static func source(to gateway: IPAddress) -> IPAddress? {
        var peer = Endpoint(gateway, port: GatewayQuestion.port).kernelForm
        var source = clinux_address()
        // SAFETY: both pointers are to locals that live across the call.
        guard unsafe clinux_udp_source(&peer, &source) >= 0 else { return nil }
        return Endpoint(source).address
    }
}
