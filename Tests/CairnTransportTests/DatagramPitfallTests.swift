import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

/// What turns others' UDP planes into weapons or doors.
@Suite struct DatagramPitfallTests {
    private func text(_ word: String) -> DatagramMessage { DatagramMessage(.membership, Array(word.utf8)) }

    /// Two nodes with a session both ways.
    private func pair() -> DatagramNetwork {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.settle()
        return network
    }

    private func sent(_ effects: [DatagramEffect]) -> [[UInt8]] {
        effects.compactMap { if case .send(let bytes, _) = $0 { bytes } else { nil } }
    }

    @Test func `a spoofed question earns its victim at most one datagram, and no more bytes than were spent`() {
        var network = pair()
        let question = DatagramForm.question(
            network: NodeRecord.Content.network(of: DatagramNetwork.chain), nonce: 1
        ).bytes
        var (spent, earned) = (0, 0)
        for index in 0..<5_000 as Range<UInt32> {
            if index.isMultiple(of: 100) { network.pass(.milliseconds(100)) }
            let victim = Endpoint(IPAddress(v4: 0x0b00_0001 + index << 8), port: 53)
            for bytes in [question, Array(question.dropLast()), Array(question.prefix(40))] {
                let answers = sent(network.input(.received(bytes, from: victim), to: 1))
                #expect(answers.count <= 1 && answers.allSatisfy { $0.count <= bytes.count })
                spent += bytes.count
                earned += answers.reduce(0) { $0 + $1.count }
            }
        }
        #expect(earned > 0 && earned * 2 < spent)
    }

    @Test
    func
        `a flood of handshakes costs a hundred computations a second and no memory, and a true one still comes through`()
    {
        var network = pair()
        network.pass(.seconds(2))
        var junk = [UInt8](repeating: 0, count: 512)
        (junk[0], junk[37]) = (1, 200)
        let before = network.nodes[1].plane.counters
        for second in 0..<5 {
            network.pass(.seconds(1))
            for index in 0..<2_000 as Range<UInt32> {
                let source = Endpoint(IPAddress(v4: 0x0b00_0001 + index << 8), port: UInt16(second + 1))
                let answers = sent(network.input(.received(junk, from: source), to: 1))
                #expect(answers.allSatisfy { $0.count <= 64 })
            }
            #expect(network.nodes[1].plane.peerCount == 1 && network.nodes[1].plane.sessionCount <= 2)
        }
        let after = network.nodes[1].plane.counters
        #expect(after.forged - before.forged <= 500, "only these were computed with")
        #expect(after.cookiesSent + after.limited - before.cookiesSent - before.limited >= 9_500)
        network.flying = []
        network.pass(.seconds(1))
        network.say(text("through"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received.last == text("through"))
    }

    @Test func `during a flood from invented addresses whoever shows its own comes through`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        var junk = [UInt8](repeating: 0, count: 512)
        (junk[0], junk[37]) = (1, 200)
        for index in 0..<1_500 as Range<UInt32> {
            // Ten of each network, also of the one that the honest one is in.
            let address = index < 20 ? 0x0a00_0002 + index : 0x0b00_0001 + index << 8
            let source = Endpoint(IPAddress(v4: address), port: 9)
            let answers = sent(network.input(.received(junk, from: source), to: 1))
            #expect(answers.allSatisfy { $0.count <= 64 })
        }
        network.flying = []
        network.say(text("through"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received == [text("through")] && network.nodes[0].plane.counters.initiationsSent == 2)
    }

    @Test func `a first message from a borrowed address makes nobody a peer, and is answered once`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        let first = network.flying.removeLast()
        let victim = Endpoint(IPAddress(v4: 0x0d00_0001), port: 6)
        let effects = network.input(.received(first.bytes, from: victim), to: 1)
        #expect(sent(effects).map(\.count) == [57])
        for _ in 0..<145 { network.pass(.seconds(1)) }
        #expect(network.history.filter { $0.to == victim }.count == 1)
        #expect(network.nodes[1].introduced.isEmpty && network.nodes[1].plane.peerCount == 0)
        #expect(network.nodes[1].plane.sessionCount == 0 && network.nodes[1].plane.halfOpen.isEmpty)
    }

