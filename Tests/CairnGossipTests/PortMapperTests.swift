import CairnBase
import CairnWire
import Testing

@testable import CairnGossip

private let home = PortMappingPlace(local: IPAddress(v4: 0xc0a8_0105), gateway: IPAddress(v4: 0xc0a8_0101))
private let outside = IPAddress(v4: 0xcb00_7107)

/// A router that speaks NAT-PMP, in memory.
private struct Router {
    var address = outside
    var epoch: UInt32 = 1_000
    var lease: UInt32 = 3_600
    var result: UInt16 = 0
    /// Ports of others, which it gives nobody.
    var taken: [GatewayTransport: UInt16] = [:]
    var table: [GatewayTransport: UInt16] = [:]
    var isOff = false

    mutating func answer(_ question: [UInt8]) -> [UInt8]? {
        guard !isOff, question.count == 2 || question.count == 12, question[0] == 0 else { return nil }
        var writer = ByteWriter()
        writer.u8(0)
        writer.u8(128 + question[1])
        writer.u16(result.byteSwapped)
        writer.u32(epoch.byteSwapped)
        if question[1] == 0 {
            writer.u32((address.v4 ?? 0).byteSwapped)
            return writer.bytes
        }
        guard let transport = GatewayTransport(rawValue: question[1]) else { return nil }
        let wanted = UInt16(question[6]) << 8 | UInt16(question[7])
        let isRemoval = question[8...].allSatisfy { $0 == 0 }
        let port = isRemoval ? 0 : table[transport] ?? (taken[transport] == wanted ? wanted + 1 : wanted)
        if result == 0 { table[transport] = isRemoval ? nil : port }
        writer.raw(Array(question[4..<6]))
        writer.u16(port.byteSwapped)
        writer.u32((isRemoval ? 0 : lease).byteSwapped)
        return writer.bytes
    }
}

/// A node behind it.
private struct Behind {
    var core: PortMapper
    var router = Router()
    var now = Instant.origin
    var timer: Instant?
    var sent: [(at: Instant, bytes: [UInt8], to: Endpoint)] = []
    var changes: [Endpoint?] = []
    var orders: [UPnPOrder] = []
    var hasEnded = false

    init(listening: Endpoint = Endpoint(.any, port: 7_470), _ settings: PortMapperSettings = PortMapperSettings()) {
        core = PortMapper(listening: listening, random: SeededRandom(seed: 1), settings: settings)
    }

    mutating func give(_ input: PortMapperInput) {
        var inputs = [input]
        while !inputs.isEmpty {
            var effects: [PortMapperEffect] = []
            core.handle(inputs.removeFirst(), at: now, into: &effects)
            for effect in effects {
                switch effect {
                case .send(let bytes, let endpoint):
                    sent.append((now, bytes, endpoint))
                    if let answer = router.answer(bytes) { inputs.append(.received(answer, from: endpoint)) }
                case .upnp(let order): orders.append(order)
                case .changed(let endpoint): changes.append(endpoint)
                case .setTimer(let instant): timer = min(timer ?? .distantFuture, instant)
                case .ended: hasEnded = true
                }
            }
        }
    }

    mutating func pass(_ span: TimeSpan) {
        let end = now + span
        while let due = timer, due <= end {
            router.epoch &+= UInt32(due.since(now).milliseconds / 1_000)
            (now, timer) = (due, nil)
            give(.timer)
        }
        router.epoch &+= UInt32(end.since(now).milliseconds / 1_000)
        now = end
    }
}

@Suite struct PortMapperTests {
    private let mapped = Endpoint(outside, port: 7_470)

    @Test func `the router is asked for its address, TCP and UDP, one after the other, as RFC 6886 writes it`() {
        var node = Behind()
        node.give(.place(home))
        let lease: [UInt8] = [0x1d, 0x2e, 0x1d, 0x2e, 0, 0, 0x0e, 0x10]
        #expect(node.sent.map(\.bytes) == [[0, 0], [0, 2, 0, 0] + lease, [0, 1, 0, 0] + lease])
        #expect(node.sent.allSatisfy { $0.to == Endpoint(home.gateway, port: 5_351) })
        #expect(node.core.state == .mapped && node.changes == [mapped])
        node.give(.place(home))
        #expect(node.sent.count == 3, "the same place again changes nothing")
    }

