import CairnBase
import Testing

@testable import CairnLedger

/// The published numbers of the economy, beside those in `EmissionTests` and `ScoringTests`.
@Suite struct EconomyVectorTests {
    /// σ for an emission of 1000 and growing revenue.
    @Test func theSubsidyFadesWithRevenue() {
        let revenues: [UInt64] = [0, 250, 500, 1000, 2000, 5000, 10_000]
        let shares = revenues.map { revenue in
            var funds = ProfileFunds()
            funds.emission.value = 1000
            funds.revenue.value = revenue
            return funds.bootstrapPPM
        }
        #expect(shares == [700_000, 466_666, 350_000, 233_333, 140_000, 63_636, 50_000])
        #expect(ProfileFunds().bootstrapPPM == 700_000)
    }

    @Test func averagesGoOverThirtyPeriods() {
        var average = ProfileFunds.Average(value: 3000, now: 6000)
        average.turn()
        #expect((average.value, average.now) == (3100, 0))
        average = ProfileFunds.Average(value: .max, now: .max)
        average.turn()
        #expect(average.value == Amount.cap.units)
    }

    @Test func paysWithoutCapitalAreHeldLessAndLess() {
        let parameters = Parameters(.main)
        let ages: [UInt64] = [0, 89, 90, 179, 180, 269, 270, 10_000]
        let parts: [UInt64] = [750_000, 750_000, 500_000, 500_000, 250_000, 250_000, 0, 0]
        #expect(ages.map(parameters.heldPPM) == parts)
        #expect(parameters.returnsHalf(afterPeriods: 450) && !parameters.returnsHalf(afterPeriods: 449))
    }

