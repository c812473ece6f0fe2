import CairnBase
import CairnGossip

extension FuzzTarget {
    /// A router that says anything: nothing is sent but short questions to it, no mapping is believed to last longer than
    /// asked for or to be of a private address, and the end comes.
    static let gateway = FuzzTarget("gateway", mutations: 2_000) { bytes in
        if let answer = try? GatewayAnswer(bytes), case .mapped(_, _, _, let seconds) = answer.content {
            try require(bytes.count == 16, "a mapping of \(bytes.count) bytes for \(seconds) s")
        }
        let place = PortMappingPlace(local: IPAddress(v4: 0xc0a8_0105), gateway: IPAddress(v4: 0xc0a8_0101))
        let router = Endpoint(place.gateway, port: GatewayQuestion.port)
        var core = PortMapper(listening: Endpoint(.any, port: 7_470), random: SeededRandom(seed: 1))
        var talk = RouterTalk(router: router)
        try talk.give(.place(place), to: &core)
        // Each datagram is led by its length, and by how long it takes.
        var rest = bytes[...]
        while let length = rest.popFirst(), let pause = rest.popFirst() {
            let datagram = Array(rest.prefix(Int(length % 20)))
            rest = rest.dropFirst(datagram.count)
            try talk.pass(.milliseconds(UInt64(pause) * UInt64(pause) * 60), &core)
            try talk.give(.received(datagram, from: router), to: &core)
            if let order = talk.order {
                let address = IPAddress(v4: UInt32(length) << 24 | 1)
                talk.order = nil
                let isMapped = order.action == .map && pause & 1 == 0
                let answer: UPnPAnswer =
                    isMapped ? .mapped(Endpoint(address, port: order.outside)) : .failed(.silent)
                try talk.give(.upnp(order.action == .unmap ? .unmapped : answer), to: &core)
            }
        }
        try talk.give(.stop, to: &core)
        try talk.pass(.seconds(60), &core)
        while talk.order != nil {
            talk.order = nil
            try talk.give(.upnp(.unmapped), to: &core)
            try talk.pass(.seconds(60), &core)
        }
        try require(core.state == .ended && core.grant == nil, "it does not end")
    }
}

private struct RouterTalk {
    let router: Endpoint
    var now = Instant.origin
    var timer: Instant?
    var order: UPnPOrder?

    mutating func pass(_ span: TimeSpan, _ core: inout PortMapper) throws {
        let end = now + span
        var wakes = 0
        while let due = timer, due <= end {
            (now, timer) = (max(due, now), nil)
            try give(.timer, to: &core)
            wakes += 1
            try require(wakes < 10_000, "it never rests")
        }
        now = end
    }

    mutating func give(_ input: PortMapperInput, to core: inout PortMapper) throws {
        var effects: [PortMapperEffect] = []
        core.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint):
                try require(endpoint == router && (bytes.count == 2 || bytes.count == 12), "\(bytes) to \(endpoint)")
            case .upnp(let next):
                try require(order == nil, "two orders at once")
                order = next
            case .changed(let endpoint):
                try require(endpoint.map { !$0.address.isPrivate } ?? true, "mapped at \(endpoint?.description ?? "")")
            case .setTimer(let instant): timer = min(timer ?? .distantFuture, instant)
            case .ended: try require(core.state == .ended, "ended in \(core.state)")
            }
        }
        if let grant = core.grant {
            try require(grant.until <= now + .seconds(3_600), "a mapping for ever")
        }
    }
}
