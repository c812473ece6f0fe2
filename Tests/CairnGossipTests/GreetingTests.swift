import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire
import Testing

@Suite struct GreetingTests {
    @Test(arguments: 0..<12 as Range<UInt64>)
    func `all see all, also through loss`(seed: UInt64) throws {
        var network = GreetingNetwork(seed: seed)
        network.lossPPM = 200_000
        for number in 0..<5 { network.start(number, peers: (0..<5).filter { $0 != number }) }
        network.run(for: .seconds(20))
        for number in 0..<5 {
            let peers = try #require(network.nodes[GreetingNetwork.endpoint(number)]).peers
            #expect(peers.filter { $0.node != nil }.count == 4)
            // Three misses in a row make a suspect; at this loss that happens, death does not.
            #expect(peers.allSatisfy { $0.state == .alive || $0.state == .suspect })
            let roundTrips = peers.compactMap(\.roundTrip)
            #expect(roundTrips.allSatisfy { $0 >= .milliseconds(10) && $0 <= .milliseconds(130) })
        }
    }

    @Test func `one seed, one story`() {
        func story(_ seed: UInt64) -> [String] {
            var network = GreetingNetwork(seed: seed)
            network.lossPPM = 400_000
            for number in 0..<4 { network.start(number, peers: [0, 1, 2, 3].filter { $0 != number }) }
            network.run(for: .seconds(60))
            return network.changes
        }
        #expect(story(3) == story(3))
        #expect(story(3) != story(4))
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `a silent peer becomes suspect, then down, and comes back in a new session`(seed: UInt64) {
        var network = GreetingNetwork(seed: seed)
        network.start(0, peers: [1])
        network.start(1, peers: [0])
        network.run(for: .seconds(5))
        #expect(network.states(of: 0) == [.alive])
        network.cut = [GreetingNetwork.endpoint(1)]
        network.run(for: .milliseconds(4_500))
        #expect(network.states(of: 0) == [.suspect])
        network.run(for: .seconds(6))
        #expect(network.states(of: 0) == [.down])
        network.cut = []
        network.start(1, peers: [0])
        network.run(for: .seconds(10))
        #expect(network.states(of: 0) == [.alive])
        #expect(network.states(of: 1) == [.alive])
    }

    @Test func `a stranger proves its address and is forgotten when it falls silent`() throws {
        var network = GreetingNetwork(seed: 1)
        network.start(0, peers: []) { $0.missesToForget = 10 }
        network.start(1, peers: [0])
        network.run(for: .seconds(4))
        #expect(network.states(of: 0) == [.alive])
        let peer = try #require(network.nodes[GreetingNetwork.endpoint(0)]?.peers.first)
        #expect(peer.node == GreetingNetwork.node(1) && !peer.isConfigured)
        network.cut = [GreetingNetwork.endpoint(1)]
        network.run(for: .seconds(90))
        #expect(network.states(of: 0).isEmpty)
        // The configured side keeps its peer for ever.
        #expect(network.states(of: 1) == [.down])
    }

    @Test func `a peer that is down is greeted rarely`() {
        var network = GreetingNetwork(seed: 2)
        network.start(0, peers: [1])
        network.run(for: .seconds(100))
        let sent = network.nodes[GreetingNetwork.endpoint(0)]?.counters.greetingsSent ?? 0
        #expect((12...24).contains(sent))
    }

    /// Every newcomer sets an earlier timer; those it overtook must die out instead of setting themselves anew.
    @Test func `timers do not pile up`() {
        var network = GreetingNetwork(seed: 6)
        network.start(0, peers: [])
        for number in 1..<12 {
            network.start(number, peers: [0])
            network.run(for: .seconds(3))
        }
        network.run(for: .seconds(10))
        #expect(network.states(of: 0).count == 11)
        #expect(network.pendingTimers == 12)
    }

    // MARK: Bad input

    private let here = GreetingNetwork.endpoint(0)
    private let there = GreetingNetwork.endpoint(1)

    private func core(_ change: (inout GreetingSettings) -> Void = { _ in }) -> Greeting<Blake2b> {
        var settings = GreetingSettings()
        change(&settings)
        return Greeting(
            node: GreetingNetwork.node(0), chain: GreetingNetwork.chain, secret: .zero, random: SeededRandom(seed: 5),
            hash: Blake2b(), settings: settings)
    }

    private func hello(
        _ kind: Hello.Kind = .greeting, from number: Int = 1, network: UInt64 = GreetingNetwork.chain.raw.low64,
        session: UInt64 = 7, sequence: UInt64 = 1, nonce: UInt64 = 11, echo: UInt64 = 0
    ) -> GreetingInput {
        let content = Hello.Content(
            kind, network: network, sender: GreetingNetwork.node(number), session: session, sequence: sequence,
            nonce: nonce, echo: echo)
        return .received(GreetingNetwork.signed(content), from: GreetingNetwork.endpoint(number))
    }

    private func effects(_ core: inout Greeting<Blake2b>, _ input: GreetingInput, at now: Instant = .origin)
        -> [Greeting
        .Effect]
    {
        var effects: [GreetingEffect] = []
        core.handle(input, at: now, into: &effects)
        return effects
    }

    private func sent(_ effects: [GreetingEffect]) -> [Hello.Content] {
        effects.compactMap { if case .send(let content, _) = $0 { content } else { nil } }
    }

    @Test func `a stranger's greeting earns one reply and no more`() {
        var core = core()
        let answer = effects(&core, hello())
        #expect(answer.count == 1)
        #expect(sent(answer).first?.kind == .reply)
        #expect(sent(answer).first?.echo == 11)
        #expect(core.peers.isEmpty)
        #expect(effects(&core, .timer, at: .origin + .seconds(100)).isEmpty)
    }

    @Test func `a recorded greeting proves nothing`() {
        var core = core()
        for _ in 0..<5 { _ = effects(&core, hello(echo: 99)) }
        #expect(core.peers.isEmpty)
        #expect(core.counters.proofs == 0)
    }

    @Test func `replies nobody asked for, own hellos and foreign networks are dropped`() {
        var core = core()
        _ = effects(&core, .start(peers: [there]))
        #expect(effects(&core, hello(.reply, echo: 1)).isEmpty)
        #expect(effects(&core, hello(from: 0)).isEmpty)
        #expect(effects(&core, hello(network: 1)).isEmpty)
        #expect(core.counters.stale == 2)
        #expect(core.counters.own == 1)
        #expect(core.peers.first?.state == .unknown)
    }

    @Test func `impossible source addresses get no reply`() throws {
        var core = core()
        guard case .received(let value, _) = hello() else { return }
        for text in ["224.0.0.1:7470", "0.0.0.0:7470", "127.0.0.1:0", "[ff02::1]:7470", "[::]:7470"] {
            let source = try #require(Endpoint(text))
            #expect(effects(&core, .received(value, from: source)).isEmpty)
        }
    }

    @Test func `a reply counts once, and from its address only`() throws {
        var core = core()
        _ = effects(&core, .start(peers: [there]))
        let greeting = try #require(sent(effects(&core, .timer, at: .origin + .seconds(2))).first)
        let answer = hello(.reply, echo: greeting.nonce)
        guard case .received(let value, _) = answer else { return }
        _ = effects(&core, .received(value, from: GreetingNetwork.endpoint(3)), at: .origin + .seconds(2))
        #expect(core.counters.proofs == 0)
        _ = effects(&core, answer, at: .origin + .milliseconds(2_030))
        _ = effects(&core, answer, at: .origin + .milliseconds(2_040))
        #expect(core.counters.proofs == 1)
        #expect(core.counters.stale == 2)
        #expect(core.peers.first?.roundTrip == .milliseconds(30))
    }

    @Test func `a peer's greeting is answered once`() throws {
        var core = core()
        _ = effects(&core, .start(peers: [there]))
        let greeting = try #require(sent(effects(&core, .timer, at: .origin + .seconds(2))).first)
        _ = effects(&core, hello(.reply, sequence: 3, echo: greeting.nonce), at: .origin + .seconds(2))
        #expect(sent(effects(&core, hello(sequence: 3))).isEmpty)
        #expect(sent(effects(&core, hello(sequence: 4))).count == 1)
        #expect(sent(effects(&core, hello(sequence: 4))).isEmpty)
    }

    @Test func `tables are bounded`() throws {
        var core = core { ($0.peers, $0.strangers) = (2, 3) }
        _ = effects(&core, .start(peers: (1...9).map(GreetingNetwork.endpoint)))
        #expect(core.peers.count == 2)
        // Eight strangers; only the last three are remembered, and there is no room for even these.
        var nonces: [Int: UInt64] = [:]
        for number in 10..<18 { nonces[number] = try #require(sent(effects(&core, hello(from: number))).first).nonce }
        for number in (10..<18).reversed() {
            _ = effects(&core, hello(from: number, sequence: 2, echo: try #require(nonces[number])))
        }
        #expect(core.peers.count == 2)
        #expect(core.counters.full >= 1)
    }

    @Test func `a peer's own greeting proves that it lives, once per nonce`() throws {
        var core = core()
        _ = effects(&core, .start(peers: [there]))
        let greeting = try #require(sent(effects(&core, .timer, at: .origin + .seconds(2))).first)
        _ = effects(&core, hello(.reply, sequence: 3, echo: greeting.nonce), at: .origin + .seconds(2))
        let second = try #require(sent(effects(&core, .timer, at: .origin + .seconds(5))).first)
        // Its reply is lost, its greeting is not.
        _ = effects(&core, hello(sequence: 4, echo: second.nonce), at: .origin + .seconds(6))
        #expect(core.counters.proofs == 2)
        _ = effects(&core, hello(sequence: 5, echo: second.nonce), at: .origin + .seconds(7))
        #expect(core.counters.proofs == 2)
        #expect(core.peers.first?.lastProof == .origin + .seconds(6))
    }

    @Test func `nothing that is verified traps the core`() {
        var random = SeededRandom(seed: 77)
        var core = core { ($0.peers, $0.strangers) = (4, 4) }
        _ = effects(&core, .start(peers: [there]))
        var now = Instant.origin
        var known: [UInt64] = [1, .max]
        for _ in 0..<20_000 {
            let echo = known[Int(random.below(UInt64(known.count)))]
            let extreme: [UInt64] = [0, 1, .max, random.next()]
            let input: GreetingInput =
                random.chance(ppm: 200_000)
                ? .timer
                : hello(
                    random.chance(ppm: 500_000) ? .greeting : .reply, from: Int(random.below(7)),
                    session: random.below(2), sequence: extreme[Int(random.below(4))], nonce: 1 + random.below(.max),
                    echo: echo)
            now = random.chance(ppm: 100) ? .distantFuture : now + .milliseconds(random.below(400))
            for content in sent(effects(&core, input, at: now)) { known.append(content.nonce) }
            known = known.suffix(16)
            #expect(core.peers.count <= 4)
        }
    }
}

@Suite struct HelloTests {
    private let hello = Hello(
        Hello.Content(
            .reply, network: 1, sender: GreetingNetwork.node(1), session: 2, sequence: 3, nonce: 4, echo: 5),
        signature: Signature(r: .zero, s: .zero))

    @Test func `has one length and one form`() throws {
        let bytes = hello.encoded
        #expect(bytes.count == Hello.count)
        #expect(Hello.count == 138)
        #expect(try Hello.decode(bytes, limit: Hello.count) == hello)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try Hello.decode(Array(bytes.prefix(length)), limit: Hello.count) }
        }
        #expect(throws: DecodeError.self) { try Hello.decode(bytes + [0], limit: 1_200) }
    }

    @Test(arguments: [
        (0, 0), (0, 2), (0, 255), (1, 0), (1, 3),
        // A nonce of zero, and a reply to nothing.
        (58, 0), (66, 0),
    ])
    func `refuses what no node sends`(index: Int, value: UInt8) {
        var bytes = hello.encoded
        bytes[index] = value
        #expect(throws: DecodeError.self) { try Hello.decode(bytes, limit: Hello.count) }
    }
}
