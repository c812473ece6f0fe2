import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire
import Testing

@testable import CairnRuntime

private typealias Member = NetworkMember

/// A libp2p node that is none of ours, or somebody who plays one and misbehaves; it comes from an address of its own.
private final class Outsider: StreamHandler {
    let socket: StreamConnection
    private(set) var stream: SecureStream?
    private var introductions = Introductions(as: IdentifyMessage(node: nil))
    var identified: IdentifyMessage?
    var ponged = false
    var isClosed = false
    var onChange: () -> Void = {}

    /// Only a socket.
    init(on loop: EventLoop, to endpoint: Endpoint, from host: UInt8 = 1, network: UInt8 = 99) throws {
        let source = Endpoint.freeLoopback(network: network, host: host).address
        socket = try StreamConnection.connect(on: loop, to: endpoint, from: source)
        socket.handler = self
    }

    /// Speaks libp2p from here on.
    func shakeHands(on loop: EventLoop) {
        let identity = NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
        let connection = Connection(
            .dialer, as: identity, ephemeral: .generate(), speaking: Introductions.protocols, at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] stream, event in
            guard let self else { return }
            if case .ended = event { isClosed = true }
            if case .connection(let event) = event { react(to: event, on: stream, at: loop.now) }
            onChange()
        }
    }

    private func react(to event: Connection.Event, on stream: SecureStream, at now: Instant) {
        var heard: [Introductions.Event] = []
        stream.perform { connection, more in
            _ = introductions.handle(event, on: &connection, at: now, into: &heard, more: &more)
            if case .established = event {
                introductions.askIdentity(on: &connection)
                introductions.ping(SecureRandom.bytes32(), on: &connection, at: now)
            }
        }
        for event in heard {
            if case .identified(let message) = event { identified = message }
            if case .ponged = event { ponged = true }
        }
    }

    func streamReceived(_ stream: StreamConnection) {
        _ = stream.withInput { $0.take(.max) }
        if stream.inputEnded { stream.close() }
    }

    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {
        isClosed = true
        onChange()
    }
}

@Suite(.serialized) struct PeerNetworkTests {
    @Test func membersFindEachOtherAskAndPart() throws {
        let run = try LoopRun()
        let (one, two) = (try Member(1, on: run.loop), try Member(2, on: run.loop))
        var answer: PeerAnswer?
        one.onChange = {
            guard one.connected == [two.node], two.connected == [one.node], answer == nil, one.disconnected == 0 else {
                return
            }
            answer = .disconnected
            one.network.ask(Member.blocks, [1, 2, 3], of: two.node) {
                answer = $0
                one.network.send([5], to: two.node, urgent: true)
            }
        }
        two.onChange = {
            one.onChange()
            if two.messages == [[5]], two.disconnected == 0 { one.network.close() }
            if two.disconnected == 1 { run.finish() }
        }
        // Both dial at once: one connection survives.
        one.network.keep(two.address)
        two.network.keep(one.address)
        try run.run()
        #expect(answer == .answered(status: 0, [3, 2, 1]))
        #expect(two.status(of: one.node)?.lastEnd?.reason == "the peer closed the connection")
    }

    /// Who has no slot for a peer visits it, asks, and parts; the other end is one that admits it.
    @Test func aVisitIsThereForAQuestionAndEnds() throws {
        let run = try LoopRun()
        let one = try Member(1, on: run.loop) { $0.connections.outbound = 0 }
        let two = try Member(2, on: run.loop)
        var answer: PeerAnswer?
        one.onChange = {
            if one.disconnected == 1 { return run.finish() }
            guard one.connected == [two.node] else { return }
            one.network.ask(Member.blocks, [1, 2, 3], of: two.node) {
                answer = $0
                one.network.leave(two.node)
            }
        }
        #expect(one.network.ask(Member.blocks, [1], of: two.node) { _ in } == nil)
        one.network.visit(two.address)
        try run.run()
        #expect(answer == .answered(status: 0, [3, 2, 1]))
        #expect(one.network.members.isEmpty)
    }

    /// Two of a kind are under way at most, and one that is given up makes room: here, and at the end that was asked.
    @Test func aQuestionThatIsGivenUpMakesRoomAndTellsNothing() throws {
        let run = try LoopRun()
        let (one, two) = (try Member(1, on: run.loop), try Member(2, on: run.loop))
        var told: [PeerAnswer] = []
        var asked: [PeerNetwork.OpenQuestion?] = []
        func ask(_ bytes: [UInt8]) -> PeerNetwork.OpenQuestion? {
            one.network.ask(Member.blocks, bytes, of: two.node) {
                told.append($0)
                run.finish()
            }
        }
        one.onChange = {
            guard one.connected == [two.node], asked.isEmpty else { return }
            asked = [ask([]), ask([]), ask([])]
        }
        two.onChange = {
            guard two.unanswered == 2 else { return }
            for case .some(let question) in asked { one.network.cancel(question) }
            asked.append(ask([7, 8]))
        }
        one.network.keep(two.address)
        try run.run()
        #expect(asked.map { $0 != nil } == [true, true, false, true])
        #expect(told == [.answered(status: 0, [8, 7])])
        #expect(one.network.counters.cancelledQuestions == 2 && one.network.counters.questions == 3)
        one.network.close()
        two.network.close()
    }