    @Test func `a mapping is renewed at half its time under the same port, and its removal asked for at the end`()
        throws
    {
        var node = Behind()
        node.router.lease = 1_200
        node.give(.place(home))
        node.sent = []
        node.pass(.seconds(599))
        #expect(node.sent.allSatisfy { $0.bytes == [0, 0] } && node.sent.count == 1, "a look at the address")
        node.pass(.seconds(1))
        #expect(node.sent.count == 4 && node.core.counters.granted == 2)
        let renewed = try #require(node.core.grant)
        #expect(renewed.until == node.now + .seconds(1_200) && node.changes == [mapped])
        node.sent = []
        node.give(.stop)
        #expect(node.sent.map { Array($0.bytes[6...]) } == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
        #expect(node.router.table.isEmpty && node.hasEnded && node.changes == [mapped, nil])
    }

    @Test func `a router whose clock went back has forgotten, and is asked again at its next word`() {
        var node = Behind()
        node.give(.place(home))
        node.router.epoch = 0
        node.router.table = [:]
        node.sent = []
        node.pass(.seconds(300))
        #expect(node.core.counters.restarts == 1 && node.router.table == [.tcp: 7_470, .udp: 7_470])
        #expect(node.sent.count == 3)
        // A clock that is slow by less than an eighth is only slow.
        node.router.epoch = node.router.epoch &- 30
        node.pass(.seconds(300))
        #expect(node.core.counters.restarts == 1)
    }

    @Test func `a router started anew between two of its answers is asked for both mappings again`() {
        var node = Behind()
        node.router.isOff = true
        node.give(.place(home))
        let router = node.sent[0].to
        node.give(.received([0, 128, 0, 0, 0, 0, 9, 0, 203, 0, 113, 7], from: router))
        node.give(.received([0, 130, 0, 0, 0, 0, 9, 0, 0x1d, 0x2e, 0x1d, 0x2e, 0, 0, 14, 16], from: router))
        node.router.isOff = false
        node.router.epoch = 1
        node.pass(.milliseconds(250))
        #expect(node.core.counters.restarts == 1 && node.router.table == [.tcp: 7_470, .udp: 7_470])
        #expect(node.core.state == .mapped)
    }

    @Test func `silence is asked after 250 ms, 500 ms and so on, then UPnP is tried, and all of it again later`() {
        var node = Behind()
        node.router.isOff = true
        node.give(.place(home))
        node.pass(.seconds(20))
        #expect(node.sent.map { $0.at.since(.origin).milliseconds } == [0, 250, 750, 1_750, 3_750, 7_750])
        #expect(node.orders.map(\.action) == [.map] && node.orders[0].place == home && node.orders[0].outside == 7_470)
        #expect(node.core.state == .asking)
        node.give(.upnp(.failed(.noLibrary)))
        #expect(node.core.state == .silent && node.core.trouble == .silent && node.core.otherTrouble == .noLibrary)
        node.router.isOff = false
        node.pass(.seconds(600))
        #expect(node.core.state == .mapped && node.core.otherTrouble == nil && node.changes == [mapped])
    }

    @Test(arguments: [
        (UInt16(1), PortMappingTrouble.unsupported), (2, .notAuthorized), (3, .networkFailure), (4, .outOfResources),
        (5, .unsupported), (77, .unknownRefusal),
    ])
    func `a refusal is named, UPnP tried, and the router asked again`(_ result: UInt16, _ trouble: PortMappingTrouble) {
        var node = Behind()
        node.router.result = result
        node.give(.place(home))
        #expect(node.core.trouble == trouble && node.sent.count == 1 && node.orders.count == 1)
        node.give(.upnp(.failed(.silent)))
        #expect(node.core.state == .refused && node.changes.isEmpty)
        node.router.result = 0
        node.pass(.seconds(600))
        #expect(node.core.state == .mapped)
    }

    @Test func `a renewal that fails loses nothing until the time is over`() {
        var node = Behind()
        node.give(.place(home))
        node.router.isOff = true
        node.pass(.seconds(3_599))
        #expect(node.core.state == .mapped && node.core.trouble == .silent && node.changes == [mapped])
        node.pass(.seconds(1))
        #expect(node.changes == [mapped, nil] && node.core.counters.lapsed == 1 && node.core.state != .mapped)
    }