    /// Three, 21 and 36 weeks of seven periods; main has 72 epochs in one.
    @Test(arguments: [1, 72] as [UInt64])
    func streaksAreWorthFivePerCentEach(epochs: UInt64) {
        var track = Track(registered: Epoch(0), standing: Standing(start: 1_000_000_000), isAnchor: false)
        let periods: [UInt64] = [0, 20, 21, 146, 147, 251, 252, 9000]
        let factors = periods.map { count in
            track.streak = count * epochs
            return track.streakPPM(perPeriod: epochs)
        }
        #expect(
            factors == [
                1_000_000, 1_000_000, 1_050_000, 1_050_000, 1_100_000, 1_100_000, 1_150_000, 1_150_000,
            ])
        // The third epoch with a failure costs a level: back to the least streak of the level below.
        track.streak = 252 * epochs
        for misses in 1...9 {
            track.miss(perPeriod: epochs)
            #expect(track.level(perPeriod: epochs) == 3 - misses / 3)
        }
        #expect(track.streak == 0)
    }

    /// How many verdicts it takes to fall below 960000 when so many of a hundred fail, spread evenly. The published
    /// counts are those of a steady stream: a pattern of whole failures is off by at most one distance between two.
    @Test(
        arguments: [
            (1_000_000_000, 999_000, 6, 1099), (1_000_000_000, 999_000, 20, 224), (1_000_000_000, 999_000, 45, 94),
            (1_000_000_000, 999_000, 74, 56), (1_000_000_000, 999_000, 99, 42), (100_000_000, 990_000, 6, 110),
            (100_000_000, 990_000, 20, 23), (100_000_000, 990_000, 45, 10), (100_000_000, 990_000, 74, 6),
            (100_000_000, 990_000, 99, 5),
        ] as [(UInt64, UInt64, Int, Int)])
    func liarsFallOutAfterSoManyVerdicts(start: UInt64, fading: UInt64, failing: Int, published: Int) {
        var standing = Standing(start: start)
        var count = 0
        while standing.score >= 960_000, count < 5000 {
            count += 1
            let isFailure = count * failing / 100 > (count - 1) * failing / 100
            standing.record(passed: !isFailure, fading: fading)
        }
        #expect(abs(count - published) <= 100 / failing + 1)
    }

    /// The rates are the nearest whole numbers to 2^32 (1 − 2^(−1/h)), so that half is out after h periods.
    @Test(arguments: [(4_076_208, 730), (8_148_547, 365), (14_859_458, 200)] as [(UInt64, Int)])
    func halfOfTheReserveIsOutAfterItsHalfLife(rate: UInt64, periods: Int) {
        func left(_ rate: UInt64) -> UInt64 {
            var left = Amount.cap
            for _ in 0..<periods { left = left.minus(left.emission(rateQ32: rate)) }
            return left.units
        }
        let half = Amount.cap.units / 2
        let distance = [rate - 1, rate, rate + 1].map { left($0) > half ? left($0) - half : half - left($0) }
        #expect(distance[1] < distance[0] && distance[1] < distance[2])
    }

    /// The table of parameters, as published: main, testnet, and what votes may choose from.
    @Test func parametersAreThePublishedOnes() {
        let rows: [(Parameter, UInt64, UInt64, ClosedRange<UInt64>)] = [
            (.epochBlocks, 600, 30, 2...7200), (.epochsPerPeriod, 72, 1, 1...1000),
            (.blockPace, 2000, 1000, 0...10_000),
            (.standingLambda, 999_000, 990_000, 990_000...999_900), (.vettingVerdicts, 100, 10, 0...10_000),
            (.vettingPeriods, 21, 5, 0...365), (.unbondingPeriods, 21, 3, 1...60), (.bondPeriods, 20, 5, 5...60),
            (.reporterPPM, 300_000, 300_000, 0...500_000), (.timelockPeriods, 14, 2, 2...60),
            (.quorumPPM, 200_000, 200_000, 10_000...1_000_000), (.islandPPM, 100_000, 100_000, 0...200_000),
            (.islandPoolPPM, 50_000, 50_000, 0...200_000), (.islandPeriods, 90, 90, 1...1000),
            (.rootsForFullPool, 20, 3, 1...1000), (.interactiveEpochs, 144, 20, 2...10_000),
            (.validatorsPPM, 100_000, 100_000, 0...500_000), (.treasuryPPM, 50_000, 50_000, 0...500_000),
            (.doubleVotePPM, 50_000, 50_000, 10_000...1_000_000), (.prepaidBurnPPM, 30_000, 30_000, 0...200_000),
            (.standingStart, 1_000_000_000, 100_000_000, 1_000_000...1_000_000_000_000),
        ]
        for (parameter, main, testnet, bounds) in rows {
            #expect(parameter.rule.main == main, "\(parameter)")
            #expect(parameter.rule.testnet == testnet, "\(parameter)")
            #expect(parameter.rule.bounds == bounds, "\(parameter)")
        }
        for parameter in Parameter.allCases {
            #expect(parameter.rule.bounds.contains(parameter.rule.main), "\(parameter)")
            #expect(parameter.rule.bounds.contains(parameter.rule.testnet), "\(parameter)")
        }
    }

    @Test(arguments: Parameter.Profile.allCases)
    func servicesAreThePublishedOnes(network: Parameter.Profile) {
        let isMain = network == .main
        let radio = ProfileRules.template(.coverageRadio, network)
        let wanted: [(String, UInt64)] = [
            ("seats", isMain ? 10 : 5), ("quorum", isMain ? 4 : 3), ("independent", isMain ? 3 : 2),
            ("nearestMetres", 300), ("farthestMetres", isMain ? 100_000 : 15_000), ("commitBlocks", 4),
            ("revealBlocks", 8), ("windowFirst", 11), ("windowLast", 40),
        ]
        for (name, value) in wanted { #expect(radio[name] == value, "\(name)") }
        let sealed = ProfileRules.template(.storageSealed, network)
        let disk: [(String, UInt64)] = [
            ("passes", 48), ("steps", isMain ? 128 : 64), ("deadlineMs", isMain ? 650 : 1400), ("walks", 7),
            ("goodWalks", 5), ("unitsPerPartition", isMain ? 1024 : 64), ("passMicroseconds", 4800),
            ("leavesMs", isMain ? 30_000 : 8_000), ("checkMs", isMain ? 25_000 : 8_000),
            ("windowFirst", isMain ? 68 : 60), ("windowLast", isMain ? 87 : 71),
        ]
        for (name, value) in disk { #expect(sealed[name] == value, "\(name)") }
        // A walk takes a computer that kept only a quarter of the labels at least two and a half times the deadline.
        #expect(sealed["steps"] * sealed["passes"] * 4800 / 4 * 2 >= 5 * sealed["deadlineMs"] * 1000)
    }
}
