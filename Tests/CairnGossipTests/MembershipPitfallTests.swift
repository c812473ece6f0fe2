import CairnBase
import CairnWire
import Testing

@testable import CairnGossip

/// What lets one member mislead, evict or exhaust others in membership protocols without identities.
@Suite struct MembershipPitfallTests {
    private typealias Network = MembershipNetwork

    /// A node that met some others, all of them alive.
    private struct Desk {
        var core: Membership
        var now = Instant.origin
        var effects: [MembershipEffect] = []

        init(friends: Int) {
            core = Membership(
                own: Network.record(0), chain: Network.chain, unixMilliseconds: Network.unix,
                random: SeededRandom(seed: 1), at: .origin)
            give(.start(seeds: []))
            for index in 0..<friends { meet(1 + index) }
        }

        mutating func meet(_ index: Int, at endpoint: Endpoint? = nil) {
            let place = endpoint ?? Network.endpoint(index)
            give(.introduced(Network.verified(Network.record(index)), at: place))
            hear(.acknowledgement(number: 0), from: index, at: place)
        }

        mutating func give(_ input: MembershipInput) {
            effects = []
            core.handle(input, at: now, into: &effects)
        }

        mutating func hear(_ message: MembershipMessage, from index: Int, at endpoint: Endpoint? = nil) {
            give(.received(message, from: Network.record(index).node, at: endpoint ?? Network.endpoint(index)))
        }

        var signed: [UInt64] { effects.compactMap { if case .sign(let sequence) = $0 { sequence } else { nil } } }
    }

    @Test(arguments: [.max, .max - 1, 1 << 63, Network.unix + 1_200_000] as [UInt64])
    func `an incarnation at the end of numbers is ignored, and cannot make our own record one that nobody takes`(
        sequence: UInt64
    ) {
        var desk = Desk(friends: 2)
        let us = desk.core.node.shortNumber
        for _ in 0..<5 {
            desk.now = desk.now + .seconds(2)
            desk.hear(.ping(number: 1, doubt: sequence), from: 1)
            #expect(desk.signed.isEmpty)
            desk.hear(.suspicion(.init(subject: us, sequence: sequence, isFirstHand: true)), from: 1)
            #expect(desk.signed.isEmpty)
            desk.give(.checked(Network.verified(Network.record(0, sequence: sequence)), from: Network.record(1).node))
            #expect(desk.signed.isEmpty)
            desk.give(.checked(Network.verified(Network.record(2, sequence: sequence)), from: Network.record(1).node))
            #expect(desk.core.members[Network.record(2).node]?.sequence == Network.unix)
        }
        // A true doubt is still answered, by a record that others take.
        desk.now = desk.now + .seconds(2)
        desk.hear(.ping(number: 2, doubt: desk.core.own.content.sequence), from: 1)
        let limit = desk.core.unixMilliseconds(desk.now) + Limits.Membership().clockAhead.milliseconds
        #expect(desk.signed.count == 1 && desk.signed.allSatisfy { $0 <= limit })
    }

    @Test func `a liar that names sequences a little ahead for an hour cannot push our record out of what others take`()
    {
        var desk = Desk(friends: 2)
        for _ in 0..<3_600 {
            desk.now = desk.now + .seconds(1)
            let doubt = desk.core.unixMilliseconds(desk.now) + 299_000
            desk.hear(.ping(number: 1, doubt: max(doubt, desk.core.own.content.sequence)), from: 1)
            for sequence in desk.signed { desk.give(.signed(Network.record(0, sequence: sequence))) }
        }
        let ahead = desk.core.own.content.sequence - desk.core.unixMilliseconds(desk.now)
        #expect(ahead <= 301_000, "\(ahead) ms")
    }

    @Test func `a storm of suspicions from one key evicts nobody, though it says that all are dead`() {
        var network = Network(count: 12, seed: 5)
        network.pass(.seconds(5))
        for _ in 0..<100 {
            for subject in 1..<11 {
                let record = network.nodes[subject].own
                let lie = MembershipMessage.Suspicion(
                    subject: record.node.shortNumber, sequence: record.content.sequence, isFirstHand: true)
                for victim in 0..<11 where victim != subject {
                    network.input(
                        .received(.suspicion(lie), from: network.nodes[11].node, at: network.endpoints[11]), to: victim)
                }
            }
            network.pass(.milliseconds(300))
        }
        #expect(network.deaths.isEmpty)
        #expect(network.nodes.allSatisfy { $0.count(.alive) == 11 })
    }