    /// The link is authenticated, so that it is known whose doing it is; whoever is banned for it is not let in again.
    @Test func `whoever sends a longer message than there may be is an offender, and gone once it is banned`() throws {
        let run = try LoopRun()
        let one = try Member(1, on: run.loop, messageLimit: 1_000)
        let two = try Member(2, on: run.loop)
        var offences: [(NodeID, Offence, IPAddress?)] = []
        one.network.onOffence = { node, offence, place in
            offences.append((node, offence, place))
            run.loop.after(.zero) {
                var banned = Banned()
                banned.nodes.insert(node)
                one.network.obey(banned)
            }
        }
        two.onChange = {
            if two.connected == [one.node], two.disconnected == 0 {
                two.network.send([UInt8](repeating: 1, count: 1_001), to: one.node, urgent: false)
            }
        }
        func look() {
            if one.network.counters.parted["banned"] != nil { return run.finish() }
            run.loop.after(.milliseconds(5)) { look() }
        }
        two.network.keep(one.address)
        look()
        try run.run()
        #expect(offences.count == 1 && offences.first?.0 == two.node && offences.first?.1 == .oversizeMessage)
        #expect(offences.first?.2 == two.endpoint.address)
        #expect(one.connected == [two.node] && one.network.members.isEmpty)
        one.network.close()
        two.network.close()
    }

    @Test func aForeignPeerGetsANamedReasonOnBothSides() throws {
        let run = try LoopRun()
        let (one, two) = (try Member(1, on: run.loop), try Member(2, on: run.loop, chain: 2))
        one.network.keep(two.address)
        func look() {
            if one.status(of: two.node)?.lastEnd != nil, two.status(of: one.node)?.lastEnd != nil {
                return run.finish()
            }
            run.loop.after(.milliseconds(5)) { look() }
        }
        look()
        try run.run()
        let reasons = (one.status(of: two.node)?.lastEnd?.reason, two.status(of: one.node)?.lastEnd?.reason)
        #expect(reasons.0 == "it is on network \"net2\" (chain 02020202), we are on \"net1\" (chain 01010101)")
        #expect(reasons.1 == "it is on network \"net1\" (chain 01010101), we are on \"net2\" (chain 02020202)")
        #expect(one.connected.isEmpty && two.connected.isEmpty)
        #expect(one.status(of: two.node)?.state == .waiting)
    }

    @Test func anyLibp2pNodeMayIdentifyAndPing() throws {
        let run = try LoopRun()
        let member = try Member(1, on: run.loop)
        let listening = try #require(Multiaddr.tcp(member.endpoint))
        member.network.record = PeerRecord.seal(sequence: 7, addresses: [listening], key: Member.key(1))
        let outsider = try Outsider(on: run.loop, to: member.endpoint)
        outsider.shakeHands(on: run.loop)
        outsider.onChange = { if outsider.ponged, outsider.identified != nil { run.finish() } }
        try run.run()
        let spoken = outsider.identified?.protocols ?? []
        #expect(outsider.identified?.node == member.node)
        #expect(outsider.identified?.listenAddresses == [listening])
        let record = try #require(outsider.identified?.signedRecord)
        let opened = try PeerRecord(opening: record.span.bytes, from: member.node)
        #expect(opened.addresses == [listening] && opened.sequence == 7)
        for name in ["/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0", "/cairn/hello/1", "/cairn/block/1"] {
            #expect(spoken.contains(name))
        }
        #expect(member.connected.isEmpty && member.network.status.count == 1)
    }

    /// Two hundred connections from one address, and one from another in the middle of them.
    @Test func aFloodFromOneAddressKeepsNobodyElseOut() throws {
        let run = try LoopRun()
        let member = try Member(1, on: run.loop)
        let flood = try (0..<200).map { _ in try Outsider(on: run.loop, to: member.endpoint) }
        let guest = try Outsider(on: run.loop, to: member.endpoint, network: 98)
        guest.shakeHands(on: run.loop)
        func look() {
            if guest.identified != nil, flood.count(where: \.isClosed) >= 197 { run.finish() }
        }
        guest.onChange = look
        for outsider in flood { outsider.onChange = look }
        try run.run()
        #expect(member.network.counters.admitted <= 4)
        #expect(member.network.counters.refused.values.reduce(0, +) >= 197)
        #expect(member.network.links.count <= 4)
    }

