import CairnBase
import CairnWire

/// What a node says of its router.
struct PortMappingReport: Sendable {
    let state: String
    private let why: String?
    private let upnp: String?
    private let gateway: String
    private let way: String?
    private let address: String?
    private let left: TimeSpan?

    /// Nil from a node of an earlier version.
    init?(_ document: JSON?) {
        guard let document, let state = document["state"]?.string else { return nil }
        self.state = state
        why = document["why"]?.string
        upnp = document["upnp"]?.string
        gateway = document["gateway"]?.string ?? "the router"
        way = document["way"]?.string
        address = document["address"]?.string
        left = document["left_ms"]?.integer(UInt64.self).map { .milliseconds($0) }
    }

    /// One line for people.
    var sentence: String {
        let other = upnp.map { "; UPnP: \(Self.meaning(of: $0))" } ?? ""
        switch state {
        case "mapped":
            let time = left.map { ", for \($0.rough) more" } ?? ""
            let late = why.map { "; not renewed: \(Self.meaning(of: $0))" } ?? ""
            return "\(address ?? "-") at \(gateway) by \(way == "upnp" ? "UPnP" : "NAT-PMP")\(time)\(late)"
        case "asking": return "\(gateway) is being asked"
        case "off": return "no router is asked: \(Self.meaning(of: why ?? ""))"
        default: return "none at \(gateway): \(Self.meaning(of: why ?? ""))\(other)"
        }
    }

    var text: String { "mapping    \(sentence)\n" }

    static func meaning(of why: String) -> String {
        switch why {
        case "switched-off": "p2p.port_mapping or p2p.inbound is off, or there is no chain"
        case "loopback": "the node listens on loopback"
        case "public-address": "the machine has a public address"
        case "not-ipv4": "it takes IPv4"
        case "no-gateway": "the machine has no default route"
        case "public-gateway": "the default route leads to no router of a private network"
        case "silent": "no answer"
        case "unsupported": "it does not speak NAT-PMP"
        case "not-authorized": "it is forbidden there"
        case "network-failure": "it has no address itself"
        case "out-of-resources": "it has no port to give"
        case "behind-another": "its own address is private, there is another router before it"
        case "ports-differ": "it gives TCP and UDP different ports"
        case "no-library": "libminiupnpc is not installed"
        default: "it refuses"
        }
    }
}
