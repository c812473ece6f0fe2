import CairnBase
import CairnWire
import Testing

@testable import CairnGossip

private func node(_ number: Int) -> NodeID { PubSubNetwork.node(number) }
/// A public address of a district of its own for each number.
private func place(_ number: Int) -> IPAddress { IPAddress(v4: 0x0b00_0001 + UInt32(number) << 16) }
private let outside = IPAddress(v4: 0xcb00_7107)

/// A node that wonders, its peers, and what they say when asked.
private struct Asking {
    static let unix: UInt64 = 1_700_000_000_000
    var core: Reachability
    var now = Instant.origin
    var timer: Instant?
    var changes: [Reachability.State] = []
    var questions: [(to: NodeID, DialBackQuestion)] = []

    init(listening: Endpoint = Endpoint(.any, port: 7_470), seed: UInt64 = 1) {
        core = Reachability(
            of: node(0), listening: listening, unixMilliseconds: Self.unix, random: SeededRandom(seed: seed), at: now)
    }

    mutating func give(_ input: ReachabilityInput) {
        var effects: [ReachabilityEffect] = []
        core.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .ask(let node, let question): questions.append((node, question))
            case .changed(let state, _): changes.append(state)
            case .setTimer(let instant): timer = instant
            }
        }
    }

    mutating func pass(_ span: TimeSpan) {
        let end = now + span
        while let due = timer, due <= end {
            (now, timer) = (due, nil)
            give(.timer)
        }
        now = end
    }

    /// Lets time pass until somebody is asked; tells how long that took.
    mutating func waitForQuestions() -> TimeSpan {
        let start = now
        questions = []
        while questions.isEmpty, let due = timer, due < start + .seconds(3_600) {
            (now, timer) = (due, nil)
            give(.timer)
        }
        return now.since(start)
    }

    /// Outbound peers 1 to `count`, all of which see us at the address.
    mutating func meet(_ count: Int, seeing address: IPAddress? = outside, isOutbound: Bool = true) {
        for number in 1...count {
            give(.joined(node(number), at: place(number), isOutbound: isOutbound))
            if let address { give(.observed(address, by: node(number))) }
        }
    }

    func result(
        _ question: DialBackQuestion, by dialler: NodeID, _ outcome: DialBackResult.Outcome = .reached,
        about asker: NodeID = node(0), signer: NodeID? = nil, late seconds: UInt64 = 0
    ) -> Verified<DialBackResult> {
        let clock = Self.unix / 1_000 + now.since(.origin).milliseconds / 1_000
        let content = DialBackResult.Content(
            asker: asker, dialler: dialler, nonce: question.nonce, endpoint: question.endpoint, outcome: outcome,
            milliseconds: 3, time: clock - seconds)
        let signature = Signature([UInt8](repeating: 0, count: Signature.count))
        return Verified(
            vouchedFor: DialBackResult(content, signature: signature ?? .init(r: .zero, s: .zero)),
            signer: (signer ?? dialler).key)
    }

    /// Everybody who is asked answers; further ones are asked where an answer was not taken.
    mutating func answerAll(_ outcome: (NodeID) -> DialBackResult.Outcome) {
        while !questions.isEmpty {
            let (peer, question) = questions.removeFirst()
            give(.answered(result(question, by: peer, outcome(peer)), from: peer))
        }
    }
}

@Suite struct ReachabilityTests {
    @Test func `a public address is believed once four peers that we dialled, in three districts, name it`() {
        var asking = Asking()
        asking.meet(3)
        #expect(asking.core.believed == nil && asking.core.dialled == nil)
        // Who came to us may have been sent.
        asking.give(.joined(node(8), at: place(8), isOutbound: false))
        asking.give(.observed(outside, by: node(8)))
        #expect(asking.core.believed == nil)
        asking.give(.joined(node(4), at: place(4), isOutbound: true))
        asking.give(.observed(outside, by: node(4)))
        #expect(asking.core.believed == outside && asking.core.dialled == Endpoint(outside, port: 7_470))
        asking.give(.left(node(1)))
        #expect(asking.core.believed == nil)

        var crowd = Asking()
        for number in 1...9 {
            crowd.give(.joined(node(number), at: IPAddress(v4: 0x0b00_0000 + UInt32(number)), isOutbound: true))
            crowd.give(.observed(outside, by: node(number)))
        }
        #expect(crowd.core.believed == nil, "nine names of one district are one voice")
    }