    @Test func `an initiator whose first sealed datagrams are lost is heard with a later one`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("lost"), from: 0, to: 1)
        network.deliver(network.flying.removeFirst())
        network.deliver(network.flying.removeFirst())
        network.flying = []
        for _ in 0..<60 { network.pass(.seconds(1)) }
        network.say(text("late"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received == [text("late")] && network.nodes[1].introduced.count == 1)
    }

    @Test func `sessions that nobody confirms push out one another, and no peer`() {
        var limits = Limits.Datagrams()
        (limits.halfOpen, limits.handshakesPerSecondPerSubnet) = (4, 1_000)
        var network = DatagramNetwork(count: 0)
        network.add(limits: limits)
        for _ in 0..<12 { network.add() }
        network.introduce(0, to: 1)
        network.say(text("me"), from: 1, to: 0)
        network.settle()
        for index in 2...12 {
            network.introduce(0, to: index)
            network.say(text("me"), from: index, to: 0)
            network.deliver(network.flying.removeLast())
            network.flying = []
            network.now = network.now + .milliseconds(1)
        }
        let plane = network.nodes[0].plane
        #expect(plane.peerCount == 1 && plane.halfOpen.count == 4 && plane.sessionCount == 5)
        #expect(plane.counters.full == 7 && plane.hasSession(with: network.nodes[1].id, at: network.now))
    }

    @Test func `a sealed datagram from a borrowed address moves nothing there but one question`() {
        var network = pair()
        let victim = Endpoint(IPAddress(v4: 0x0d00_0001), port: 6)
        for _ in 0..<50 {
            network.say(text("as if from there"), from: 0, to: 1)
            let datagram = network.flying.removeLast()
            let effects = network.input(.received(datagram.bytes, from: victim), to: 1)
            let places = effects.compactMap { if case .received(_, _, let at) = $0 { at } else { nil } }
            #expect(places == [network.nodes[0].endpoint])
            network.say(text("answer"), from: 1, to: 0)
        }
        #expect(network.history.filter { $0.to == victim }.count == 1)
    }

    @Test func `the first sealed datagram from a borrowed address does not bind the session to it`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.deliver(network.flying.removeFirst())
        network.deliver(network.flying.removeFirst())
        let sealed = network.flying.removeFirst()
        let victim = Endpoint(IPAddress(v4: 0x0d00_0001), port: 6)
        network.deliver(.init(bytes: sealed.bytes, from: victim, to: sealed.to))
        network.say(text("yours"), from: 1, to: 0)
        network.settle()
        #expect(network.nodes[0].received == [text("yours")])
        #expect(network.history.filter { $0.to == victim }.map(\.bytes.count) == [45 + 16])
    }

    @Test func `an answer to our first message from a borrowed address does not bind the session to it`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.deliver(network.flying.removeFirst())
        let response = network.flying.removeFirst()
        let victim = Endpoint(IPAddress(v4: 0x0d00_0001), port: 6)
        network.deliver(.init(bytes: response.bytes, from: victim, to: response.to))
        network.settle()
        #expect(network.nodes[1].received == [text("hello")])
        #expect(network.history.filter { $0.to == victim }.count == 1)
    }

    @Test func `a replayed datagram or handshake, one cut by a byte, and one for another index are dropped in silence`()
    {
        var network = pair()
        network.say(text("once"), from: 0, to: 1)
        network.settle()
        let heard = network.nodes[1].received.count
        for datagram in network.history where datagram.to == network.nodes[1].endpoint {
            var other = datagram.bytes
            for place in 1..<5 { other[place] ^= 0x5a }
            for bytes in [datagram.bytes, Array(datagram.bytes.dropLast()), other, Array(datagram.bytes.prefix(39))] {
                let effects = network.input(.received(bytes, from: datagram.from), to: 1)
                // A handshake under another index of its sender's is a new one to us, but not to its clock.
                #expect(sent(effects).isEmpty, "form \(bytes[0]), \(bytes.count) bytes")
            }
        }
        #expect(network.nodes[1].received.count == heard)
        let counters = network.nodes[1].plane.counters
        #expect(counters.replayed > 0 && counters.malformed > 0 && counters.unknown > 0)
        network.say(text("on"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received.last == text("on"))
    }

    @Test(arguments: [.max, .max - 1, 1 << 63, 1 << 20] as [UInt64])
    func `a forged count far ahead moves no window`(count: UInt64) {
        var network = pair()
        network.say(text("a"), from: 0, to: 1)
        var forged = network.flying[0].bytes
        for place in 0..<8 { forged[5 + place] = UInt8(truncatingIfNeeded: count >> (8 * UInt64(place))) }
        let before = network.nodes[1].plane.counters
        let effects = network.input(.received(forged, from: network.nodes[0].endpoint), to: 1)
        let after = network.nodes[1].plane.counters
        // The last count there is stands for none and is refused like one that was seen.
        #expect(sent(effects).isEmpty && after.forged + after.replayed == before.forged + before.replayed + 1)
        network.settle()
        #expect(network.nodes[1].received.last == text("a"), "the true one was not behind the window")
    }

    @Test func `everything held of a peer dies with it, and recent votes of names without number are capped`() {
        var network = DatagramNetwork(count: 3)
        for index in 1...2 {
            network.introduce(index, to: 0)
            network.say(text("hello"), from: 0, to: index)
        }
        network.settle()
        network.introduce(1, to: 0)
        for index in 1...2 { network.input(.forget(network.nodes[index].id), to: 0) }
        network.input(.flush, to: 0)
        let plane = network.nodes[0].plane
        #expect(plane.peerCount == 0 && plane.sessionCount == 0 && plane.attempts.isEmpty)
        network.pass(.seconds(60))
        #expect(network.nodes[0].plane.questions.isEmpty)

        func name(_ number: Int) -> NodeID {
            NodeID(Bytes32((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }) ?? .zero)
        }
        var votes = RecentVotes(peers: 16)
        var heard = 0
        for number in 0..<2_000 {
            // One that speaks all the time keeps its place among those who come and go.
            if votes.isNew([1], from: name(1 << 20)) { heard += 1 }
            let (first, again) = (votes.isNew([1], from: name(number)), votes.isNew([1], from: name(number)))
            #expect(first && !again)
            #expect(votes.peerCount <= 16)
        }
        #expect(heard == 1)
        votes.forget(name(1 << 20))
        let isNew = votes.isNew([1], from: name(1 << 20))
        #expect(isNew)
    }
}
