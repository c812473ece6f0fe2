import CairnBase
import CairnGossip
import CairnWire
import Testing

@testable import CairnRuntime

/// Port mapping over real sockets, with a router that a test plays on a loopback network.
@Suite(.serialized) struct PortMappingShellTests {
    private let mapped = Endpoint(IPAddress(v4: 0xcb00_7107), port: 7_470)
    private let run: LoopRun
    private let router: PlayedRouter

    init() throws {
        run = try LoopRun()
        router = try PlayedRouter(77, on: run.loop)
    }

    private func shell(_ change: (inout PortMapperSettings) -> Void = { _ in }) -> PortMappingShell {
        var settings = router.settings
        change(&settings)
        let place = router.place
        // A router that describes itself nowhere: nothing is searched for, with or without the library.
        return PortMappingShell(
            on: run.loop, listening: router.listening(port: 7_470), log: Self.log, settings: settings,
            upnp: UPnPDesk(on: run.loop, description: "")
        ) { place }
    }

    private static var log: Logger {
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        return LogOutput(options).logger("test")
    }

    /// Until what the node and its router have come to is as wanted.
    private func turn(_ shell: PortMappingShell, until isReached: @escaping (PortMappingShell) -> Bool) throws {
        let (run, router) = (run, router)
        // Once the answer, sent after this, has come.
        router.turn += 1
        let number = router.turn
        router.onQuestion = { [unowned shell] in
            run.loop.after(.milliseconds(2)) { [weak shell] in
                guard let shell, router.turn == number, isReached(shell) else { return }
                run.finish()
            }
        }
        try run.run()
        #expect(isReached(shell))
    }

    @Test func `what is mapped comes from the address listened at, is shown, and is taken away at the end`() throws {
        let shell = shell()
        shell.start()
        try turn(shell) { $0.core.state == .mapped }
        #expect(shell.core.grant?.outside == mapped && router.table == [.tcp: 7_470, .udp: 7_470])
        #expect(router.askers.allSatisfy { $0 == router.place.local } && router.questions.count == 3)
        let document = shell.document
        #expect(document["state"]?.string == "mapped" && document["way"]?.string == "nat-pmp")
        #expect(document["address"]?.string == "203.0.113.7:7470" && document["why"] == .null)
        shell.stop()
        try turn(shell) { $0.isDone }
        #expect(router.table.isEmpty && router.questions.count == 5)
        #expect(router.questions.suffix(2).allSatisfy { $0.suffix(6).allSatisfy { $0 == 0 } })
    }

    @Test func `it is renewed at half of its time`() throws {
        router.lease = 1
        let shell = shell()
        shell.start()
        try turn(shell) { $0.core.counters.granted == 2 }
        #expect(shell.core.counters.lapsed == 0 && shell.core.grant?.outside == mapped)
        #expect(router.questions.count == 6)
    }

    @Test func `a router that was started anew is asked again long before the time is over`() throws {
        let shell = shell { $0.between = .milliseconds(50) }
        shell.start()
        try turn(shell) { $0.core.state == .mapped }
        router.forget()
        router.epoch = 3
        try turn(shell) { $0.core.counters.granted == 2 }
        #expect(shell.core.counters.restarts == 1 && router.table == [.tcp: 7_470, .udp: 7_470])
    }

    @Test(arguments: [
        (UInt16(2), "not-authorized"), (3, "network-failure"), (4, "out-of-resources"), (5, "unsupported"),
    ])
    func `a refusal is named, and asked about again`(_ code: UInt16, _ why: String) throws {
        router.mood = .refusing(code)
        let shell = shell()
        shell.start()
        try turn(shell) { $0.core.counters.refused > 0 && $0.core.state == .refused }
        #expect(shell.document["state"]?.string == "refused" && shell.document["why"]?.string == why)
        router.mood = .honest
        try turn(shell) { $0.core.state == .mapped }
        #expect(shell.core.grant?.outside == mapped)
    }

    @Test func `silence is repeated into, then given up, then tried again`() throws {
        router.mood = .silent
        let shell = shell()
        shell.start()
        try turn(shell) { $0.core.counters.asked == 3 }
        #expect(router.questions == [[0, 0], [0, 0], [0, 0]])
        router.mood = .honest
        try turn(shell) { $0.core.state == .mapped }
        #expect(shell.core.counters.silent == 1)
    }

