import CairnBase
import CairnWire
import Testing

@testable import CairnGossip

@Suite struct MembershipTests {
    @Test(arguments: 0..<3 as Range<UInt64>)
    func `a cold start agrees within seconds, and then is quiet`(seed: UInt64) {
        var network = MembershipNetwork(count: 24, seed: seed)
        network.pass(.seconds(3))
        #expect(network.allAgree)
        network.pass(.seconds(10))
        let before = network.sent
        network.pass(.seconds(20))
        #expect(network.allAgree)
        #expect(network.deaths.isEmpty)
        // Two probes and two answers per second, and now and then a digest.
        #expect((network.sent - before) / 24 / 20 < 6)
    }

    @Test func `whoever stops is dead to all soon, and to nobody else`() {
        var network = MembershipNetwork(count: 24, seed: 7)
        network.pass(.seconds(5))
        let stopped = network.now
        network.isDown = [5]
        network.pass(.seconds(8))
        #expect(Set(network.deaths.map(\.observer)).count == 23)
        #expect(network.deaths.allSatisfy { $0.subject == network.nodes[5].node })
        #expect(network.deaths.allSatisfy { $0.at.since(stopped) < .seconds(6) })
        network.isDown = []
        network.nodes[5] = Membership(
            own: MembershipNetwork.record(5, sequence: MembershipNetwork.unix + 60_000), chain: MembershipNetwork.chain,
            unixMilliseconds: MembershipNetwork.unix + 13_000, random: SeededRandom(seed: 99), at: network.now)
        network.input(.start(seeds: [network.endpoints[0]]), to: 5)
        network.pass(.seconds(4))
        #expect(network.allAgree)
    }

    @Test func `a fifth of all datagrams lost kills nobody`() {
        var network = MembershipNetwork(count: 16, seed: 3)
        network.lossPPM = 200_000
        network.pass(.seconds(120))
        #expect(network.deaths.isEmpty)
        #expect(network.nodes.reduce(0) { $0 + $1.counters.suspicions } < 30)
        network.lossPPM = 0
        network.pass(.seconds(20))
        #expect(network.allAgree)
    }

    @Test func `two halves that were apart find one another again`() {
        var network = MembershipNetwork(count: 8, seed: 4)
        network.pass(.seconds(3))
        network.isDown = [0, 1, 2, 3]
        network.pass(.seconds(10))
        network.isDown = [4, 5, 6, 7]
        network.pass(.seconds(10))
        network.isDown = []
        for index in 0..<8 { network.input(.timer, to: index) }
        network.pass(.seconds(60))
        #expect(network.allAgree)
    }

    private typealias Network = MembershipNetwork

    /// One node that met another, and nothing else.
    private func acquainted() -> (core: Membership, friend: NodeRecord) {
        var core = Membership(
            own: Network.record(0), chain: Network.chain, unixMilliseconds: Network.unix,
            random: SeededRandom(seed: 1), at: .origin)
        let friend = Network.record(1)
        var effects: [MembershipEffect] = []
        core.handle(.introduced(Network.verified(friend), at: Network.endpoint(1)), at: .origin, into: &effects)
        core.handle(
            .received(.acknowledgement(number: 0), from: friend.node, at: Network.endpoint(1)), at: .origin,
            into: &effects)
        return (core, friend)
    }

    private func tell(_ core: inout Membership, _ record: NodeRecord, by friend: NodeRecord) {
        var effects: [MembershipEffect] = []
        core.handle(.checked(Network.verified(record), from: friend.node), at: .origin + .seconds(1), into: &effects)
    }

    @Test func `records from the future, of nowhere and of private places are refused`() {
        var (core, friend) = acquainted()
        #expect(core.count(.alive) == 1)
        let far = Network.record(2, sequence: Network.unix + 600_000 + 2_000)
        let nowhere = Network.record(2, at: Endpoint(IPAddress(v4: 0xe000_0001), port: 7470))
        let portless = Network.record(2, at: Endpoint(IPAddress(v4: 0x2000_0001), port: 0))
        let inside = Network.record(2, at: Endpoint(IPAddress(v4: 0x0a00_0001), port: 7470))
        for record in [far, Network.record(2, sequence: .max), nowhere, portless, inside] {
            tell(&core, record, by: friend)
        }
        #expect(core.members.count == 1)
        #expect(core.counters.refusedRecords == 5)
        tell(&core, Network.record(2), by: friend)
        #expect(core.members.count == 2)
        #expect(core.count(.known) == 1)
        // Not alive, so not told to others.
        #expect(core.digest != ViewDigest() && core.references(in: .max).count == 2)
    }

