import CairnBase
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness
import Testing

/// How often the rule of power steps (reason 22) finds an honest pair: rows of the last 32 beacons that one radio heard of
/// another in the simulated air. Of a link that the weakest beacons do not cross, what is heard is what was lucky, and follows
/// the power less.
@Suite struct WeakLinkTests {
    private struct Share { var stepless = 0, calm = 0, pairs = 0 }

    private func share(at metres: Int32, pairs: UInt64) throws -> Share {
        var share = Share()
        for seed in 1...pairs {
            let here = try #require(Position(latitude: 488_566_000, longitude: 23_522_000))
            let there = try #require(Position(latitude: 488_566_000 + metres * 90, longitude: 23_522_000))
            var air = Air([Station(eui: 1, position: here), Station(eui: 2, position: there)], seed: seed)
            var random = SeededRandom(seed: seed).fork("steps")
            var rows: [PairHistory.Row] = []
            for number in 0..<400 as Range<UInt64> where rows.count < PairHistory.rowsMax {
                let step = UInt8(random.below(4))
                let spreading = 7 + UInt8(random.below(3))
                let frame = SendRequest(
                    payload: [UInt8](repeating: 1, count: Beacon.payloadCount), frequency: 868_100_000,
                    spreading: spreading, bandwidth: 0, power: 16 - 3 * Int(step))
                var effects: [Air.Effect] = []
                air.handle(.send(frame, by: 0), at: .origin + .seconds(10 * number), into: &effects)
                guard case .wake(let id, let end)? = effects.first else { continue }
                effects = []
                air.handle(.ended(frame: id), at: end, into: &effects)
                guard case .received(let reception, _)? = effects.first else { continue }
                // As a forwarder reports strength, in whole decibels, and as a verdict notes it.
                let strength = reception.strength >= 0 ? reception.strength / 10 : (reception.strength - 9) / 10
                rows.append(
                    .init(
                        period: 0, signal: 10 * strength,
                        noiseDistance: Int8((reception.signalToNoise - 200) / 10 + 20),
                        powerStep: step))
            }
            guard rows.count == PairHistory.rowsMax else { continue }
            share.pairs += 1
            let reasons = PairHistory(rows).reasons
            share.stepless += reasons.contains(.powerStep) ? 1 : 0
            share.calm += reasons.contains(.tooPerfect) ? 1 : 0
        }
        return share
    }

    /// Judged by all that is received, three of ten were found at two kilometres, and all of them at five.
    @Test(arguments: [(1_000, 0), (3_000, 0), (5_000, 6)] as [(Int32, Int)])
    func honestLinksAreHardlyEverFound(metres: Int32, atMost: Int) throws {
        let share = try share(at: metres, pairs: 40)
        #expect(share.pairs >= 38 && share.stepless <= atMost && share.calm == 0, "\(share)")
    }
}
