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