    @Test func `strangers are not heard, and nobody is dead on hearsay`() {
        var (core, friend) = acquainted()
        let victim = Network.record(2)
        tell(&core, victim, by: friend)
        var effects: [MembershipEffect] = []
        var now = Instant.origin + .seconds(2)
        core.handle(
            .received(.acknowledgement(number: 0), from: victim.node, at: Network.endpoint(2)), at: now,
            into: &effects)
        #expect(core.count(.alive) == 2)
        for _ in 0..<200 {
            now = now + .milliseconds(50)
            effects = []
            let lie = MembershipMessage.Suspicion(
                subject: victim.node.shortNumber, sequence: victim.content.sequence, isFirstHand: true)
            core.handle(
                .received(.suspicion(lie), from: friend.node, at: Network.endpoint(1)), at: now, into: &effects)
            core.handle(
                .received(.suspicion(lie), from: Network.record(9).node, at: Network.endpoint(9)), at: now,
                into: &effects)
            core.handle(.timer, at: now, into: &effects)
            for case .send(.ping(let number, _), victim.node) in effects {
                core.handle(
                    .received(.acknowledgement(number: number), from: victim.node, at: Network.endpoint(2)), at: now,
                    into: &effects)
            }
        }
        #expect(core.count(.alive) == 2)
        #expect(core.counters.deaths == 0)
        #expect(core.counters.unheeded > 100)
        #expect(!core.members.contains(Network.record(9).node))
    }

    @Test func `a suspicion is refuted by a newer record, at most once per second`() {
        var (core, friend) = acquainted()
        var signed: [UInt64] = []
        for step in 0..<40 as Range<UInt64> {
            let now = Instant.origin + .milliseconds(2_000 + step * 100)
            var effects: [MembershipEffect] = []
            let lie = MembershipMessage.Suspicion(
                subject: core.node.shortNumber, sequence: core.own.content.sequence, isFirstHand: true)
            core.handle(.received(.suspicion(lie), from: friend.node, at: Network.endpoint(1)), at: now, into: &effects)
            for case .sign(let sequence) in effects {
                signed.append(sequence)
                core.handle(.signed(Network.record(0, sequence: sequence)), at: now, into: &effects)
            }
        }
        #expect(signed.count == 4)
        #expect(signed == signed.sorted() && Set(signed).count == 4)
    }

    /// A member with room for twenty others, and for sixteen once its view is partial.
    private func narrowView() -> Membership {
        var settings = MembershipSettings()
        (settings.limits.fullView, settings.limits.activeView, settings.limits.passiveView) = (20, 4, 12)
        return Membership(
            own: Network.record(0), chain: Network.chain, unixMilliseconds: Network.unix,
            random: SeededRandom(seed: 1), settings: settings, at: .origin)
    }

    @Test func `a flood of names does not grow the table`() {
        var core = narrowView()
        var effects: [MembershipEffect] = []
        core.handle(.start(seeds: []), at: .origin, into: &effects)
        var now = Instant.origin
        for index in 1..<300 {
            now = now + .milliseconds(20)
            let record = Network.record(index)
            core.handle(.introduced(Network.verified(record), at: Network.endpoint(index)), at: now, into: &effects)
            core.handle(
                .received(.ping(number: 1, doubt: 0), from: record.node, at: Network.endpoint(index)), at: now,
                into: &effects)
            core.handle(.timer, at: now, into: &effects)
            #expect(core.members.count <= 20)
        }
        #expect(core.view.isPartial)
        #expect(core.membersToProbe.count == 4)
    }

    @Test func `a machine with many names pushes out its own`() {
        var core = narrowView()
        func meet(_ index: Int, at place: Endpoint, answers: Bool = true) {
            var effects: [MembershipEffect] = []
            let now = Instant.origin + .milliseconds(UInt64(index))
            let record = Network.record(index)
            core.handle(.introduced(Network.verified(record), at: place), at: now, into: &effects)
            guard answers else { return }
            core.handle(.received(.ping(number: 1, doubt: 0), from: record.node, at: place), at: now, into: &effects)
        }
        for index in 1...10 {
            meet(index, at: Endpoint(IPAddress(v4: 0x2000_0001 + UInt32(index) << 16), port: 7_470))
        }
        for index in 11...200 {
            meet(index, at: Endpoint(IPAddress(v4: 0x6000_0001), port: UInt16(index)))
        }
        #expect(core.members.count <= 20)
        #expect((1...10).allSatisfy { core.members.contains(Network.record($0).node) })
        // One that was only heard of has its time to answer, however many of the crowd come meanwhile.
        meet(201, at: Endpoint(IPAddress(v4: 0x2100_0001), port: 7_470), answers: false)
        for index in 202...220 { meet(index, at: Endpoint(IPAddress(v4: 0x6000_0001), port: UInt16(index))) }
        #expect(core.members.contains(Network.record(201).node))
    }

    @Test
    func `whoever is banned is no member, whatever others say of it, and comes back when it is not banned any more`() {
        var network = MembershipNetwork(count: 8, seed: 3)
        network.pass(.seconds(5))
        var banned = Banned()
        banned.nodes.insert(network.nodes[5].node)
        banned.addresses.insert(network.endpoints[6].address)
        network.input(.banned(banned), to: 1)
        for _ in 0..<40 {
            network.pass(.seconds(1))
            #expect(!network.nodes[1].members.contains(network.nodes[5].node))
            #expect(!network.nodes[1].members.contains(network.nodes[6].node))
        }
        #expect(network.nodes[1].count(.alive) == 5)
        #expect(network.nodes[2].count(.alive) == 7, "a ban is nobody else's business")
        network.input(.banned(Banned()), to: 1)
        network.pass(.seconds(30))
        #expect(network.nodes[1].count(.alive) == 7)
    }
}
