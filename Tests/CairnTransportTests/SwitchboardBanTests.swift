import CairnBase
import Testing

@testable import CairnTransport

/// Whoever is banned is not let in, not dialled, and not kept.
@Suite struct SwitchboardBanTests {
    private static let peer = node(1)
    private static let place = Endpoint(IPAddress(v4: 0x0102_0304), port: 7_470)
    private static let elsewhere = Endpoint(IPAddress(v4: 0x0202_0304), port: 7_470)

    private static func node(_ number: UInt8) -> NodeID {
        NodeID(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero)
    }

    private static func banned(_ change: (inout Banned) -> Void) -> Banned {
        var banned = Banned()
        change(&banned)
        return banned
    }

    private struct Desk {
        var board = Switchboard(
            SwitchboardBanTests.node(100), limits: Limits.Connections(), random: SeededRandom(seed: 1))
        var now = Instant.origin + .seconds(1_000)

        mutating func give(_ input: Switchboard.Input) -> [Switchboard.Effect] {
            var effects: [Switchboard.Effect] = []
            board.handle(input, at: now, into: &effects)
            return effects.filter { if case .setTimer = $0 { false } else { true } }
        }

        mutating func admit(_ peer: NodeID, from endpoint: Endpoint) -> LinkID {
            now = now + .seconds(1)
            let id = board.newLink()
            _ = give(.arrived(id, from: endpoint))
            _ = give(.established(id, peer))
            _ = give(.introduced(id))
            return id
        }
    }

    @Test func `a banned peer loses its connection and its next one as soon as it proves its key`() {
        var desk = Desk()
        let (first, other) = (desk.admit(Self.peer, from: Self.place), desk.admit(Self.node(2), from: Self.elsewhere))
        let effects = desk.give(.banned(Self.banned { $0.nodes.insert(Self.peer) }))
        #expect(effects == [.disconnected(Self.peer), .close(first, .banned)])
        #expect(desk.board.phase(of: other) == .member)
        desk.now = desk.now + .seconds(1)
        let again = desk.board.newLink()
        #expect(desk.give(.arrived(again, from: Self.elsewhere)).isEmpty, "its key is not known yet")
        #expect(desk.give(.established(again, Self.peer)) == [.close(again, .banned)])
        _ = desk.give(.banned(Banned()))
        let back = desk.admit(Self.peer, from: Self.place)
        #expect(desk.board.phase(of: back) == .member)
    }

    @Test func `nobody at a banned address is heard, and none stays`() {
        var desk = Desk()
        let links = (1...2).map { desk.admit(Self.node($0), from: Self.place) }
        let banned = Self.banned { $0.addresses.insert(Self.place.address) }
        let closed = desk.give(.banned(banned)).filter { if case .close = $0 { true } else { false } }
        #expect(closed == links.map { .close($0, .banned) })
        desk.now = desk.now + .seconds(10)
        let id = desk.board.newLink()
        #expect(desk.give(.arrived(id, from: Endpoint(Self.place.address, port: 9))) == [.refuse(id, .banned)])
    }

    @Test func `nobody banned is dialled for any reason, also not if the operator had wished for it before`() {
        var desk = Desk()
        let wanted = PeerAddress(Self.peer, at: Self.place)
        #expect(desk.give(.keep(wanted, isConfigured: true)).count == 1)
        for banned in [
            Self.banned { $0.nodes.insert(Self.peer) }, Self.banned { $0.addresses.insert(Self.place.address) },
        ] {
            _ = desk.give(.banned(banned))
            #expect(desk.board.wanted.isEmpty)
            for input in [
                .keep(wanted, isConfigured: true), .keep(wanted, isConfigured: false), .probe(wanted), .visit(wanted),
            ] as [Switchboard.Input] {
                #expect(desk.give(input).isEmpty)
            }
            desk.now = desk.now + .seconds(3_600)
            #expect(desk.give(.timer).isEmpty)
        }
        _ = desk.give(.banned(Banned()))
        #expect(desk.give(.keep(wanted, isConfigured: false)).count == 1)
    }
}