    @Test func `what a router maps is where members are asked to dial, and what they see counts for more`() {
        var asking = Asking()
        let mapped = Endpoint(IPAddress(v4: 0xcb00_7109), port: 40_000)
        asking.meet(3)
        asking.give(.mapped(mapped))
        #expect(asking.core.dialled == mapped && asking.core.state == .unknown, "nobody has dialled it yet")
        _ = asking.waitForQuestions()
        #expect(asking.questions.map(\.1.endpoint) == [mapped, mapped, mapped])
        asking.answerAll { _ in .unconnected }
        #expect(asking.core.state == .unreachable, "the router's word is no proof")
        asking.give(.joined(node(4), at: place(4), isOutbound: true))
        asking.give(.observed(outside, by: node(4)))
        #expect(asking.core.dialled == Endpoint(outside, port: 40_000), "its port, where peers see us")
        asking.give(.mapped(nil))
        #expect(asking.core.dialled == Endpoint(outside, port: 7_470))
        var open = Asking(listening: Endpoint(outside, port: 7_470))
        open.give(.mapped(mapped))
        #expect(open.core.dialled == Endpoint(outside, port: 7_470))
    }

    @Test func `a private address needs two, and counts for less than a public one`() {
        var asking = Asking()
        let home = IPAddress(v4: 0xc0a8_0105)
        asking.meet(2, seeing: home)
        #expect(asking.core.dialled == Endpoint(home, port: 7_470))
        for number in 3...6 {
            asking.give(.joined(node(number), at: place(number), isOutbound: true))
            asking.give(.observed(outside, by: node(number)))
        }
        #expect(asking.core.dialled?.address == outside)
        // Listened at in a private network and seen from outside: the latter is dialled.
        var inside = Asking(listening: Endpoint(home, port: 7_470))
        #expect(inside.core.dialled?.address == home)
        inside.meet(4)
        #expect(inside.core.dialled?.address == outside)
        // A public address of our own needs no opinion.
        var open = Asking(listening: Endpoint(place(77), port: 9))
        open.meet(6)
        #expect(open.core.dialled == Endpoint(place(77), port: 9))
    }

    @Test(arguments: 0..<40) func `most of three decide, and one liar changes nothing`(_ seed: UInt64) {
        for (truth, lie): (DialBackResult.Outcome, DialBackResult.Outcome) in [
            (.reached, .unconnected), (.unconnected, .reached), (.unproven, .reached),
        ] {
            var asking = Asking(seed: seed)
            asking.meet(5)
            asking.pass(.seconds(3))
            #expect(asking.questions.count == 3 && Set(asking.questions.map { $0.1.nonce }).count == 1)
            let liar = asking.questions[Int(seed % 3)].to
            asking.answerAll { $0 == liar ? lie : truth }
            #expect(asking.core.state == (truth == .reached ? .reachable : .unreachable))
            #expect(asking.changes.count == 1 && asking.core.results.count == 3)
            let pause = asking.waitForQuestions()
            #expect(asking.questions.count == 3 && pause >= .seconds(600) && pause < .seconds(750))
        }
    }