    @Test func `lies from elsewhere, of another operation, too short and too long change nothing`() throws {
        let lie: [UInt8] = [0, 128, 0, 0, 0, 0, 3, 232, 6, 6, 6, 6]
        router.lies = { question in
            guard question == [0, 0] else { return [] }
            return [
                (lie, false), (Array(lie.dropLast()), true), ([0, 0] + lie.dropFirst(2), true),
                ([0, 130] + lie.dropFirst(2) + [0, 0, 0, 9], true), ([UInt8](repeating: 6, count: 1_000), true),
            ]
        }
        let shell = shell()
        shell.start()
        try turn(shell) { $0.core.state == .mapped }
        #expect(shell.core.grant?.outside == mapped)
        let counters = shell.core.counters
        #expect(counters.foreign == 1 && counters.malformed == 2 && counters.unasked == 1)
    }

    @Test func `a node on loopback, and one whose machine has a public address, send nothing`() throws {
        let outside = PortMappingPlace(local: IPAddress(v4: 0xcb00_7109), gateway: IPAddress(v4: 0xac1f_0101))
        let cases: [(Endpoint, PortMappingPlace?, PortMappingTrouble)] = [
            (router.listening(port: 7_470), router.place, .loopback),
            (Endpoint(.any, port: 7_470), outside, .publicAddress), (Endpoint(.any, port: 7_470), nil, .noGateway),
        ]
        for (listening, place, trouble) in cases {
            var settings = router.settings
            settings.takesLoopback = false
            let shell = PortMappingShell(on: run.loop, listening: listening, log: Self.log, settings: settings) {
                place
            }
            shell.start()
            #expect(shell.core.state == .off && shell.core.trouble == trouble && shell.core.counters.asked == 0)
            shell.stop()
            #expect(shell.isDone, "there is nothing to wait for")
        }
        #expect(router.questions.isEmpty)
    }
}

/// The kernel's table of routes.
@Suite struct DefaultRouteTests {
    private static let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

    @Test func `the cheapest default route that has a gateway counts`() {
        let table =
            Self.head + "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
            + "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            + "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
            + "eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
            + "tun1\t00000000\t0A0A0A0A\t0003\t0\t0\t1\t00000080\t0\t0\t0\n"
        #expect(DefaultRoute.gateway(in: table) == IPAddress(v4: 0x0a00_0001))
    }

    @Test(arguments: ["", head, head + "eth0\t00000000\n", head + "eth0\t00000000\tXX\t0003\t0\t0\t1\t00000000\n"])
    func `without one there is none`(_ table: String) {
        #expect(DefaultRoute.gateway(in: table) == nil)
    }

    @Test func `the address that a gateway is spoken to from is the kernel's word`() {
        #expect(DefaultRoute.source(to: IPAddress(v4: 0x7f09_0909)) == .loopback)
    }
}

/// UPnP as Debian's library speaks it, where it is installed, with a router that a test plays.
@Suite(.serialized, .enabled(if: UPnPDesk.hasLibrary, "libminiupnpc is not installed"))
struct UPnPDeskTests {
    private func carryOut(
        _ actions: [UPnPOrder.Action], _ change: (PlayedUPnP) -> Void = { _ in }
    ) throws -> (answers: [UPnPAnswer], router: PlayedUPnP) {
        let run = try LoopRun()
        let router = try PlayedUPnP(78, on: run.loop)
        change(router)
        let desk = UPnPDesk(on: run.loop, description: router.description)
        var answers: [UPnPAnswer] = []
        for action in actions {
            let order = UPnPOrder(action: action, place: router.place, inside: 7_470, outside: 7_471, seconds: 3_600)
            desk.carryOut(order) { answer in
                answers.append(answer)
                if answers.count == actions.count { run.finish() }
            }
        }
        try run.run()
        router.close()
        return (answers, router)
    }

    private let mapped = UPnPAnswer.mapped(Endpoint(IPAddress(v4: 0xcb00_7107), port: 7_471))

    @Test func `TCP and UDP of a port are mapped, and taken away`() throws {
        let (answers, router) = try carryOut([.map])
        #expect(answers == [mapped])
        #expect(router.table == ["TCP 7471 -> 127.78.0.5:7470", "UDP 7471 -> 127.78.0.5:7470"])
        let (all, empty) = try carryOut([.map, .unmap])
        #expect(all == [mapped, .unmapped] && empty.table.isEmpty)
    }

    @Test func `one without the other is none`() throws {
        let (answers, router) = try carryOut([.map]) { $0.errorForUDP = 718 }
        #expect(answers == [.failed(.outOfResources)] && router.table.isEmpty)
    }

    @Test func `a service at another address than the router's is left alone`() throws {
        let (answers, router) = try carryOut([.map]) { $0.base = "http://127.79.0.1:1" }
        #expect(answers == [.failed(.silent)] && router.table.isEmpty)
    }
}
