import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

@Suite struct DatagramPlaneTests {
    private func text(_ word: String, _ kind: DatagramMessage.Kind = .membership) -> DatagramMessage {
        DatagramMessage(kind, Array(word.utf8))
    }

    @Test func `who is asked says who it is, and then both talk sealed`() {
        var network = DatagramNetwork(count: 2)
        network.input(.ask(network.nodes[1].endpoint), to: 0)
        network.settle()
        #expect(network.nodes[0].introduced.map(\.node) == [network.nodes[1].id])
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received == [text("hello")])
        // The initiation told the responder who the other is.
        #expect(network.nodes[1].introduced.map(\.node) == [network.nodes[0].id])
        network.say(text("back"), from: 1, to: 0)
        network.settle()
        #expect(network.nodes[0].received == [text("back")])
        #expect(network.nodes.map(\.opened) == [1, 1])
        #expect(network.history.allSatisfy { $0.bytes.count <= 1_200 })
        let seen = network.history.flatMap(\.bytes)
        #expect(!seen.containsRun(Array("hello".utf8)))
    }

    @Test func `the most urgent leaves first, and small messages share a datagram`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("open"), from: 0, to: 1)
        network.settle()
        let before = network.history.count
        network.input(.send(text("later"), to: network.nodes[1].id), to: 0)
        network.input(.send(text("vote", .vote), to: network.nodes[1].id), to: 0)
        for _ in 0..<3 {
            let body = [UInt8](repeating: 7, count: 600)
            network.input(.send(DatagramMessage(.membership, body), to: network.nodes[1].id), to: 0)
        }
        network.input(.flush, to: 0)
        #expect(network.history.count == before + 3)
        network.settle()
        let received = network.nodes[1].received.dropFirst()
        #expect(received.map(\.kind) == [.vote, .membership, .membership, .membership, .membership])
        let tooLong = DatagramMessage(.vote, [UInt8](repeating: 0, count: DatagramMessage.bodyLimit + 1))
        network.say(tooLong, from: 0, to: 1)
        #expect(network.nodes[0].plane.counters.undeliverable == 1)
    }

    @Test func `a banned node has no session, and nothing from a banned address is looked at`() {
        var network = DatagramNetwork(count: 3)
        for index in 1...2 {
            network.introduce(index, to: 0)
            network.say(text("hello"), from: 0, to: index)
        }
        network.settle()
        var banned = Banned()
        banned.nodes.insert(network.nodes[1].id)
        banned.addresses.insert(network.nodes[2].endpoint.address)
        network.input(.banned(banned), to: 0)
        #expect(network.nodes[0].plane.peerCount == 0 && network.nodes[0].plane.sessionCount == 0)
        let (sent, heard) = (network.history.count, network.nodes[0].received.count)
        for index in 1...2 {
            // On the old session, and with a new handshake.
            network.say(text("still here"), from: index, to: 0)
            network.input(.ask(network.nodes[0].endpoint), to: index)
            network.nodes[index].plane = DatagramNetwork.fresh(index, at: network.now)
            network.introduce(0, to: index)
            network.say(text("again"), from: index, to: 0)
            network.introduce(index, to: 0)
            network.say(text("no"), from: 0, to: index)
        }
        network.input(.ask(network.nodes[2].endpoint), to: 0)
        network.settle()
        #expect(network.nodes[0].received.count == heard)
        #expect(network.nodes[0].plane.peerCount == 0)
        let answers = network.history[sent...].filter { $0.from == network.nodes[0].endpoint }
        // Whose address this is may be asked by anybody whose key is not known: one answer, to the banned node's question.
        #expect(answers.map(\.to) == [network.nodes[1].endpoint])
        network.input(.banned(Banned()), to: 0)
        network.introduce(1, to: 0)
        network.say(text("welcome"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].received.last == text("welcome"))
    }

    /// Loss, repetition and disorder: nothing arrives twice, nothing altered, and enough arrives.
    @Test func `a bad network loses messages and never repeats them`() {
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var network = DatagramNetwork(count: 2)
            network.introduce(1, to: 0)
            network.introduce(0, to: 1)
            for round in 0..<300 {
                let from = Int(random.below(2))
                network.say(text("\(from)-\(round)"), from: from, to: 1 - from)
                network.pass(.milliseconds(20))
                network.flying.shuffle(using: &random)
                while network.flying.count > Int(random.below(4)) {
                    let datagram = network.flying.removeFirst()
                    guard !random.chance(ppm: 200_000) else { continue }
                    if random.chance(ppm: 200_000) { network.flying.append(datagram) }
                    network.deliver(datagram)
                }
            }
            for (index, node) in network.nodes.enumerated() {
                let words = node.received.map { String(decoding: $0.body, as: UTF8.self) }
                #expect(Set(words).count == words.count)
                #expect(words.allSatisfy { $0.hasPrefix("\(1 - index)-") })
                #expect(words.count > 80, "seed \(seed)")
            }
        }
    }

    @Test func `everything that was ever sent can be sent again without effect`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        for round in 0..<50 {
            network.say(text("\(round)"), from: 0, to: 1)
            network.settle()
            network.say(text("\(round)"), from: 1, to: 0)
            network.settle()
        }
        let counts = network.nodes.map(\.received.count)
        let opened = network.nodes.map(\.plane.counters.sessions)
        let history = network.history
        for datagram in history { network.deliver(datagram) }
        #expect(network.nodes.map(\.received.count) == counts)
        #expect(network.nodes.map(\.plane.counters.sessions) == opened)
        #expect(network.nodes[1].plane.counters.replayed >= 51)
    }

    /// Whatever a stranger sends, and from wherever, earns at most one datagram that is not longer.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `input that is not authentic never earns a longer reply`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var network = DatagramNetwork(count: 3)
        network.introduce(1, to: 0)
        network.input(.ask(network.nodes[1].endpoint), to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.settle()
        network.introduce(2, to: 0)
        network.say(text("under way"), from: 0, to: 2)
        let samples = network.history
        for round in 0..<3_000 {
            if round.isMultiple(of: 10) { network.pass(.milliseconds(200)) }
            network.flying = []
            var bytes = samples[Int(random.below(UInt64(samples.count)))].bytes
            for _ in 0..<random.below(4) {
                let place = Int(random.below(UInt64(bytes.count)))
                // Also the first byte, which chooses the form.
                bytes[random.flip() ? 0 : place] = UInt8(truncatingIfNeeded: random.below(9))
            }
            if random.chance(ppm: 100_000) { bytes.removeLast(Int(random.below(UInt64(bytes.count)))) }
            let source = Endpoint(IPAddress(v4: UInt32(random.below(1 << 32)) | 1), port: 99)
            let target = Int(random.below(2))
            let effects = network.input(.received(bytes, from: source), to: target)
            let sent = effects.compactMap { effect -> (bytes: [UInt8], to: Endpoint)? in
                if case .send(let bytes, let to) = effect { (bytes, to) } else { nil }
            }
            // What goes elsewhere answers a peer of ours, whose own datagram came from a new address or late.
            let answers = sent.filter { $0.to == source }
            #expect(answers.count <= 1)
            #expect(answers.reduce(0) { $0 + $1.bytes.count } <= bytes.count)
            #expect(network.nodes[target].plane.peerCount <= 3)
        }
    }

    @Test func `under load a stranger proves its address first`() throws {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        // A flood from many networks, each datagram an initiation that leads nowhere.
        for index in 0..<150 {
            var junk = [UInt8](repeating: 0, count: 512)
            junk[0] = 1
            junk[37] = 200
            let source = Endpoint(IPAddress(v4: 0x0b00_0001 + UInt32(index) << 8), port: 9)
            network.input(.received(junk, from: source), to: 1)
        }
        #expect(network.nodes[1].plane.counters.forged == 100)
        #expect(network.nodes[1].plane.counters.cookiesSent == 50)
        network.flying = []
        network.say(text("through"), from: 0, to: 1)
        network.settle()
        #expect(network.nodes[1].plane.counters.cookiesSent == 51)
        #expect(network.nodes[1].received == [text("through")])
    }

    @Test func `one network gets no more than its share`() {
        var network = DatagramNetwork(count: 1)
        let question = DatagramForm.question(
            network: NodeRecord.Content.network(of: DatagramNetwork.chain), nonce: 1)
        for port in 1...30 as ClosedRange<UInt16> {
            network.input(.received(question.bytes, from: Endpoint(IPAddress(v4: 0x0b00_0001), port: port)), to: 0)
        }
        #expect(network.nodes[0].plane.counters.answersSent == 10)
        #expect(network.nodes[0].plane.counters.limited == 20)
    }

    @Test func `a peer that moves is written to only once it answers from there`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.say(text("hello"), from: 0, to: 1)
        network.settle()
        let (old, new) = (network.nodes[0].endpoint, Endpoint(IPAddress(v4: 0x0c00_0001), port: 5))
        network.nodes[0].endpoint = new
        network.say(text("moved"), from: 0, to: 1)
        network.settle()
        network.say(text("found"), from: 1, to: 0)
        network.settle()
        #expect(network.nodes[0].received == [text("found")])

        // Somebody else sends a copy on from elsewhere, faster than the original: nothing is written there but a question.
        network.say(text("carried"), from: 0, to: 1)
        let copy = network.flying.removeLast()
        let thief = Endpoint(IPAddress(v4: 0x0d00_0001), port: 6)
        network.deliver(.init(bytes: copy.bytes, from: thief, to: copy.to))
        network.settle()
        network.say(text("still yours"), from: 1, to: 0)
        network.settle()
        #expect(network.nodes[0].received.last == text("still yours"))
        #expect(network.history.filter { $0.to == thief }.count == 1)
        #expect(network.history.filter { $0.to == old }.count > 0)
    }

    @Test func `keys are replaced after two minutes, and the old ones die`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        for round in 0..<40 {
            network.pass(.seconds(10))
            network.say(text("\(round)"), from: round % 2, to: 1 - round % 2)
            network.settle()
        }
        #expect(network.nodes.map(\.received.count) == [20, 20])
        let sessions = network.nodes[0].plane.counters.sessions
        #expect((3...5).contains(sessions), "\(sessions)")
        #expect(network.nodes[0].plane.sessionCount <= 2)
        network.pass(.seconds(600))
        #expect(network.nodes.map(\.plane.sessionCount) == [0, 0])
    }

    @Test func `foreign networks and borrowed names get nowhere`() {
        var network = DatagramNetwork(count: 1)
        network.add(chain: ChainID(Bytes32([UInt8](1...32)) ?? .zero))
        // Shows the record of node 5, and holds another key than that record names.
        network.add(record: DatagramNetwork.record(5).record)
        for liar in 1...2 {
            network.introduce(0, to: liar)
            network.say(text("let me in"), from: liar, to: 0)
            network.settle()
            network.input(.ask(network.nodes[0].endpoint), to: liar)
            network.settle()
        }
        #expect(network.nodes[0].received.isEmpty)
        #expect(network.nodes[0].introduced.isEmpty)
        #expect(network.nodes[0].plane.peerCount == 0)
        #expect(network.nodes[0].plane.counters.forged == 2)
        #expect(network.nodes[0].plane.counters.foreign == 1)
    }

    @Test func `who does not answer is given up, and what waited is counted`() {
        var network = DatagramNetwork(count: 2)
        network.introduce(1, to: 0)
        network.nodes.removeLast()
        network.input(.send(text("anybody?"), to: DatagramNetwork.record(1).record.node), to: 0)
        network.input(.flush, to: 0)
        for _ in 0..<200 {
            network.pass(.milliseconds(100))
            network.settle()
        }
        #expect(network.nodes[0].unreachable == 1)
        #expect(network.nodes[0].plane.counters.initiationsSent == 5)
        #expect(network.nodes[0].plane.counters.undeliverable == 1)
    }

    @Test func `the table of peers keeps its limit`() {
        var limits = Limits.Datagrams()
        limits.peers = 3
        limits.handshakesPerSecondPerSubnet = 100
        var network = DatagramNetwork(count: 0)
        network.add(limits: limits)
        for _ in 0..<6 { network.add() }
        for index in 1...6 {
            network.introduce(0, to: index)
            network.say(text("me"), from: index, to: 0)
            network.settle()
        }
        #expect(network.nodes[0].plane.peerCount == 3)
        #expect(network.nodes[0].received.count == 3)
        #expect(network.nodes[0].plane.counters.full == 3)
    }

    @Test func `the replay window agrees with a set of all counts`() {
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var window = ReplayWindow(size: 256)
            var seen: Set<UInt64> = []
            var highest: UInt64 = 0
            for _ in 0..<2_000 {
                let count = highest &+ random.below(random.chance(ppm: 20_000) ? 2_000 : 40)
                let wanted = count > 300 ? count - random.below(300) : count
                let fresh = !seen.contains(wanted) && (seen.isEmpty || wanted > highest || highest - wanted < 256)
                let taken = window.take(wanted)
                #expect(taken == fresh, "seed \(seed)")
                if fresh {
                    seen.insert(wanted)
                    highest = max(highest, wanted)
                }
            }
        }
        var window = ReplayWindow(size: 256)
        let answers = [UInt64.max, .max - 1, 0].map { window.take($0) }
        #expect(answers == [false, true, false])
    }
}

extension SeededRandom {
    fileprivate mutating func flip() -> Bool { next() & 1 == 0 }
}

extension [UInt8] {
    fileprivate func containsRun(_ run: [UInt8]) -> Bool {
        guard count >= run.count else { return false }
        return (0...count - run.count).contains { Array(self[$0..<$0 + run.count]) == run }
    }
}