    @Test func `answers of strangers, about others, of other rounds, old and repeated ones are dropped and counted`() {
        var asking = Asking()
        asking.meet(6)
        asking.pass(.seconds(3))
        let (peer, question) = asking.questions[0]
        let (other, _) = asking.questions[1]
        let outsider = (1...6).map(node).first { peer in !asking.questions.contains { $0.to == peer } } ?? node(9)
        func wrong(_ nonce: Bytes32?, _ endpoint: Endpoint?) -> DialBackQuestion {
            DialBackQuestion(nonce: nonce ?? question.nonce, endpoint: endpoint ?? question.endpoint)
        }
        // Of those who were not asked, nothing is taken and nothing is taken from anybody.
        asking.give(.answered(asking.result(question, by: outsider), from: outsider))
        asking.give(.answered(asking.result(question, by: node(99)), from: node(99)))
        #expect(asking.core.counters.strange == 2 && asking.questions.count == 3)
        let bad: [(Asking) -> Verified<DialBackResult>] = [
            { $0.result(wrong(.zero, nil), by: peer) },
            { $0.result(wrong(nil, Endpoint(outside, port: 7_471)), by: peer) },
            { $0.result(wrong(nil, Endpoint(place(5), port: 7_470)), by: peer) },
            { $0.result(question, by: other) },
            { $0.result(question, by: peer, signer: other) },
            { $0.result(question, by: peer, about: node(5)) },
            { $0.result(question, by: peer, late: 61) },
        ]
        for make in bad {
            var copy = asking
            copy.give(.answered(make(copy), from: peer))
            #expect(copy.core.counters.strange == 3)
            #expect(copy.questions.count == 4, "another is asked instead")
            copy.give(.answered(copy.result(question, by: peer), from: peer))
            #expect(copy.core.counters.strange == 4, "who has answered amiss is not heard again")
        }
        let good = asking.result(question, by: peer)
        asking.give(.answered(good, from: peer))
        asking.give(.answered(good, from: peer))
        #expect(asking.core.counters.reached == 1 && asking.core.counters.strange == 3)
        // The next round has another number.
        asking.questions.removeFirst()
        asking.answerAll { _ in .reached }
        _ = asking.waitForQuestions()
        #expect(asking.questions.count == 3)
        let again = asking.questions[0]
        asking.give(.answered(asking.result(question, by: again.to), from: again.to))
        #expect(asking.core.counters.strange == 4)
    }

    @Test func `silence is replaced by others, is bounded, and takes back nothing at once`() {
        var asking = Asking()
        asking.meet(20)
        asking.pass(.seconds(3))
        asking.answerAll { _ in .reached }
        #expect(asking.core.state == .reachable)
        _ = asking.waitForQuestions()
        #expect(asking.questions.count == 3)
        asking.pass(.seconds(40))
        #expect(asking.questions.count == 6 && asking.core.counters.failed == 6 && asking.core.state == .reachable)
        asking.pass(.seconds(1_200))
        #expect(asking.core.state == .unknown, "nobody has said anything for twenty minutes")
    }

    @Test func `an address that changes makes everything unknown, and is asked about soon`() {
        var asking = Asking()
        asking.meet(4)
        asking.pass(.seconds(3))
        asking.answerAll { _ in .reached }
        asking.pass(.seconds(60))
        for number in 1...4 { asking.give(.observed(place(200), by: node(number))) }
        #expect(asking.core.state == .unknown && asking.core.dialled?.address == place(200))
        asking.pass(.seconds(3))
        #expect(asking.questions.count == 3)
        #expect(asking.questions.allSatisfy { $0.1.endpoint == Endpoint(place(200), port: 7_470) })
    }

    @Test func `the map of members is bounded and dies with them`() {
        var asking = Asking()
        for number in 0..<600 { asking.give(.joined(node(number + 1), at: place(number % 200), isOutbound: true)) }
        #expect(asking.core.peers.count == 512 && asking.core.counters.dropped == 88)
        for number in 0..<600 { asking.give(.left(node(number + 1))) }
        #expect(asking.core.peers.isEmpty)
    }
}

@Suite struct DialBackDeskTests {
    private func desk() -> DialBackDesk { DialBackDesk(of: node(0), unixMilliseconds: Asking.unix, at: .origin) }

    private func ask(
        _ desk: inout DialBackDesk, _ asker: Int, from source: IPAddress, at endpoint: Endpoint,
        after span: TimeSpan = .zero
    ) -> [DialBackEffect] {
        var effects: [DialBackEffect] = []
        desk.handle(
            .asked(DialBackQuestion(nonce: .zero, endpoint: endpoint), by: node(asker), at: source),
            at: .origin + span, into: &effects)
        return effects
    }

