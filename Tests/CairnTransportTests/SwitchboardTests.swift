import CairnBase
import Testing

@testable import CairnTransport

private func node(_ number: UInt8) -> NodeID {
    NodeID(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero)
}

private func address(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16 = 7470) -> Endpoint {
    Endpoint(IPAddress(v4: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)), port: port)
}

private func second(_ count: UInt64) -> Instant { .origin + .seconds(count) }

/// A switchboard with a clock and a list of what it wanted.
private final class Desk {
    var board: Switchboard
    var now = second(1_000)
    var wanted: [Switchboard.Effect] = []

    init(_ own: UInt8 = 100, seed: UInt64 = 1, _ change: (inout Limits.Connections) -> Void = { _ in }) {
        var limits = Limits.Connections()
        change(&limits)
        board = Switchboard(node(own), limits: limits, random: SeededRandom(seed: seed))
    }

    @discardableResult
    func give(_ input: Switchboard.Input) -> [Switchboard.Effect] {
        var effects: [Switchboard.Effect] = []
        board.handle(input, at: now, into: &effects)
        wanted += effects
        return effects
    }

    func arrive(from endpoint: Endpoint) -> (id: LinkID, refusal: Switchboard.Refusal?) {
        let id = board.newLink()
        for case .refuse(id, let refusal) in give(.arrived(id, from: endpoint)) { return (id, refusal) }
        return (id, nil)
    }

    /// A member comes in and stays; nil when it did not get that far.
    func admit(_ number: UInt8, from endpoint: Endpoint) -> LinkID? {
        now = now + .seconds(1)
        let (id, refusal) = arrive(from: endpoint)
        guard refusal == nil else { return nil }
        give(.established(id, node(number)))
        give(.introduced(id))
        return board.phase(of: id) == .member && board.links[id]?.counts == true ? id : nil
    }

    func dials(_ effects: [Switchboard.Effect]) -> [LinkID] {
        effects.compactMap { if case .dial(let id, _) = $0 { id } else { nil } }
    }
}

@Suite struct SwitchboardTests {
    @Test func oneAddressAndOneNetworkGetTheirShareAndNoMore() {
        let desk = Desk()
        for _ in 0..<3 {
            desk.now = desk.now + .seconds(1)
            #expect(desk.arrive(from: address(1, 2, 3, 4)).refusal == nil)
        }
        desk.now = desk.now + .seconds(1)
        #expect(desk.arrive(from: address(1, 2, 3, 4)).refusal == .address)
        for host in 5..<10 as Range<UInt8> {
            desk.now = desk.now + .seconds(1)
            #expect(desk.arrive(from: address(1, 2, 3, host)).refusal == nil)
        }
        #expect(desk.arrive(from: address(1, 2, 3, 99)).refusal == .subnet)
        #expect(desk.arrive(from: address(1, 2, 4, 99)).refusal == nil)
    }

    @Test func arrivalsAreSlowedByAddressAndAltogether() {
        let desk = Desk {
            $0.perAddress = 1_000; $0.inboundPerSubnet24 = 1_000; $0.handshakes = 1_000
        }
        let fromOne = (0..<5).map { _ in desk.arrive(from: address(9, 9, 9, 9)).refusal }
        #expect(fromOne == [nil, nil, .addressRate, .addressRate, .addressRate])
        let fromMany = (0..<30).map { desk.arrive(from: address(10, 0, UInt8($0), 1)).refusal }
        #expect(fromMany.count { $0 == nil } == 18 && fromMany.suffix(12).allSatisfy { $0 == .rate })
        desk.now = desk.now + .milliseconds(500)
        #expect(desk.arrive(from: address(9, 9, 9, 9)).refusal == nil)
    }

    @Test func handshakesInFlightAreBounded() {
        let desk = Desk { $0.handshakesPerSecond = 1_000 }
        let refusals = (0..<40).map { desk.arrive(from: address(10, 0, UInt8($0), 1)).refusal }
        #expect(refusals.count { $0 == nil } == 32 && refusals.last == .handshakes)
    }

    @Test func whoSaysNoHelloBecomesAStrangerAndFewOfThemStay() throws {
        let desk = Desk { $0.strangers = 2 }
        var ids: [LinkID] = []
        for number in 1...3 as ClosedRange<UInt8> {
            desk.now = desk.now + .seconds(1)
            let (id, _) = desk.arrive(from: address(number, 1, 1, 1))
            desk.give(.established(id, node(number)))
            ids.append(id)
        }
        desk.now = desk.now + .seconds(10)
        let effects = desk.give(.timer)
        #expect(effects.contains(.close(ids[2], .tooManyStrangers)))
        #expect(desk.board.phase(of: ids[0]) == .stranger && desk.board.phase(of: ids[1]) == .stranger)
        // A late hello is still welcome.
        #expect(desk.give(.introduced(ids[0])).contains(.connected(node(1), ids[0])))
    }