    @Test
    func `a member that tells of ever new strangers is heard its fill and then once a second, the others as before`() {
        var desk = Desk(friends: 2)
        let (limits, told) = (Limits.Membership(), 2_000)
        func tell(_ strangers: Range<Int>, by informant: Int, asSample: Bool) -> Int {
            var checks = 0
            for index in strangers {
                let record = Network.record(100 + index)
                desk.hear(asSample ? .sample([record], answer: false) : .record(record), from: informant)
                checks += desk.effects.count { if case .check = $0 { true } else { false } }
            }
            return checks
        }
        #expect(tell(0..<told, by: 1, asSample: false) == limits.strangersAtOnce)
        #expect(tell(0..<told, by: 1, asSample: true) == 0)
        #expect(desk.core.counters.overtold == UInt64(2 * told - limits.strangersAtOnce))
        desk.now = desk.now + .seconds(10)
        #expect(tell(0..<told, by: 1, asSample: true) == 10)
        // Neither another's word nor what it says of those we know is held back.
        #expect(tell(0..<30, by: 2, asSample: false) == 30)
        desk.hear(.record(Network.record(2, sequence: Network.unix + 1)), from: 1)
        #expect(desk.effects.contains { if case .check = $0 { true } else { false } })
        #expect(desk.core.members.count == 2, "none of it is believed before it was checked")
    }

    @Test func `nobody takes over a member by a higher incarnation, for only the subject signs`() {
        var desk = Desk(friends: 2)
        let thief = Endpoint(IPAddress(v4: 0x3333_0001), port: 1)
        let takeover = Network.record(2, sequence: Network.unix + 1_000, at: thief)
        // What is told of others is to be checked first, and nothing of it is believed before.
        desk.hear(.record(takeover), from: 1)
        #expect(desk.effects.contains(.check(takeover, from: Network.record(1).node)))
        #expect(desk.core.members[Network.record(2).node]?.endpoint == Network.endpoint(2))
        // Even a true one, told by another, moves nobody who answers where it is.
        desk.give(.checked(Network.verified(takeover), from: Network.record(1).node))
        #expect(desk.core.members[Network.record(2).node]?.endpoint == Network.endpoint(2))
    }

    @Test
    func
        `records that send us to private, loopback, multicast or portless places are dropped when a public peer tells`()
    {
        var desk = Desk(friends: 1)
        let places: [(UInt32, UInt16)] = [
            (0x7f00_0001, 7_470), (0x0a00_0001, 7_470), (0xac10_0001, 7_470), (0xc0a8_0101, 7_470),
            (0xa9fe_0001, 7_470),
            (0xe000_0001, 7_470), (0xffff_ffff, 7_470), (0, 7_470), (0x2200_0001, 0),
        ]
        for (index, place) in places.enumerated() {
            let record = Network.record(100 + index, at: Endpoint(IPAddress(v4: place.0), port: place.1))
            desk.give(.checked(Network.verified(record), from: Network.record(1).node))
            #expect(!desk.effects.contains { if case .contact = $0 { true } else { false } })
        }
        #expect(desk.core.members.count == 1 && desk.core.counters.refusedRecords == UInt64(places.count))
        // Among those of one network it is where they are.
        desk.meet(2, at: Endpoint(IPAddress(v4: 0x0a00_0002), port: 7_470))
        let near = Network.record(200, at: Endpoint(IPAddress(v4: 0x0a00_0003), port: 7_470))
        desk.give(.checked(Network.verified(near), from: Network.record(2).node))
        #expect(desk.core.members.contains(near.node))
    }

    @Test func `a sample of more records than there may be is refused, and probes for others are bounded by who asks`()
    {
        let records = (0..<6).map { Network.record($0) }
        let bytes = MembershipMessage.sample(records, answer: true).encoded
        #expect(throws: DecodeError.self) { try MembershipMessage.decode(bytes, limit: MembershipMessage.byteLimit) }
        var desk = Desk(friends: 3)
        for number in 0..<10_000 as Range<UInt32> {
            desk.hear(.probe(number: number, subject: Network.record(2).node), from: 1)
        }
        #expect(desk.core.errands.count == Membership.errandsPerClient)
        desk.hear(.probe(number: 1, subject: Network.record(2).node), from: 3)
        #expect(desk.core.errands.count == Membership.errandsPerClient + 1, "others are still served")
        desk.now = desk.now + .seconds(30)
        desk.give(.timer)
        #expect(desk.core.errands.isEmpty)
    }

