import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnGossip

/// Peers under names: what is asked, of whom, how often, and what is believed.
@Suite struct SeedLookupTests {
    private let server = Endpoint(IPAddress(v4: 0xc000_0235), port: 53)
    private let other = Endpoint(IPAddress(v4: 0xc000_0236), port: 53)
    private let name: DNSName
    private let node = "12D3KooWNwdHoiy1AFVpKWKbcS1n6RA9HLvJYjBDd7SPtNrevaSW"

    init() throws { name = try #require(DNSName("seed.example")) }

    private struct Run {
        var core: SeedLookup
        var now = Instant.origin
        var timer: Instant?

        mutating func give(_ input: SeedInput) -> [SeedEffect] {
            var effects: [SeedEffect] = []
            core.handle(input, at: now, into: &effects)
            for case .setTimer(let instant) in effects { timer = min(timer ?? .distantFuture, instant) }
            return effects
        }

        mutating func pass(_ span: TimeSpan) -> [SeedEffect] {
            let end = now + span
            var effects: [SeedEffect] = []
            while let due = timer, due <= end {
                (now, timer) = (max(now, due), nil)
                effects += give(.timer)
            }
            now = end
            return effects
        }
    }

    private func run(_ names: [DNSName]? = nil, _ change: (inout SeedSettings) -> Void = { _ in }) -> Run {
        var settings = SeedSettings()
        change(&settings)
        let random = SeededRandom(seed: 7)
        return Run(core: SeedLookup(names ?? [name], random: random, settings: settings, at: .origin))
    }

    private func questions(_ effects: [SeedEffect]) -> [(bytes: [UInt8], to: Endpoint)] {
        effects.compactMap { if case .send(let bytes, let endpoint) = $0 { (bytes, endpoint) } else { nil } }
    }

    private func found(_ effects: [SeedEffect]) -> [String] {
        effects.compactMap { if case .found(let node, let at, _) = $0 { "\(node.peerID) \(at)" } else { nil } }
    }

    /// What a server answers to the question, each text in one record or, where it is long, in several strings of it.
    private func answer(to question: [UInt8], _ texts: [String], flags: UInt16 = 0x8180) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Array(question.prefix(2)))
        for word in [flags, 1, UInt16(texts.count), 0, 0] { writer.u16(word.byteSwapped) }
        // Without the record at the end that says how long the answer may be.
        writer.raw(Array(question[12..<(question.count - 11)]))
        for text in texts {
            var strings: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                strings += [UInt8(min(255, rest.count))] + rest.prefix(255)
                rest = rest.dropFirst(255)
            }
            for word in [0xc00c, 16, 1, 0, 60, UInt16(strings.count)] { writer.u16(UInt16(word).byteSwapped) }
            writer.raw(strings)
        }
        return writer.bytes
    }

    private func listing(_ address: String, _ node: String? = nil) -> String {
        "dnsaddr=/ip4/\(address)/tcp/7470/p2p/\(node ?? self.node)"
    }

    private func nodes(_ count: Int) -> [String] {
        (0..<count).map { number in
            var writer = ByteWriter()
            writer.u64(UInt64(number))
            let seed = Blake2b().digest(DomainTag("cn/test"), writer.bytes).raw
            return NodeID(SecretKey(seed: Seed(known: seed)).publicKey).peerID
        }
    }

    @Test func `a question is the bytes of RFC 1035, with room for a long answer`() throws {
        let bytes = try SeedQuestion(0x1234, #require(DNSName("_dnsaddr.a.example"))).bytes
        #expect(
            bytes == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
                + [8] + Array("_dnsaddr".utf8) + [1, 0x61, 7] + Array("example".utf8) + [0, 0, 16, 0, 1]
                + [0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `nobody is asked while there are enough members, nor before those known had their time`() {
        var run = run()
        #expect(questions(run.give(.members(0, servers: [server]))).isEmpty)
        run.now = run.now + .seconds(5)
        #expect(questions(run.give(.members(4, servers: [server]))).isEmpty)
        let asked = questions(run.give(.members(3, servers: [server])))
        #expect(asked.count == 1 && asked[0].to == server)
        #expect(run.core.counters.rounds == 1)
    }

    @Test func `what is listed is found, and the port is closed`() {
        var run = run()
        run.now = run.now + .seconds(5)
        let asked = questions(run.give(.members(0, servers: [server])))
        let long = "dnsaddr=/ip4/203.0.113.9/tcp/7470/p2p/\(nodes(1)[0])"
        let reply = answer(to: asked[0].bytes, [listing("203.0.113.7"), "v=spf1 -all", long])
        let effects = run.give(.received(reply, from: server))
        #expect(Set(found(effects)) == ["\(node) 203.0.113.7:7470", "\(nodes(1)[0]) 203.0.113.9:7470"])
        #expect(effects.last == .rested && run.core.counters.unusable == 1)
        // Again the same is nothing that anybody waits for.
        #expect(found(run.give(.received(reply, from: server))).isEmpty && run.core.counters.unasked == 1)
    }

    @Test func `a text in several strings is one`() throws {
        let asked = SeedQuestion(1, name).bytes
        let text = String((0..<700).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
        let read = try SeedAnswer(answer(to: asked, [text, listing("203.0.113.8")]))
        #expect(read.texts == [text, listing("203.0.113.8")] && read.isGood && read.name == "seed.example")
    }

    @Test(arguments: ["10.0.0.1", "127.0.0.1", "192.168.1.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"])
    func `an address that no stranger can dial is not believed`(_ address: String) {
        var run = run()
        run.now = run.now + .seconds(5)
        let asked = questions(run.give(.members(0, servers: [server])))
        let effects = run.give(.received(answer(to: asked[0].bytes, [listing(address)]), from: server))
        #expect(found(effects).isEmpty && run.core.counters.unusable == 1)
    }

    @Test func `of a name that lists many some are taken, others each time`() {
        var few: [[String]] = []
        for seed in 1...2 as ClosedRange<UInt64> {
            var settings = SeedSettings()
            settings.peersPerName = 5
            var core = SeedLookup([name], random: SeededRandom(seed: seed), settings: settings, at: .origin)
            var effects: [SeedEffect] = []
            let now = Instant.origin + .seconds(5)
            core.handle(.members(0, servers: [server]), at: now, into: &effects)
            let bytes = answer(to: questions(effects)[0].bytes, nodes(10).map { listing("203.0.113.7", $0) })
            effects = []
            core.handle(.received(bytes, from: server), at: now, into: &effects)
            #expect(found(effects).count == 5 && core.counters.unusable == 5)
            few.append(found(effects))
        }
        #expect(few[0] != few[1])
    }

    @Test func `silence is repeated into at the next server, four times, and then rested`() {
        var run = run()
        run.now = run.now + .seconds(5)
        var asked = questions(run.give(.members(0, servers: [server, other])))
        let effects = run.pass(.seconds(20))
        asked += questions(effects)
        #expect(asked.map(\.to) == [server, other, server, other])
        #expect(Set(asked.map(\.bytes)).count == 1 && effects.contains(.rested))
        #expect(run.core.counters.silent == 1)
    }

    @Test func `rounds grow apart to an hour, and begin anew once there were members`() {
        var run = run()
        var rounds: [UInt64] = []
        for second in 0..<20_000 as Range<UInt64> {
            run.now = .origin + .seconds(second)
            let before = run.core.counters.rounds
            _ = run.pass(.zero)
            _ = run.give(.members(0, servers: [server]))
            if run.core.counters.rounds > before { rounds.append(second) }
        }
        #expect(rounds == [5, 35, 95, 215, 455, 935, 1_895, 3_815, 7_415, 11_015, 14_615, 18_215])
        _ = run.give(.members(9, servers: []))
        run.now = run.now + .seconds(29)
        #expect(questions(run.give(.members(0, servers: [server]))).isEmpty)
        run.now = run.now + .seconds(1)
        #expect(questions(run.give(.members(0, servers: [server]))).count == 1)
    }

    @Test func `members that come meanwhile leave the other names their time to answer`() {
        var run = run()
        run.now = run.now + .seconds(5)
        let asked = questions(run.give(.members(0, servers: [server])))
        #expect(questions(run.give(.members(9, servers: []))).isEmpty)
        run.now = run.now + .seconds(1)
        let effects = run.give(.received(answer(to: asked[0].bytes, [listing("203.0.113.7")]), from: server))
        #expect(found(effects).count == 1 && run.core.counters.silent == 0)
    }

    @Test func `whoever was not asked, does not know the number or the name, or writes nonsense, is not heard`() {
        var run = run()
        run.now = run.now + .seconds(5)
        let asked = questions(run.give(.members(0, servers: [server])))[0].bytes
        let good = answer(to: asked, [listing("203.0.113.7")])
        #expect(found(run.give(.received(good, from: other))).isEmpty && run.core.counters.foreign == 1)
        var wrong = good
        wrong[0] ^= 1
        #expect(found(run.give(.received(wrong, from: server))).isEmpty && run.core.counters.unasked == 1)
        wrong = good
        wrong[22] ^= 2
        #expect(found(run.give(.received(wrong, from: server))).isEmpty && run.core.counters.unasked == 2)
        for count in 0..<(good.count - 1) {
            #expect(found(run.give(.received(Array(good.prefix(count)), from: server))).isEmpty)
        }
        let question = answer(to: asked, [listing("203.0.113.7")], flags: 0x0100)
        #expect(found(run.give(.received(question, from: server))).isEmpty)
        #expect(run.core.counters.malformed == UInt64(good.count))
        #expect(found(run.give(.received(good, from: server))) == ["\(node) 203.0.113.7:7470"])
    }

    @Test func `a server that does not know the name is not asked again in this round`() {
        var run = run()
        run.now = run.now + .seconds(5)
        let asked = questions(run.give(.members(0, servers: [server, other])))[0].bytes
        let effects = run.give(.received(answer(to: asked, [], flags: 0x8183), from: server))
        #expect(effects.last == .rested && run.core.counters.refused == 1)
        #expect(questions(run.pass(.seconds(20))).isEmpty)
    }

    @Test func `names point nowhere in a circle`() {
        // A record whose name points to itself, and one that never ends.
        let head: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0x61, 0, 0, 16, 0, 1]
        let circle = head + [0xc0, 19, 0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0x62]
        #expect((try? SeedAnswer(circle))?.texts == ["b"])
        let endless = head + [UInt8](repeating: 1, count: 400)
        #expect(throws: DecodeError.self) { try SeedAnswer(endless) }
        #expect(throws: DecodeError.self) { try SeedAnswer([UInt8](repeating: 0, count: 2_000)) }
    }

    @Test func `whoever is listed is tried within seconds by a book that had nobody`() throws {
        var book = AddressBook(
            of: NodeID(SecretKey(seed: Seed(known: .zero)).publicKey), secret: Bytes32.zero, unixMilliseconds: 0,
            random: SeededRandom(seed: 3), using: Blake2b(), at: .origin)
        var now = Instant.origin
        var effects: [AddressBookEffect] = []
        book.handle(.start, at: now, into: &effects)
        for _ in 0..<5 {
            now = now + .seconds(1)
            book.handle(.timer, at: now, into: &effects)
        }
        let endpoint = Endpoint(IPAddress(v4: 0x0500_0001), port: 7_470)
        effects = []
        try book.handle(.listed(NodeID(peerID: node), at: endpoint, by: name), at: now, into: &effects)
        for case .setTimer(let at) in effects { #expect(at <= now + .seconds(1)) }
        for _ in 0..<20 where !effects.contains(where: { if case .reach = $0 { true } else { false } }) {
            now = now + .seconds(1)
            book.handle(.timer, at: now, into: &effects)
        }
        #expect(effects.contains(try .reach(NodeID(peerID: node), at: endpoint)))
    }

    @Test func `no name has more of the book's buckets than a district`() throws {
        var book = AddressBook(
            of: NodeID(SecretKey(seed: Seed(known: .zero)).publicKey), secret: Bytes32.zero, unixMilliseconds: 0,
            random: SeededRandom(seed: 3), using: Blake2b(), at: .origin)
        var effects: [AddressBookEffect] = []
        for (number, peer) in nodes(400).enumerated() {
            let node = try NodeID(peerID: peer)
            let address = IPAddress(v4: 0x0500_0000 | UInt32(number) << 14 | 1)
            book.handle(.listed(node, at: Endpoint(address, port: 7_470), by: name), at: .origin, into: &effects)
        }
        let limits = AddressBookSettings().limits
        let buckets = Set(book.fresh.map { Int($0.key) / limits.bucketSlots })
        #expect(buckets.count <= limits.newBucketsPerSource && book.newCount > 100)
    }
}