    @Test func aStrangerGoesFirstAndMeritKeepsASlot() throws {
        let desk = Desk {
            $0.inbound = 3; $0.protectedPerMerit = 1
        }
        let first = try #require(desk.admit(1, from: address(1, 1, 1, 1)))
        let second = try #require(desk.admit(2, from: address(2, 1, 1, 1)))
        var merit = Switchboard.Merit()
        merit.roundTrip = .milliseconds(5)
        desk.give(.measured(second, merit))
        let (stranger, _) = desk.arrive(from: address(3, 1, 1, 1))
        desk.give(.established(stranger, node(3)))
        desk.give(.strange(stranger))
        // The fourth takes the stranger's slot, the fifth that of the only one without a merit.
        let fourth = try #require(desk.admit(4, from: address(4, 1, 1, 1)))
        #expect(desk.wanted.contains(.close(stranger, .evicted)))
        // `second` is nearest, `first` stands first in messages, `fourth` is left over for age: nobody is open.
        #expect(desk.admit(5, from: address(5, 1, 1, 1)) == nil)
        #expect(desk.board.current.count == 3)
        #expect([first, second, fourth].allSatisfy { desk.board.links[$0]?.counts == true })
    }

    @Test func pausesGrowAndAShortConnectionDoesNotResetThem() throws {
        let desk = Desk()
        var dialled = desk.dials(desk.give(.keep(PeerAddress(node(1), at: address(1, 1, 1, 1)), isConfigured: true)))
        var pauses: [TimeSpan] = []
        for round in 0..<12 {
            let id = try #require(dialled.first)
            if round == 6 {
                desk.give(.established(id, node(1)))
                desk.give(.introduced(id))
            }
            desk.give(.ended(id, .broken))
            let next = try #require(desk.board.nextTry(of: node(1))).at
            pauses.append(next.since(desk.now))
            desk.now = next
            dialled = desk.dials(desk.give(.timer))
        }
        for (index, pause) in pauses.enumerated() {
            let base = min(TimeSpan.seconds(15), TimeSpan.milliseconds(250) * (1 << UInt64(index)))
            #expect(pause >= base && pause.nanoseconds <= base.nanoseconds / 2 * 3)
        }
        let id = try #require(dialled.first)
        desk.give(.established(id, node(1)))
        desk.give(.introduced(id))
        desk.now = desk.now + .seconds(11)
        #expect(desk.give(.ended(id, .broken)).contains(.disconnected(node(1))))
        let next = try #require(desk.board.nextTry(of: node(1)))
        #expect(next.at.since(desk.now) < .milliseconds(376))
    }

