import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnGossip

/// A book with the time, and what it wanted.
private struct Desk {
    typealias Book = AddressBook<Blake2b>

    var book: Book
    var now = Instant.origin
    var wanted: [AddressBookEffect] = []
    private var due: Instant?

    init(
        seed: UInt64 = 1, content: AddressBookContent? = nil, _ change: (inout AddressBookSettings) -> Void = { _ in }
    ) {
        var settings = AddressBookSettings()
        change(&settings)
        let (random, unix) = (SeededRandom(seed: seed), UInt64(1_700_000_000_000))
        if let content {
            let unix = unix + 60_000
            book = Book(
                content, of: Self.node(0), unixMilliseconds: unix, random: random, using: Blake2b(), settings: settings,
                at: now)
        } else {
            book = Book(
                of: Self.node(0), secret: Self.node(seed << 32).raw, unixMilliseconds: unix, random: random,
                using: Blake2b(), settings: settings, at: now)
        }
    }

    static func node(_ number: UInt64) -> NodeID {
        var writer = ByteWriter(capacity: 8)
        writer.u64(number)
        return NodeID(Blake2b().digest(DomainTag("cn/test"), writer.bytes).raw)
    }

    /// Host `host` of the /16 number `district`, all of them public.
    static func endpoint(_ district: UInt32, _ host: UInt32 = 1) -> Endpoint {
        Endpoint(IPAddress(v4: (0x0b00 + district) << 16 | host), port: 7_470)
    }

    mutating func give(_ input: AddressBookInput) { book.handle(input, at: now, into: &wanted) }

    mutating func learn(_ number: UInt64, at endpoint: Endpoint, from teller: UInt64, in district: UInt32) {
        let source = Self.endpoint(district).address
        give(.learned(Self.node(number), at: endpoint, from: Self.node(teller), source: source))
    }

    /// Lets time pass as a shell does, and returns who was to be reached.
    mutating func pass(_ span: TimeSpan) -> [NodeID] {
        let end = now + span
        var tries: [NodeID] = []
        while true {
            for effect in wanted {
                if case .reach(let node, _) = effect { tries.append(node) }
                if case .setTimer(let at) = effect { due = at }
            }
            wanted = []
            guard let next = due, next <= end else { break }
            now = max(now, next)
            due = nil
            give(.timer)
        }
        now = end
        return tries
    }
}

