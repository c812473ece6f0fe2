import CairnBase
import CairnWire
import Testing

@testable import CairnGossip

private func node(_ number: Int) -> NodeID { PubSubNetwork.node(number) }
private func address(_ number: UInt32) -> IPAddress { IPAddress(v4: 0x0b00_0000 | number) }
private let hour = TimeSpan.seconds(3_600)

/// A ban list with the time, and what it last wanted.
private struct Desk {
    static let unix: UInt64 = 1_700_000_000_000
    var list: BanList
    var now = Instant.origin
    var effects: [BanListEffect] = []

    init(_ kept: [Ban] = [], unix: UInt64 = Desk.unix, _ change: (inout BanSettings) -> Void = { _ in }) {
        var settings = BanSettings()
        change(&settings)
        list = BanList(kept, unixMilliseconds: unix, settings: settings, at: now)
    }

    mutating func give(_ input: BanListInput) {
        effects = []
        list.handle(input, at: now, into: &effects)
    }

    /// Lets time pass; the timer comes when it was set for.
    mutating func pass(_ span: TimeSpan) {
        now = now + span
        give(.timer)
    }

    func left(_ subject: BanSubject) -> TimeSpan? {
        list.inForce(at: now).first { $0.subject == subject }.map { .seconds($0.until - list.unix(now)) }
    }
}

@Suite struct BanListTests {
    @Test func `offences of one peer cost an hour, a day, and then a week each`() {
        var desk = Desk()
        for span in [hour, hour * 24, hour * 24 * 7, hour * 24 * 7] {
            desk.give(.offended(node(1), .forgedRecord, at: address(1)))
            #expect(desk.left(.node(node(1))) == span)
            desk.give(.offended(node(1), .falseKey, at: address(1)))
            #expect(desk.effects.isEmpty, "who is banned cannot offend")
            desk.pass(span)
            #expect(desk.list.banned == Banned())
        }
        desk.pass(hour * 24 * 30)
        #expect(desk.list.bans.isEmpty)
        desk.give(.offended(node(1), .forgedRecord, at: nil))
        #expect(desk.left(.node(node(1))) == hour, "what is long past is forgotten")
    }

    @Test func `it is written down before anybody is told, and told once`() throws {
        var desk = Desk()
        desk.give(.ban(.address(address(9)), for: hour, note: "floods"))
        var banned = Banned()
        banned.addresses.insert(address(9))
        #expect(desk.effects == [.save, .changed(banned), .setTimer(at: desk.now + hour)])
        desk.give(.timer)
        #expect(desk.effects.isEmpty)
        desk.pass(hour)
        #expect(desk.effects == [.save, .changed(Banned())])
        desk.give(.lift(.address(address(9))))
        #expect(desk.effects.isEmpty)
    }

    @Test func `a restart shortens nothing, and a clock that went back lengthens nothing`() throws {
        var desk = Desk()
        desk.give(.offended(node(1), .oversizeMessage, at: address(1)))
        desk.give(.ban(.node(node(2)), for: hour * 48, note: "its owner asked"))
        let bytes = BanListContent(desk.list).encoded
        let kept = try BanListContent.decode(bytes, limit: BanListContent.byteLimit).bans
        var again = Desk(kept, unix: Desk.unix + 600_000)
        again.give(.start)
        #expect(again.left(.node(node(1))) == .seconds(3_000))
        #expect(again.left(.node(node(2))) == .seconds(48 * 3_600 - 600))
        #expect(again.list.banned == desk.list.banned && again.list.bans[.node(node(2))]?.note == "its owner asked")
        var late = Desk(kept, unix: Desk.unix + 3_600_000 * 50)
        late.give(.start)
        #expect(late.list.banned == Banned())
        late.give(.offended(node(1), .falseKey, at: nil))
        #expect(late.left(.node(node(1))) == hour * 24, "it is remembered")
        var early = Desk(kept, unix: 0)
        early.give(.start)
        #expect(try #require(early.left(.node(node(1)))) <= hour * 24 * 7)
    }

    @Test func `an address is banned when three names at it were, for an hour, and a private one never`() {
        var desk = Desk()
        for number in 1...3 {
            desk.give(.offended(node(number), .invalidMessages, at: address(7)))
            desk.give(.offended(node(10 + number), .invalidMessages, at: IPAddress(v4: 0x7f02_0001)))
            #expect(desk.list.banned.addresses.count == number / 3)
        }
        #expect(desk.left(.address(address(7))) == hour)
        for number in 20...40 { desk.give(.offended(node(number), .invalidMessages, at: address(7))) }
        #expect(desk.left(.address(address(7))) == hour, "never longer: others may be behind it")
        // Three in three days are chance.
        var slow = Desk()
        for number in 1...3 {
            slow.give(.offended(node(number), .invalidMessages, at: address(7)))
            slow.pass(hour * 24)
        }
        #expect(slow.list.banned.addresses.isEmpty)
    }