    @Test func `another address of the router is told, and one that is none or private is no use`() {
        var node = Behind()
        node.give(.place(home))
        let later = IPAddress(v4: 0xc633_6409)
        node.router.address = later
        node.pass(.seconds(300))
        #expect(node.changes == [mapped, Endpoint(later, port: 7_470)])
        for (address, trouble) in [
            (IPAddress(v4: 0x6440_0001), PortMappingTrouble.behindAnother), (.any, .networkFailure),
        ] {
            var node = Behind()
            node.router.address = address
            node.give(.place(home))
            #expect(node.core.trouble == trouble && node.changes.isEmpty && node.router.table.isEmpty)
        }
    }

    @Test func `TCP and UDP get one port, another than ours where somebody has it`() throws {
        var node = Behind()
        node.router.taken = [.tcp: 7_470]
        node.give(.place(home))
        #expect(node.changes == [Endpoint(outside, port: 7_471)], "what TCP got is asked for UDP")
        node = Behind()
        node.router.taken = [.udp: 7_470]
        node.give(.place(home))
        let port = try #require(node.core.grant?.outside.port)
        #expect(port >= 49_152 && node.router.table == [.tcp: port, .udp: port])
    }

    @Test(arguments: [
        ("127.0.0.1", "192.168.1.5", "192.168.1.1", PortMappingTrouble.loopback),
        ("203.0.113.9", "192.168.1.5", "192.168.1.1", .publicAddress),
        ("0.0.0.0", "203.0.113.9", "172.31.1.1", .publicAddress),
        ("0.0.0.0", "192.168.1.5", "203.0.113.1", .publicGateway),
        ("0.0.0.0", "127.0.0.1", "127.0.0.1", .loopback),
        ("0.0.0.0", "192.168.1.5", "127.0.0.1", .publicGateway),
        ("fd00::1", "192.168.1.5", "192.168.1.1", .notIPv4),
        ("0.0.0.0", "", "", .noGateway),
    ])
    func `nothing leaves for loopback, public addresses, or to a gateway that is no private router`(
        _ listening: String, _ local: String, _ gateway: String, _ trouble: PortMappingTrouble
    ) throws {
        var node = Behind(listening: Endpoint(try #require(IPAddress(listening)), port: 7_470))
        let place = IPAddress(local).flatMap { local in
            IPAddress(gateway).map { PortMappingPlace(local: local, gateway: $0) }
        }
        node.give(.place(place))
        node.pass(.seconds(7_200))
        #expect(node.sent.isEmpty && node.orders.isEmpty && node.core.state == .off && node.core.trouble == trouble)
        node.give(.stop)
        #expect(node.hasEnded && node.sent.isEmpty)
    }

    @Test func `a machine that moves asks the router there, and forgets what the other gave`() {
        var node = Behind()
        node.give(.place(nil))
        #expect(node.core.trouble == .noGateway)
        node.give(.place(home))
        #expect(node.changes == [mapped])
        let elsewhere = PortMappingPlace(local: IPAddress(v4: 0x0a00_0005), gateway: IPAddress(v4: 0x0a00_0001))
        node.sent = []
        node.give(.place(elsewhere))
        #expect(node.sent.count == 3 && node.sent.allSatisfy { $0.to.address == elsewhere.gateway })
        node.give(.place(nil))
        #expect(node.core.state == .off && node.changes.last == .some(nil))
    }

    @Test func `what UPnP maps is renewed by it and taken away at the end, also when its answer comes late`() {
        var node = Behind()
        node.router.isOff = true
        node.give(.place(home))
        node.pass(.seconds(20))
        node.give(.upnp(.mapped(mapped)))
        #expect(node.core.state == .mapped && node.core.grant?.way == .upnp && node.changes == [mapped])
        node.pass(.seconds(1_800))
        #expect(node.orders.map(\.action) == [.map, .map], "at half of its hour")
        node.give(.upnp(.mapped(mapped)))
        node.give(.stop)
        #expect(!node.hasEnded && node.orders.last?.action == .unmap)
        node.give(.upnp(.unmapped))
        #expect(node.hasEnded)

        var late = Behind()
        late.router.isOff = true
        late.give(.place(home))
        late.pass(.seconds(20))
        late.give(.stop)
        #expect(!late.hasEnded)
        late.give(.upnp(.mapped(mapped)))
        #expect(late.orders.map(\.action) == [.map, .unmap] && late.changes.isEmpty)
        late.give(.upnp(.unmapped))
        #expect(late.hasEnded)
    }

    @Test func `what UPnP gave is asked for again also when it lapsed meanwhile, and what is of no use is taken away`()
    {
        var node = Behind()
        node.router.isOff = true
        node.give(.place(home))
        node.pass(.seconds(20))
        node.give(.upnp(.mapped(mapped)))
        node.pass(.seconds(3_700))
        #expect(node.core.grant == nil && node.orders.map(\.action) == [.map, .map], "the second has no answer yet")
        node.give(.upnp(.failed(.silent)))
        node.pass(.seconds(700))
        #expect(node.orders.map(\.action) == [.map, .map, .map])

        var another = Behind()
        another.router.isOff = true
        another.give(.place(home))
        another.pass(.seconds(20))
        another.give(.upnp(.mapped(Endpoint(IPAddress(v4: 0x6440_0001), port: 7_470))))
        #expect(another.orders.map(\.action) == [.map, .unmap] && another.core.grant == nil)
    }
}

/// What somebody who is not the router, or a router that is not well, may send.
@Suite struct GatewayAnswerTests {
    private static let address: [UInt8] = [0, 128, 0, 0, 0, 0, 3, 232, 203, 0, 113, 7]

    private func asking() -> Behind {
        var node = Behind()
        node.router.isOff = true
        node.give(.place(home))
        return node
    }

    @Test func `answers from elsewhere, to other questions and without one are counted and change nothing`() {
        var node = asking()
        let router = node.sent[0].to
        node.give(.received(Self.address, from: Endpoint(home.local, port: router.port)))
        node.give(.received(Self.address, from: Endpoint(router.address, port: 5_350)))
        #expect(node.core.counters.foreign == 2)
        node.give(.received([0, 129, 0, 0, 0, 0, 3, 232, 0x1d, 0x2e, 0x1d, 0x2e, 0, 0, 14, 16], from: router))
        node.give(.received([0, 129, 0, 2, 0, 0, 3, 232], from: router))
        #expect(node.core.counters.unasked == 2 && node.sent.count == 1)
        node.give(.received(Self.address, from: router))
        #expect(node.sent.count == 2, "the right one counts")
        // TCP was asked for: another port inside, and a removal that nobody wanted.
        node.give(.received([0, 130, 0, 0, 0, 0, 3, 232, 0, 22, 0, 22, 0, 0, 14, 16], from: router))
        node.give(.received([0, 130, 0, 0, 0, 0, 3, 232, 0x1d, 0x2e, 0, 0, 0, 0, 0, 0], from: router))
        #expect(node.core.counters.unasked == 4 && node.core.state == .asking && node.changes.isEmpty)
    }

    private static let unreadable: [[UInt8]] = [
        [], [0], [0, 128, 0, 0, 0, 0, 3], Array(address.dropLast()), address + [0], [0, 0] + address.dropFirst(2),
        [2] + address.dropFirst(), [0, 131] + address.dropFirst(2), [UInt8](repeating: 0, count: 1_100),
        [0, 129, 0, 0, 0, 0, 3, 232, 0x1d, 0x2e, 0x1d, 0x2e, 0, 0, 14],
    ]

    @Test(arguments: unreadable)
    func `short, long and foreign datagrams are not read`(_ bytes: [UInt8]) {
        #expect(throws: DecodeError.self) { try GatewayAnswer(bytes) }
        var node = asking()
        node.give(.received(bytes, from: node.sent[0].to))
        #expect(node.core.counters.malformed == 1 && node.sent.count == 1)
    }

    @Test func `a port of zero is a refusal`() {
        var node = asking()
        let router = node.sent[0].to
        node.give(.received(Self.address, from: router))
        node.give(.received([0, 130, 0, 0, 0, 0, 3, 232, 0x1d, 0x2e, 0, 0, 0, 0, 14, 16], from: router))
        #expect(node.core.trouble == .outOfResources && node.core.grant == nil)
    }
}