@Suite struct AddressBookTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `one district that tells of everything fills a sixteenth of the new`(seed: UInt64) {
        var desk = Desk(seed: seed)
        for number in 1...20_000 as ClosedRange<UInt64> {
            // Many informants of one district, who tell of addresses everywhere.
            let place = Desk.endpoint(UInt32(number % 4_000), UInt32(number))
            desk.learn(number, at: place, from: 1 << 40 + number % 100, in: 9)
        }
        let limits = Limits.Addresses()
        #expect(desk.book.newCount > 2_000)
        #expect(desk.book.newCount <= limits.newBucketsPerSource * limits.bucketSlots)
        #expect(desk.book.counters.crowdedOut > 10_000)
    }

    @Test func `after a flood of hearsay most of whom it tries are those that others told of`() {
        var desk = Desk()
        for number in 1...200 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(UInt32(number), 7), from: 1 << 41 + number, in: UInt32(number))
        }
        for number in 1_000...9_000 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(3_000, UInt32(number)), from: 1 << 42 + number % 64, in: 3_000)
        }
        desk.give(.start)
        let tries = desk.pass(.seconds(600))
        let honest = Set((1...200 as ClosedRange<UInt64>).map(Desk.node))
        #expect(tries.count > 50)
        #expect(tries.filter { honest.contains($0) }.count * 10 > tries.count * 9)
    }

    @Test func `a newcomer's first look finds whom it was told of, and whoever reached all of them looks among those`()
    {
        for seed in 1...32 as ClosedRange<UInt64> {
            var desk = Desk(seed: seed)
            desk.learn(1, at: Desk.endpoint(1), from: 2, in: 1)
            desk.give(.start)
            #expect(desk.pass(.seconds(1)) == [Desk.node(1)], "nobody tried yet")
            desk.give(.reached(Desk.node(1), at: Desk.endpoint(1)))
            #expect(desk.book.triedCount == 1 && desk.book.newCount == 0)
            desk.now = desk.now + .seconds(7_200)
            #expect(desk.pass(.seconds(10)) == [Desk.node(1)], "nobody new")
        }
    }

    @Test func `an informant has its burst and then one in ten seconds`() {
        var desk = Desk()
        for number in 1...1_500 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(UInt32(number)), from: 1 << 40, in: 1)
        }
        #expect(desk.book.counters.learned == 1_000)
        #expect(desk.book.counters.overtold == 500)
        desk.now = desk.now + .seconds(25)
        for number in 2_000...2_010 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(UInt32(number)), from: 1 << 40, in: 1)
        }
        #expect(desk.book.counters.learned == 1_002)
    }

    @Test(arguments: ["10.0.0.1:7470", "127.0.0.1:7470", "224.0.0.1:7470", "0.0.0.0:7470", "11.0.0.1:0", "[::]:7470"])
    func `nobody public sends us to places nobody can reach`(place: String) throws {
        var desk = Desk()
        let endpoint = try #require(Endpoint(place))
        desk.learn(1, at: endpoint, from: 2, in: 1)
        #expect(desk.book.entries.isEmpty)
        #expect(desk.book.counters.unreachable == 1)
    }

    @Test func `a neighbour may tell of neighbours`() throws {
        var desk = Desk()
        let place = try #require(Endpoint("192.168.7.9:7470"))
        desk.give(.learned(Desk.node(1), at: place, from: Desk.node(2), source: place.address))
        #expect(desk.book.newCount == 1)
    }

    @Test(arguments: [true, false])
    func `a place among the tried goes to another only after its holder was tried in vain`(isThere: Bool) throws {
        // One place for all.
        var desk = Desk { settings in
            (settings.limits.triedBuckets, settings.limits.bucketSlots) = (1, 1)
            settings.outbound = 0
        }
        desk.give(.start)
        desk.give(.joined(Desk.node(9), at: Desk.endpoint(9), isOutbound: false))
        desk.give(.reached(Desk.node(1), at: Desk.endpoint(1)))
        desk.give(.reached(Desk.node(2), at: Desk.endpoint(2)))
        #expect(desk.book.entries[Desk.node(1)]?.isTried == true)
        // Reached so lately that it is not even asked.
        #expect(desk.book.contestCount == 0)
        desk.now = desk.now + .seconds(5 * 3_600)
        desk.give(.reached(Desk.node(2), at: Desk.endpoint(2)))
        #expect(desk.book.contestCount == 1)
        #expect(desk.book.entries[Desk.node(1)]?.isTried == true)
        let tries = desk.pass(.seconds(200))
        #expect(tries.contains(Desk.node(1)))
        desk.give(isThere ? .reached(Desk.node(1), at: Desk.endpoint(1)) : .failed(Desk.node(1)))
        #expect(desk.book.entries[Desk.node(1)]?.isTried == isThere)
        #expect(desk.book.triedCount == 1)
        #expect(desk.book.counters.evicted == (isThere ? 0 : 1))
    }

    @Test func `a district has eight buckets of the tried, however many peers it has`() {
        var desk = Desk { $0.immunity = .zero }
        for number in 1...5_000 as ClosedRange<UInt64> {
            desk.give(.reached(Desk.node(number), at: Desk.endpoint(5, UInt32(number))))
        }
        let limits = Limits.Addresses()
        #expect(desk.book.triedCount <= limits.bucketsPerAddress * limits.bucketSlots)
        #expect(desk.book.triedCount > 256)
    }

    @Test func `feelers turn what was heard of into what was reached`() {
        var desk = Desk { $0.outbound = 0 }
        for number in 1...20 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(UInt32(number)), from: 99, in: 9)
        }
        desk.give(.start)
        for _ in 0..<60 {
            for node in desk.pass(.seconds(120)) {
                if let place = desk.book.entries[node]?.endpoint { desk.give(.reached(node, at: place)) }
            }
        }
        #expect(desk.book.triedCount == 20)
        #expect(desk.book.counters.feelers >= 20)
    }

    @Test func `candidates come from different districts until there are eight`() {
        var desk = Desk()
        for number in 1...300 as ClosedRange<UInt64> {
            let place = Desk.endpoint(UInt32(number % 12), UInt32(number))
            desk.learn(number, at: place, from: 1 << 40 + number, in: UInt32(number))
        }
        desk.give(.start)
        var joined: [Endpoint] = []
        for _ in 0..<120 {
            for node in desk.pass(.seconds(1)) {
                guard let place = desk.book.entries[node]?.endpoint else { continue }
                joined.append(place)
                desk.give(.joined(node, at: place, isOutbound: true))
            }
        }
        #expect(joined.count == 8)
        #expect(Set(joined.map(\.address.district)).count == 8)
    }

    @Test func `a restart begins with the anchors, and with the same book`() throws {
        var desk = Desk()
        for number in 1...50 as ClosedRange<UInt64> {
            desk.learn(number, at: Desk.endpoint(UInt32(number)), from: 99, in: 9)
        }
        desk.give(.joined(Desk.node(1), at: Desk.endpoint(1), isOutbound: true))
        desk.now = desk.now + .seconds(1)
        desk.give(.joined(Desk.node(2), at: Desk.endpoint(2), isOutbound: true))
        desk.give(.joined(Desk.node(3), at: Desk.endpoint(3), isOutbound: true))
        #expect(desk.book.anchors == [Desk.node(1), min(Desk.node(2), Desk.node(3))])
        desk.wanted = []
        desk.now = desk.now + .seconds(10)
        desk.give(.timer)
        #expect(desk.wanted.contains(.save))
        // Stopping ends the connections, and is no reason to forget them.
        for number in 1...3 as ClosedRange<UInt64> { desk.give(.left(Desk.node(number))) }
        let bytes = desk.book.kept.encoded
        let content = try AddressBookContent.decode(bytes, limit: AddressBookContent.byteLimit)
        var again = Desk(seed: 7, content: content)
        #expect(again.book.kept.encoded == bytes)
        #expect(again.book.entries.map(\.value.places) == desk.book.entries.map(\.value.places))
        again.give(.start)
        #expect(
            again.wanted.prefix(2) == [
                .reach(desk.book.anchors[0], at: Desk.endpoint(1)),
                .reach(desk.book.anchors[1], at: desk.book.entries[desk.book.anchors[1]]?.endpoint ?? Desk.endpoint(0)),
            ])
    }

    @Test func `who fails three times without ever being reached is forgotten`() {
        var desk = Desk()
        desk.learn(1, at: Desk.endpoint(1), from: 2, in: 2)
        // Nobody is there at all: that says nothing about the one.
        for _ in 0..<5 { desk.give(.failed(Desk.node(1))) }
        #expect(desk.book.newCount == 1)
        desk.give(.joined(Desk.node(9), at: Desk.endpoint(9), isOutbound: false))
        for _ in 0..<3 { desk.give(.failed(Desk.node(1))) }
        #expect(desk.book.entries.isEmpty)
    }

    @Test func `a tried peer that is said to have moved is looked for at its old place first`() {
        var desk = Desk()
        desk.give(.joined(Desk.node(9), at: Desk.endpoint(9), isOutbound: false))
        desk.give(.reached(Desk.node(1), at: Desk.endpoint(1)))
        desk.learn(1, at: Desk.endpoint(2), from: 2, in: 2)
        #expect(desk.book.entries[Desk.node(1)]?.endpoint == Desk.endpoint(1))
        desk.give(.failed(Desk.node(1)))
        desk.learn(1, at: Desk.endpoint(2), from: 2, in: 2)
        #expect(desk.book.entries[Desk.node(1)]?.endpoint == Desk.endpoint(2))
        #expect(desk.book.entries[Desk.node(1)]?.isTried == false)
    }

    @Test func `a banned node is forgotten and not learned again, a banned address only left alone`() {
        var desk = Desk()
        for number in 1...2 as ClosedRange<UInt64> {
            desk.give(.reached(Desk.node(number), at: Desk.endpoint(UInt32(number))))
        }
        var banned = Banned()
        banned.nodes.insert(Desk.node(1))
        banned.addresses.insert(Desk.endpoint(2).address)
        desk.give(.banned(banned))
        desk.learn(1, at: Desk.endpoint(1), from: 9, in: 9)
        desk.give(.reached(Desk.node(1), at: Desk.endpoint(1)))
        desk.learn(3, at: Desk.endpoint(2), from: 9, in: 9)
        #expect(desk.book.entries.keys == [Desk.node(2)])
        desk.give(.start)
        #expect(desk.pass(.seconds(3_600)).isEmpty)
        desk.give(.banned(Banned()))
        #expect(desk.pass(.seconds(3_600)).contains(Desk.node(2)))
    }
}