    @Test func whoDoesNotFitIsTriedSeldom() throws {
        let desk = Desk()
        let id = try #require(
            desk.dials(desk.give(.keep(PeerAddress(node(1), at: address(1, 1, 1, 1)), isConfigured: true))).first)
        desk.give(.established(id, node(1)))
        desk.give(.ended(id, .misfit))
        #expect(try #require(desk.board.nextTry(of: node(1))).at.since(desk.now) >= .seconds(60))
    }

    @Test func chosenPeersAreFromDifferentDistrictsAndWithinTheSlots() {
        let desk = Desk { $0.outbound = 3 }
        var dialled: [LinkID] = []
        for number in 1...6 as ClosedRange<UInt8> {
            let place = address(number / 2 + 1, 1, number, 1)
            dialled += desk.dials(desk.give(.keep(PeerAddress(node(number), at: place), isConfigured: false)))
        }
        #expect(dialled.count == 3)
        // Configured ones are exempt; a slot that becomes free is used at once.
        dialled += desk.dials(desk.give(.keep(PeerAddress(node(9), at: address(1, 1, 9, 1)), isConfigured: true)))
        #expect(dialled.count == 4)
        #expect(desk.dials(desk.give(.ended(dialled[0], .broken))).count == 1)
    }

    /// Dials that are under way when the clock has run for a while, timers and all.
    private func pass(_ desk: Desk, _ seconds: UInt64) -> [LinkID] {
        (0..<seconds * 4).flatMap { _ in
            desk.now = desk.now + .milliseconds(250)
            return desk.dials(desk.give(.timer))
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt8>)
    func `a machine with many names is chosen no more often than one with one`(seed: UInt8) {
        let desk = Desk(seed: UInt64(seed)) { $0.outboundAtOnce = 4 }
        var dialled: [LinkID] = []
        // First comes whoever has most to say.
        for number in 1...200 as ClosedRange<UInt8> {
            let place = address(9, number % 4, 1, 1, port: UInt16(number))
            dialled += desk.dials(desk.give(.keep(PeerAddress(node(number), at: place), isConfigured: false)))
        }
        #expect(dialled.count == 4)
        for number in 201...240 as ClosedRange<UInt8> {
            let place = address(20, number, 1, 1)
            dialled += desk.dials(desk.give(.keep(PeerAddress(node(number), at: place), isConfigured: false)))
        }
        #expect(dialled.count == 4)
        dialled += pass(desk, 20)
        #expect(dialled.count == 16)
        #expect(dialled.count { (desk.board.dialled(by: $0) ?? node(0)) > node(200) } == 12)
    }

    @Test func `names of the fullest district make room among the wanted`() {
        let desk = Desk { ($0.wanted, $0.outbound) = (10, 0) }
        for number in 1...30 as ClosedRange<UInt8> {
            _ = desk.give(.keep(PeerAddress(node(number), at: address(9, number % 2, 1, number)), isConfigured: false))
        }
        for number in 31...36 as ClosedRange<UInt8> {
            _ = desk.give(.keep(PeerAddress(node(number), at: address(20, number, 1, 1)), isConfigured: false))
        }
        let wanted = Set(desk.board.wanted.map(\.node))
        #expect(wanted.count == 10)
        #expect((31...36).allSatisfy { wanted.contains(node($0)) })
    }

    @Test func `a timer that an earlier one outdid sets no other`() {
        let desk = Desk { ($0.outbound, $0.outboundAtOnce, $0.rotation) = (1, 1, .seconds(600)) }
        func timers(_ input: Switchboard.Input) -> [Instant] {
            desk.give(input).compactMap { if case .setTimer(let at) = $0 { at } else { nil } }
        }
        _ = timers(.keep(PeerAddress(node(1), at: address(1, 1, 1, 1)), isConfigured: false))
        let rotation = timers(.timer)
        #expect(rotation == [desk.now + .seconds(600)])
        // A handshake that ends sooner has a timer of its own; the long one is still to come.
        let link = desk.board.newLink()
        _ = timers(.arrived(link, from: address(2, 2, 2, 2)))
        let soon = timers(.established(link, node(2)))
        #expect(soon == [desk.now + .seconds(10)])
        desk.now = desk.now + .seconds(5)
        #expect(timers(.timer) == [])
    }

    @Test func `one slot passes on when others wait`() throws {
        let desk = Desk { ($0.outbound, $0.outboundAtOnce, $0.rotation) = (3, 3, .seconds(60)) }
        var links: [LinkID] = []
        for number in 1...4 as ClosedRange<UInt8> {
            links += desk.dials(
                desk.give(.keep(PeerAddress(node(number), at: address(number, 1, 1, 1)), isConfigured: false)))
        }
        #expect(links.count == 3)
        for id in links {
            desk.now = desk.now + .seconds(1)
            _ = desk.give(.established(id, try #require(desk.board.dialled(by: id))))
            _ = desk.give(.introduced(id))
        }
        #expect(pass(desk, 50).isEmpty)
        let next = pass(desk, 20)
        #expect(next.count == 1)
        #expect(next.first.flatMap { desk.board.dialled(by: $0) } == node(4))
        #expect(desk.board.phase(of: links[0]) == .member)
    }

    /// Two nodes that dial each other at once, over a network that delivers in any order, end with one connection that
    /// both take for the same.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func oneOfTwoSimultaneousDialsSurvivesOnBothSides(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let ends = [Desk(1, seed: seed), Desk(2, seed: seed + 1)]
        let places = [address(1, 1, 1, 1), address(2, 1, 1, 1)]
        /// What each end calls a connection, and the events that are on their way to it, in order per connection.
        struct Wire { var ids: [LinkID?]; var toEnd: [[Switchboard.Input]] }
        var wires: [Wire] = []
        func carry(_ effects: [Switchboard.Effect], of end: Int) {
            for effect in effects {
                switch effect {
                case .dial(let id, _):
                    let other = ends[1 - end].board.newLink()
                    var wire = Wire(ids: [nil, nil], toEnd: [[], []])
                    (wire.ids[end], wire.ids[1 - end]) = (id, other)
                    wire.toEnd[1 - end] = [
                        .arrived(other, from: places[end]), .established(other, node(UInt8(end + 1))),
                        .introduced(other),
                    ]
                    wire.toEnd[end] = [.established(id, node(UInt8(2 - end))), .introduced(id)]
                    wires.append(wire)
                case .close(let id, _), .refuse(let id, _):
                    guard let index = wires.firstIndex(where: { $0.ids[end] == id }) else { continue }
                    wires[index].toEnd[end] = [.ended(id, .broken)]
                    // What the other end has been sent before the close still arrives first.
                    if let there = wires[index].ids[1 - end] {
                        wires[index].toEnd[1 - end].append(.ended(there, .broken))
                    }
                default: break
                }
            }
        }
        for end in 0..<2 {
            let target = PeerAddress(node(UInt8(2 - end)), at: places[1 - end])
            carry(ends[end].give(.keep(target, isConfigured: true)), of: end)
        }
        for _ in 0..<200 {
            let open = wires.indices.flatMap { wire in (0..<2).map { (wire, $0) } }.filter {
                !wires[$0.0].toEnd[$0.1].isEmpty
            }
            guard !open.isEmpty else { break }
            let (wire, end) = open[Int(random.below(UInt64(open.count)))]
            let input = wires[wire].toEnd[end].removeFirst()
            for index in 0..<2 { ends[index].now = ends[index].now + .milliseconds(random.below(20)) }
            carry(ends[end].give(input), of: end)
            if case .ended = input { wires[wire].toEnd[end] = [] }
        }
        let left = (0..<2).map { end in ends[end].board.current[node(UInt8(2 - end))] }
        #expect(left[0] != nil && left[1] != nil)
        #expect(wires.contains { $0.ids[0] == left[0] && $0.ids[1] == left[1] })
    }

    @Test func aPeerThatCameBackReplacesItsDeadConnection() throws {
        let desk = Desk(1)
        let old = try #require(
            desk.dials(desk.give(.keep(PeerAddress(node(2), at: address(2, 1, 1, 1)), isConfigured: true))).first)
        desk.give(.established(old, node(2)))
        desk.give(.introduced(old))
        desk.now = desk.now + .seconds(60)
        let (new, _) = desk.arrive(from: address(2, 1, 1, 1))
        let effects = desk.give(.established(new, node(2)))
        #expect(effects.contains(.close(old, .replaced)) && effects.contains(.disconnected(node(2))))
        #expect(desk.give(.introduced(new)).contains(.connected(node(2), new)))
    }

    @Test(arguments: [0, 1])
    func `who is visited stays until it is left, whatever slots are taken`(slots: Int) {
        let desk = Desk { $0.outbound = slots }
        let place = PeerAddress(node(1), at: address(9, 1, 1, 1))
        let dialled = desk.dials(desk.give(.visit(place)))
        #expect(dialled.count == 1)
        guard let id = dialled.first else { return }
        #expect(desk.dials(desk.give(.visit(place))).isEmpty, "it is under way")
        desk.give(.established(id, node(1)))
        #expect(desk.give(.introduced(id)).contains(.connected(node(1), id)))
        #expect(desk.dials(desk.give(.visit(place))).isEmpty, "it is there")
        #expect(desk.give(.leave(node(1))).contains(.close(id, .visited)) == (slots == 0))
        #expect(desk.give(.leave(node(1))).isEmpty, "once")
        // Few at once, and who never came is given up as well.
        let others = (2...40 as ClosedRange<UInt8>).flatMap {
            desk.dials(desk.give(.visit(PeerAddress(node($0), at: address(9, $0, 1, 1)))))
        }
        #expect(others.count == 16)
        #expect(desk.give(.leave(node(2))).contains(.close(others[0], .visited)))
    }

    @Test(arguments: [0, 1])
    func `who is dialled as a test stays only where a slot is free`(slots: Int) {
        let desk = Desk { $0.outbound = slots }
        let dialled = desk.dials(desk.give(.probe(PeerAddress(node(1), at: address(9, 1, 1, 1)))))
        #expect(dialled.count == 1)
        guard let id = dialled.first else { return }
        // Nobody is dialled twice at once, and few at once.
        #expect(desk.dials(desk.give(.probe(PeerAddress(node(1), at: address(9, 1, 1, 1))))).isEmpty)
        let others = (2...9 as ClosedRange<UInt8>).flatMap {
            desk.dials(desk.give(.probe(PeerAddress(node($0), at: address(9, $0, 1, 1)))))
        }
        #expect(others.count == 3)
        desk.give(.established(id, node(1)))
        let effects = desk.give(.introduced(id))
        #expect(effects.contains(.connected(node(1), id)) == (slots == 1))
        #expect(effects.contains(.close(id, .tested)) == (slots == 0))
        // Once it has ended nobody dials it again.
        desk.give(.ended(id, .broken))
        desk.now = desk.now + .seconds(600)
        #expect(desk.dials(desk.give(.timer)).isEmpty)
    }
}