    @Test func `only the one that was asked answers for itself on another's errand`() {
        var desk = Desk(friends: 3)
        let (client, subject) = (Network.record(1).node, Network.record(2).node)
        desk.hear(.probe(number: 77, subject: subject), from: 1)
        var number: UInt32?
        for case .send(.ping(let asked, _), subject) in desk.effects { number = asked }
        guard let number else { return #expect(Bool(false), "nobody was asked") }
        desk.hear(.acknowledgement(number: number), from: 3)
        #expect(!desk.effects.contains(.send(.probed(number: 77, answered: true), to: client)))
        desk.hear(.acknowledgement(number: number), from: 2)
        #expect(desk.effects.contains(.send(.probed(number: 77, answered: true), to: client)))
    }

    @Test func `a newer record that names no address is taken from a member whose place is known`() {
        var desk = Desk(friends: 2)
        let old = Network.record(1).content
        let content = NodeRecord.Content(
            chain: Network.chain, node: old.node, datagramKey: old.datagramKey, sequence: old.sequence + 5,
            addresses: [])
        let record = NodeRecord(content, signature: Signature(r: .zero, s: .zero))
        desk.give(.checked(Network.verified(record), from: Network.record(2).node))
        #expect(desk.core.members[old.node]?.sequence == old.sequence + 5)
        #expect(desk.core.members[old.node]?.endpoint == Network.endpoint(1))
        // Of a stranger nothing is known to fall back to.
        let stranger = NodeRecord.Content(
            chain: Network.chain, node: Network.record(9).node, datagramKey: old.datagramKey, sequence: old.sequence,
            addresses: [])
        desk.give(
            .checked(
                Network.verified(NodeRecord(stranger, signature: Signature(r: .zero, s: .zero))),
                from: Network.record(2).node))
        #expect(desk.core.members[Network.record(9).node] == nil)
    }

    @Test func `whoever is refused as a member is forgotten below as well`() {
        var desk = Desk(friends: 1)
        let ahead = Network.record(5, sequence: Network.unix + 1_200_000)
        desk.give(.introduced(Network.verified(ahead), at: Network.endpoint(5)))
        #expect(desk.effects.contains(.forget(ahead.node)) && desk.core.members[ahead.node] == nil)
    }

    @Test func `a thousand names that never answer make no network large, and leave room to miss those who did`() {
        var desk = Desk(friends: 20)
        for index in 100..<1_100 {
            desk.give(.checked(Network.verified(Network.record(index)), from: Network.record(1).node))
        }
        #expect(!desk.core.view.isPartial && desk.core.probes.count <= 96)
        #expect((1...20).allSatisfy { desk.core.members[Network.record($0).node]?.state == .alive })
    }

    @Test func `who lists an older record of itself than we hold is shown the newer one`() {
        var desk = Desk(friends: 2)
        let held = Network.record(1, sequence: Network.unix + 200_000)
        desk.give(.checked(Network.verified(held), from: Network.record(2).node))
        desk.hear(.listing(groups: .max, [.init(member: held.node.shortNumber, sequence: Network.unix)]), from: 1)
        #expect(desk.effects.contains(.send(.record(held), to: held.node)))
    }

    /// How long a member that was heard just now may say nothing before it is dead.
    private func silence(_ desk: inout Desk, _ now: inout Instant) -> TimeSpan {
        desk.now = now
        desk.hear(.acknowledgement(number: 0), from: 1)
        let since = now
        while desk.core.members[Network.record(1).node]?.state != .dead, now.since(since) < .seconds(60) {
            now = now + .milliseconds(50)
            desk.now = now
            desk.give(.timer)
        }
        return now.since(since)
    }

    @Test func `who stands still again and again is given longer, until it was well for long or began anew`() {
        var desk = Desk(friends: 1)
        var now = desk.now
        func expect(_ seconds: UInt64) {
            let span = silence(&desk, &now)
            // Up to one probe that was under way, and a period until the next.
            #expect(span >= .seconds(seconds) && span < .seconds(seconds + 3), "\(span) instead of \(seconds) s")
        }
        for seconds in [2, 4, 8, 16, 16] as [UInt64] { expect(seconds) }
        now = now + .seconds(601)
        expect(8)
        let anew = NodeRecord.Content(
            chain: Network.chain, node: Network.record(1).node, datagramKey: Network.record(2).content.datagramKey,
            sequence: Network.unix + now.nanoseconds / 1_000_000, addresses: [Network.endpoint(1)])
        desk.now = now
        desk.give(
            .introduced(
                Network.verified(NodeRecord(anew, signature: Signature(r: .zero, s: .zero))), at: Network.endpoint(1)))
        expect(2)
    }
}