    @Test func `nobody can have anybody else dialled`() {
        let home = IPAddress(v4: 0x0a00_0005)
        let refused: [(IPAddress, Endpoint, DialBackRefusal)] = [
            (place(1), Endpoint(place(2), port: 7_470), .foreign),
            (place(1), Endpoint(home, port: 7_470), .foreign),
            (place(1), Endpoint(.loopback, port: 22), .foreign),
            (home, Endpoint(place(1), port: 7_470), .foreign),
            (place(1), Endpoint(place(1), port: 0), .impossible),
            (.any, Endpoint(.any, port: 7_470), .impossible),
        ]
        for (source, endpoint, refusal) in refused {
            var desk = desk()
            #expect(ask(&desk, 1, from: source, at: endpoint) == [.refuse(0, refusal)])
            #expect(desk.dialled == 0 && desk.refused[refusal.rawValue] == 1)
        }
        var desk = desk()
        let good = Endpoint(place(1), port: 7_470)
        #expect(ask(&desk, 1, from: place(1), at: good) == [.dial(0, node(1), good)])
        var effects: [DialBackEffect] = []
        desk.handle(.ended(0, .unproven), at: .origin + .seconds(2), into: &effects)
        let content = DialBackResult.Content(
            asker: node(1), dialler: node(0), nonce: .zero, endpoint: good, outcome: .unproven, milliseconds: 2_000,
            time: Asking.unix / 1_000 + 2)
        #expect(effects == [.answer(0, content)])
        desk.handle(.ended(0, .reached), at: .origin + .seconds(2), into: &effects)
        #expect(effects.count == 1, "an answer is given once")
    }

    @Test func `a node, an address and all together may ask only so often`() {
        var desk = desk()
        let good = Endpoint(place(1), port: 7_470)
        var made = 0
        /// Asks, and lets the dial end at once.
        func ends(_ asker: Int, _ place: IPAddress, _ second: UInt64) -> Bool {
            let effects = ask(&desk, asker, from: place, at: Endpoint(place, port: 7_470), after: .seconds(second))
            guard case .dial(let number, _, _)? = effects.first else { return false }
            made += 1
            var more: [DialBackEffect] = []
            desk.handle(.ended(number, .reached), at: .origin + .seconds(second), into: &more)
            return true
        }
        #expect(ends(1, good.address, 0) && !ends(1, good.address, 9) && ends(1, good.address, 10))
        // New names at one address gain nothing after the eighth.
        for asker in 2...7 { #expect(ends(asker, good.address, 10)) }
        #expect(!ends(8, good.address, 10) && ends(8, good.address, 71))
        for asker in 100..<300 { _ = ends(asker, place(asker - 90), 71) }
        #expect(made == 8 + 60, "in one minute no more than sixty")

        var slow = self.desk()
        for asker in 1...8 {
            #expect(ask(&slow, asker, from: place(asker), at: Endpoint(place(asker), port: 9)).count == 1)
        }
        #expect(ask(&slow, 9, from: place(9), at: Endpoint(place(9), port: 9)) == [.refuse(8, .busy)])
    }
}

@Suite struct DialBackBytesTests {
    @Test func `a question is longer than its answer, and both have one form`() throws {
        for address in [place(1), IPAddress(high: 0x2001_0db8_0000_0000, low: 7)] {
            let question = DialBackQuestion(nonce: .zero, endpoint: Endpoint(address, port: 7_470))
            #expect(question.encoded.count == DialBackQuestion.byteCount)
            #expect(try DialBackQuestion.decode(question.encoded, limit: DialBackQuestion.byteCount) == question)
            var padded = question.encoded
            padded[511] = 1
            #expect(throws: DecodeError.self) { try DialBackQuestion.decode(padded, limit: 512) }
            #expect(throws: DecodeError.self) {
                try DialBackQuestion.decode(Array(question.encoded.dropLast()), limit: 512)
            }
        }
        #expect(DialBackResult.longest < DialBackQuestion.byteCount / 2)
    }
}
