import CairnBase
import CairnWitness
import Testing

@testable import CairnRadio

/// A town on a line, and what its radios hear of one another.
struct AirUnderTest {
    var air: Air
    var heard: [(reception: Reception, by: Int)] = []
    private var timers: [(at: Instant, frame: UInt64)] = []
    private var now = Instant.origin

    init(metres: [Int], rules: AirRules = AirRules(), seed: UInt64 = 1) {
        let stations = metres.enumerated().compactMap { number, metres in
            Position(latitude: 488_566_000, longitude: Int32(23_522_000 + metres * 136))
                .map { Station(eui: UInt64(number + 1), position: $0) }
        }
        air = Air(stations, rules: rules, seed: seed)
    }

    static func frame(spreading: UInt8 = 7, frequency: UInt32 = 868_100_000) -> SendRequest {
        SendRequest(
            payload: [UInt8](repeating: 7, count: 28), frequency: frequency, spreading: spreading, bandwidth: 0,
            power: 14)
    }

    mutating func send(_ request: SendRequest, by sender: Int) -> [Air.Effect] { give(.send(request, by: sender)) }

    private mutating func give(_ input: Air.Input) -> [Air.Effect] {
        var effects: [Air.Effect] = []
        air.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .wake(let frame, let time): timers.append((time, frame))
            case .received(let reception, let receiver): heard.append((reception, receiver))
            case .busy: break
            }
        }
        return effects
    }

    mutating func run() {
        while let next = timers.min(by: { $0.at < $1.at }) {
            timers.removeAll { $0.frame == next.frame }
            now = next.at
            _ = give(.ended(frame: next.frame))
        }
    }

    mutating func pass(_ span: TimeSpan) { now = now + span }

    func receivers() -> [Int] { heard.map(\.by) }
}

@Suite struct AirTests {
    /// 28 bytes last 66.8 and 226.3 ms by the formula of the data sheet.
    @Test func airtimeIsThatOfTheDataSheet() {
        #expect(Airtime.of(payload: 28, spreading: 7).milliseconds == 66)
        #expect(Airtime.of(payload: 28, spreading: 9).milliseconds == 226)
        #expect(Airtime.of(payload: 28, spreading: 10).milliseconds == 411)
    }

    @Test func theNearHearStrongerAndTheFarHearNothing() throws {
        var sums = [0, 0]
        for seed in 0..<50 {
            var town = AirUnderTest(metres: [0, 600, 2_400, 400_000], seed: UInt64(seed))
            _ = town.send(AirUnderTest.frame(), by: 0)
            town.run()
            #expect(!town.receivers().contains(3))
            for (reception, receiver) in town.heard { sums[receiver - 1] += Int(reception.strength) }
        }
        // Four times the distance at exponent 2.9 are 17.5 dB; noise under the weaker makes it a little less.
        #expect((14 * 50 * 10...19 * 50 * 10).contains(sums[0] - sums[1]), "\(sums)")
    }

    @Test func whoSendsHearsNothing() {
        var town = AirUnderTest(metres: [0, 600, 1_200])
        _ = town.send(AirUnderTest.frame(frequency: 868_100_000), by: 0)
        town.pass(.milliseconds(10))
        _ = town.send(AirUnderTest.frame(frequency: 868_300_000), by: 1)
        town.run()
        #expect(town.receivers() == [2, 2])
        #expect(town.air.missed.whileSending == 2)
        town.pass(.seconds(10))
        _ = town.send(AirUnderTest.frame(), by: 0)
        #expect(town.send(AirUnderTest.frame(), by: 0) == [.busy(0)])
    }

    @Test func ofTwoFramesAtOnceTheMuchStrongerIsHeard() {
        var rules = AirRules()
        (rules.shadow, rules.fading) = (0, 0)
        // The receiver stands beside the first: 400 m against 3 km.
        var town = AirUnderTest(metres: [0, 400, 3_400], rules: rules)
        _ = town.send(AirUnderTest.frame(), by: 0)
        _ = town.send(AirUnderTest.frame(), by: 2)
        town.run()
        #expect(town.heard.count == 1 && town.heard.first?.by == 1)
        var even = AirUnderTest(metres: [0, 1_000, 2_000], rules: rules)
        _ = even.send(AirUnderTest.frame(), by: 0)
        _ = even.send(AirUnderTest.frame(), by: 2)
        even.run()
        #expect(even.receivers().isEmpty && even.air.missed.overlaid == 2)
        // Another spreading factor does not disturb.
        var apart = AirUnderTest(metres: [0, 1_000, 2_000], rules: rules)
        _ = apart.send(AirUnderTest.frame(spreading: 7), by: 0)
        _ = apart.send(AirUnderTest.frame(spreading: 9), by: 2)
        apart.run()
        #expect(apart.receivers() == [1, 1])
    }

    @Test func oneSeedIsOneAir() {
        let runs = [3, 3, 4].map { seed in
            var town = AirUnderTest(metres: [0, 600, 1_200, 5_000, 9_000], seed: UInt64(seed))
            for sender in 0..<5 {
                _ = town.send(AirUnderTest.frame(spreading: 9), by: sender)
                town.pass(.seconds(1))
            }
            town.run()
            return town.heard.map { "\($0.reception) \($0.by)" }
        }
        #expect(runs[0] == runs[1] && runs[0] != runs[2])
    }

    @Test(arguments: [0, 400]) func theBellIsAsWideAsItSays(deviation: Int64) {
        let draws = (0..<4_000).map { Strength.bell(SeededRandom(seed: UInt64($0)), deviation) }
        let mean = draws.reduce(0, +) / 4_000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4_000
        #expect(abs(mean) <= deviation / 20)
        #expect((deviation * deviation * 9 / 10...deviation * deviation * 11 / 10).contains(variance))
    }
}
