import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import Testing

@testable import CairnRuntime

/// What peers do over real sockets to make a node hold too much, or believe too much.
@Suite(.serialized) struct MeshPitfallTests {
    @Test func `a signed record of a third party that comes with identify is not stored, and nobody is dialled for it`()
        throws
    {
        let run = try LoopRun()
        let one = try NetworkMember(1, on: run.loop)
        let liar = try NetworkMember(2, on: run.loop)
        let third = NetworkMember.key(77)
        let place = Endpoint(IPAddress(v4: 0x0b00_0001), port: 7_470)
        liar.network.record = PeerRecord.seal(
            sequence: 9, addresses: [.tcp(place)].compactMap(\.self), key: third)
        var told: [AddressBookInput] = []
        one.network.onAddress = { told.append($0) }
        func look() {
            if one.status(of: liar.node)?.identity?.signedRecord.isEmpty == false, one.connected == [liar.node] {
                return run.finish()
            }
            run.loop.after(.milliseconds(5)) { look() }
        }
        liar.network.keep(one.address)
        look()
        try run.run()
        let subjects = told.compactMap { input -> NodeID? in
            switch input {
            case .reached(let node, _), .failed(let node), .joined(let node, _, _), .left(let node),
                .learned(let node, _, _, _), .listed(let node, _, _):
                node
            case .start, .banned, .timer: nil
            }
        }
        #expect(!subjects.isEmpty && subjects.allSatisfy { $0 == liar.node })
        #expect(one.network.counters.dialled == 0 && one.network.switchboard.wanted.isEmpty)
        #expect(one.network.status.map(\.node) == [liar.node])
        one.network.close()
        liar.network.close()
    }

    /// A reader whose window never opens while messages flow by topic.
    @Test func `a stalled reader of gossip makes us hold its queue and no more, others hear on, and it is closed`()
        throws
    {
        let run = try LoopRun()
        let limits = Limits.Gossip()
        var shells: [PubSubShell] = []
        func member(_ number: UInt8, _ change: (inout Limits) -> Void = { _ in }) throws -> NetworkMember {
            let member = try NetworkMember(number, on: run.loop, change)
            let key = NetworkMember.key(number)
            let shell = PubSubShell(on: run.loop, as: member.node, topics: [.blocks]) { key.sign($0) }
            shell.judge = { _, _, answer in answer(.accept) }
            member.network.add(shell)
            shells.append(shell)
            return member
        }
        let one = try member(1) { $0.connections.stalledWrite = .milliseconds(400) }
        let (stalled, fine) = (try member(2), try member(3))
        one.network.keep(stalled.address)
        one.network.keep(fine.address)
        var (most, number) = (0, UInt64(0))
        func pour() {
            for link in stalled.network.links.values { link.stopReading() }
            number += 1
            // What goes to every subscriber at once, and what is only announced to some.
            let bytes = number.isMultiple(of: 4) ? limits.message : 1_000
            shells[0].publish(.blocks, (0..<bytes).map { UInt8(truncatingIfNeeded: number >> UInt64($0 % 3 * 8)) })
            most = max(most, one.network.heldBytes)
            // On a busy machine a connection may end for want of time before that.
            let isClosed = one.status(of: stalled.node)?.lastEnd?.reason == "the peer stopped reading"
            if isClosed, shells[2].core.counters.accepted > 50 { return run.finish() }
            run.loop.after(.milliseconds(4)) { pour() }
        }
        func look() {
            if shells[0].core.subscribers(of: .blocks) == 2 { return pour() }
            run.loop.after(.milliseconds(5)) { look() }
        }
        look()
        try run.run()
        #expect(one.status(of: stalled.node)?.lastEnd?.reason == "the peer stopped reading")
        #expect(one.status(of: fine.node)?.state == .member)
        let queues = Limits().connections
        #expect(most <= 2 * (queues.blockQueue + queues.voteQueue + queues.controlQueue + queues.bulkQueue))
        #expect(shells[0].core.connected == [fine.node], "and what it was owed is gone with it")
        #expect(shells[0].core.traits(of: fine.node)?.isOfOurs == true, "it has said hello")
        for member in [one, stalled, fine] { member.network.close() }
    }

    /// Forged messages over a real link: told of with the address, and the link ends once the peer is banned.
    @Test func `whoever publishes five messages that are forged is an offender, and is cut off by a ban`() throws {
        let run = try LoopRun()
        let (one, liar) = (try NetworkMember(1, on: run.loop), try NetworkMember(2, on: run.loop))
        func shell(of member: NetworkMember, _ number: UInt8) -> PubSubShell {
            let key = NetworkMember.key(number)
            let shell = PubSubShell(on: run.loop, as: member.node, topics: [.blocks]) { key.sign($0) }
            member.network.add(shell)
            return shell
        }
        let (heard, said) = (shell(of: one, 1), shell(of: liar, 2))
        heard.judge = { _, _, answer in answer(.forged) }
        var offences: [(NodeID, IPAddress?)] = []
        heard.onOffence = { node, place in
            offences.append((node, place))
            run.loop.after(.zero) {
                var banned = Banned()
                banned.nodes.insert(node)
                one.network.obey(banned)
            }
        }
        var number: UInt8 = 0
        func look() {
            if one.network.counters.parted["banned"] != nil { return run.finish() }
            if said.core.subscribers(of: .blocks) == 1 {
                number &+= 1
                said.publish(.blocks, [number, 7])
            }
            run.loop.after(.milliseconds(5)) { look() }
        }
        liar.network.keep(one.address)
        look()
        try run.run()
        #expect(offences.map(\.0) == [liar.node] && offences.first?.1 == liar.endpoint.address)
        #expect(heard.core.score.deeds(of: liar.node).forged >= 5)
        #expect(one.network.members.isEmpty && heard.core.connected.isEmpty)
        for member in [one, liar] { member.network.close() }
    }

}