    /// A thousand connections that are reset as soon as they stand, from many addresses, and a guest after them.
    @Test func aFloodOfResetsLeavesNothingBehind() throws {
        let run = try LoopRun()
        let member = try Member(1, on: run.loop) {
            $0.connections.handshakesPerSecond = 10_000
            $0.connections.inboundPerSubnet24 = 64
        }
        func storm(_ left: Int) throws {
            guard left > 0 else { return try meet(try Outsider(on: run.loop, to: member.endpoint, network: 98)) }
            for number in 0..<20 {
                try resetConnection(to: member.endpoint, from: .freeLoopback(network: 97, host: UInt8(number + 1)))
            }
            run.loop.after(.milliseconds(2)) { #expect(throws: Never.self) { try storm(left - 20) } }
        }
        func meet(_ guest: Outsider) throws {
            guest.shakeHands(on: run.loop)
            guest.onChange = { if guest.identified != nil, member.network.links.count == 1 { run.finish() } }
        }
        try storm(1_000)
        try run.run()
        let counters = member.network.counters
        #expect(counters.admitted > 1 && counters.established == 1)
        #expect(member.network.links.count == 1 && member.network.arriving.isEmpty && member.network.heldBytes < 1_024)
    }

    /// Somebody who says nothing, somebody who says a byte now and then, and somebody who speaks HTTP.
    @Test func whoDoesNotGetOnWithTheHandshakeIsClosedAtItsDeadline() throws {
        let run = try LoopRun()
        let member = try Member(1, on: run.loop) { $0.connections.handshakeTime = .milliseconds(150) }
        let started = run.loop.now
        let outsiders = try (1...3).map { try Outsider(on: run.loop, to: member.endpoint, from: UInt8($0 * 10)) }
        var endings: [TimeSpan?] = [nil, nil, nil]
        for (index, outsider) in outsiders.enumerated() {
            outsider.onChange = {
                endings[index] = run.loop.now.since(started)
                finishWhenEmpty()
            }
        }
        // The other ends learn of it first; the node's own sockets are gone a moment later.
        func finishWhenEmpty() {
            guard endings.allSatisfy({ $0 != nil }) else { return }
            if member.network.links.isEmpty { return run.finish() }
            run.loop.after(.milliseconds(5)) { finishWhenEmpty() }
        }
        func drip(_ left: Int) {
            outsiders[1].socket.send([0x13])
            if left > 0 { run.loop.after(.milliseconds(20)) { drip(left - 1) } }
        }
        drip(1)
        outsiders[2].socket.send(Array("GET / HTTP/1.1\r\nhost: x\r\n\r\n".utf8))
        try run.run()
        let times = endings.compactMap(\.self)
        #expect(times.count == 3 && times[0] >= .milliseconds(150) && times[2] < times[0])
        #expect(member.network.links.isEmpty && member.network.heldBytes == 0)
    }

    /// A member stops reading while it is sent much: what waits for it is bounded, it is closed, and the others go on.
    @Test func aStalledReaderIsClosedAndOthersAreServed() throws {
        let run = try LoopRun()
        let one = try Member(1, on: run.loop) { $0.connections.stalledWrite = .milliseconds(300) }
        let (stalled, fine) = (try Member(2, on: run.loop), try Member(3, on: run.loop))
        one.network.keep(stalled.address)
        one.network.keep(fine.address)
        var most = 0
        func pour() {
            for link in stalled.network.links.values { link.stopReading() }
            for peer in [stalled.node, fine.node] {
                one.network.send([UInt8](repeating: 1, count: 100_000), to: peer, urgent: false)
            }
            most = max(most, one.network.heldBytes)
            if one.disconnected > 0, fine.messages.count > 20 { return run.finish() }
            run.loop.after(.milliseconds(5)) { pour() }
        }
        one.onChange = { if one.connected.count == 2, one.disconnected == 0, most == 0 { pour() } }
        try run.run()
        #expect(one.status(of: stalled.node)?.lastEnd?.reason == "the peer stopped reading")
        let limits = Limits().connections
        #expect(most <= 2 * (limits.blockQueue + limits.voteQueue + limits.controlQueue + limits.bulkQueue))
        #expect(one.status(of: fine.node)?.state == .member)
        #expect(one.network.counters.refusedMessages > 0)
    }

    /// A peer that is gone without a word: nothing waits to be sent, and only the keepalive can tell.
    @Test func aHalfOpenConnectionIsNoticedByItsSilence() throws {
        let run = try LoopRun()
        let one = try Member(1, on: run.loop) { $0.connections.keepalive = .milliseconds(100) }
        let two = try Member(2, on: run.loop)
        one.network.keep(two.address)
        one.onChange = {
            if one.disconnected > 0 { return run.finish() }
            for link in two.network.links.values { link.stopReading() }
        }
        two.onChange = { for link in two.network.links.values { link.stopReading() } }
        try run.run()
        #expect(one.status(of: two.node)?.lastEnd?.reason == "it gave no sign of life")
    }
}