    @Test func `of IPv6 three names in one half of the addresses ban that half, as one address`() {
        var desk = Desk()
        func place(_ half: UInt64, _ low: UInt64) -> IPAddress {
            IPAddress(high: 0x2001_0db8_0000_0000 | half, low: low)
        }
        for number in 1...9 {
            desk.give(.offended(node(number), .invalidMessages, at: place(7, UInt64(number))))
            desk.give(.offended(node(100 + number), .invalidMessages, at: place(UInt64(100 + number), 1)))
        }
        #expect(desk.list.banned.addresses.count == 1 && desk.list.counters.crowd == 1)
        #expect(desk.list.banned.forbids(Endpoint(place(7, 0xffff), port: 1)))
        #expect(!desk.list.banned.forbids(Endpoint(place(8, 1), port: 1)))
    }

    @Test func `a clock that was ahead lengthens no ban beyond what its cause gives`() throws {
        var desk = Desk()
        for number in 1...3 { desk.give(.offended(node(number), .invalidMessages, at: address(7))) }
        let crowd = desk.list.bans.map(\.value).filter { $0.cause == .crowd }
        desk.pass(hour)
        desk.give(.offended(node(1), .falseKey, at: address(8)))
        var early = Desk(desk.list.bans.map(\.value) + crowd, unix: 0)
        early.give(.start)
        #expect(early.left(.address(address(7))) == hour && early.left(.node(node(2))) == hour)
        #expect(early.left(.node(node(1))) == hour * 24)
    }

    @Test func `the list is capped, what ends first makes room, and the operator's stay`() {
        var desk = Desk { $0.capacity = 8 }
        for number in 0..<4 { desk.give(.ban(.node(node(number)), for: .seconds(60), note: "")) }
        for number in 10..<10_000 {
            desk.give(.offended(node(number), .brokenStreams, at: address(UInt32(number))))
            #expect(desk.list.bans.count <= 8)
        }
        #expect((0..<4).allSatisfy { desk.list.banned.forbids(node($0)) })
        for number in 4..<9 { desk.give(.ban(.node(node(number)), for: .seconds(60), note: "")) }
        #expect(desk.list.counters.refused == 1 && !desk.list.banned.forbids(node(8)))
        desk.give(.offended(node(77), .falseKey, at: nil))
        #expect(!desk.list.banned.forbids(node(77)))
        desk.pass(.seconds(60))
        desk.give(.offended(node(77), .falseKey, at: nil))
        #expect(desk.list.banned.forbids(node(77)))
    }

    @Test func `the operator's word stands in the place of the node's, and is taken back whole`() {
        var desk = Desk()
        desk.give(.offended(node(1), .falseKey, at: nil))
        desk.give(.ban(.node(node(1)), for: .seconds(10), note: String(repeating: "é", count: 300)))
        #expect(desk.left(.node(node(1))) == .seconds(10))
        #expect(desk.list.bans[.node(node(1))]?.note.utf8.count == Ban.noteLimit)
        desk.give(.lift(.node(node(1))))
        desk.give(.offended(node(1), .falseKey, at: nil))
        #expect(desk.left(.node(node(1))) == hour)
        desk.give(.ban(.node(node(2)), for: TimeSpan(nanoseconds: .max), note: ""))
        #expect(desk.left(.node(node(2))) == BanSettings.ownerLongest)
    }

    @Test func `a damaged list is refused as a whole`() {
        var desk = Desk()
        desk.give(.offended(node(1), .falseKey, at: address(1)))
        desk.give(.ban(.address(address(3)), for: hour, note: "x"))
        let bytes = BanListContent(desk.list).encoded
        let limit = BanListContent.byteLimit
        for count in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try BanListContent.decode(Array(bytes.prefix(count)), limit: limit) }
        }
        #expect(throws: DecodeError.self) { try BanListContent.decode(bytes + [0], limit: limit) }
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 0xff
            guard let content = try? BanListContent.decode(altered, limit: limit) else { continue }
            #expect(content.encoded == altered)
        }
    }
}
