import CairnBase
import CairnLedger
import Testing

@Suite struct StandingTests {
    @Test func theTrackRecordFollowsTheVector() {
        var standing = Standing(start: 1_000_000_000)
        #expect(standing.score == 1_000_000)
        let wanted: [Int: UInt64] = [1: 999_000, 10: 990_044, 40: 960_770, 41: 959_809]
        for fails in 1...41 {
            standing.record(passed: false, fading: 999_000)
            if fails == 1 { #expect((standing.passes, standing.failures) == (999_000_000, 1_000_000)) }
            if let score = wanted[fails] { #expect(standing.score == score) }
        }
    }

    @Test func nothingOverflows() {
        for fading in [0, 990_000, 999_999, 1_000_000, .max] as [UInt64] {
            var standing = Standing(start: 100_000_000)
            for _ in 0..<10_000 { standing.record(passed: true, fading: fading) }
            #expect(standing.score == 1_000_000)
        }
    }
}

@Suite struct DensityTests {
    @Test func limitsAreThePublishedOnes() {
        let small = Density.Level(cells: 10, neighbours: 2, target: 1, most: 4)
        #expect((0...7).map { small.limit(full: $0) } == [1, 1, 1, 2, 3, 4, 4, 4])
        let large = Density.Level(cells: 10, neighbours: 4, target: 5, most: 10)
        #expect((0...7).map { large.limit(full: $0) } == [5, 5, 5, 5, 5, 10, 10, 10])
    }

    private func place(_ latitude: Int32, _ longitude: Int32) throws -> Cell {
        let position = try #require(Position(latitude: latitude, longitude: longitude))
        return try #require(Cell(position, level: Cell.deepestLevel))
    }

    @Test(arguments: [(1, 1_000_000), (2, 500_000), (20, 50_000)] as [(Int, UInt64)])
    func whoSharesARoofSharesItsWorth(count: Int, scale: UInt64) throws {
        let members = Array(
            repeating: (place: try place(488_566_000, 23_522_000), weight: UInt64(1_000_000)), count: count)
        #expect(Density.scales(of: members) == Array(repeating: scale, count: count))
    }

    @Test func farNeighboursDoNotMatter() throws {
        let members = [
            (place: try place(488_566_000, 23_522_000), weight: UInt64(1_000_000)),
            (place: try place(515_074_000, -1_278_000), weight: UInt64(1_000_000)),
        ]
        #expect(Density.scales(of: members) == [1_000_000, 1_000_000])
    }

    @Test func strangersDoNotThinOutTheTrusted() throws {
        let spot = try place(488_566_000, 23_522_000)
        let members =
            [(place: spot, weight: UInt64(1_000_000))] + Array(repeating: (place: spot, weight: 1000), count: 50)
        let scales = Density.scales(of: members)
        #expect(scales[0] == 1_000_000 * 1_000_000 / 1_050_000)
        #expect(Density.scales(of: [(place: spot, weight: 0)]) == [1_000_000])
        #expect(Density.scales(of: []) == [])
    }
}

@Suite struct FlowTrustTests {
    private func ring(_ members: Range<Int>) -> [FlowTrust.Edge] {
        members.flatMap { a in
            members.filter { $0 != a }.map { FlowTrust.Edge(witness: a, target: $0, count: 3) }
        }
    }

    @Test func aRingWithoutLinksGetsNothing() {
        let seeds = FlowTrust.seeds(
            burned: [UInt64](repeating: 0, count: 50), anchors: Array(0..<5), bootstrapPool: 1_000_000)
        #expect(seeds.reduce(0, +) == FlowTrust.mass)
        let trust = FlowTrust.flow(seeds: seeds, edges: ring(0..<20) + ring(20..<50))
        #expect(trust[20...].allSatisfy { $0 == 0 })
        #expect(trust[5..<20].allSatisfy { $0 > 0 })
        #expect(FlowTrust.multipliers(trust)[20...].allSatisfy { $0 == 0 })
        #expect(trust.reduce(0, +) <= FlowTrust.mass)
    }

    /// One honest witness that hears one of the ring lets a little through, shared by all thirty.
    @Test func oneLinkIsWorthLittle() {
        let seeds = FlowTrust.seeds(
            burned: [UInt64](repeating: 0, count: 50), anchors: Array(0..<20), bootstrapPool: 1_000_000)
        let link = [FlowTrust.Edge(witness: 3, target: 20, count: 3)]
        let multipliers = FlowTrust.multipliers(
            FlowTrust.flow(seeds: seeds, edges: ring(0..<20) + ring(20..<50) + link))
        #expect(multipliers[20...].reduce(0, +) / 30 < 20_000)
        #expect(multipliers[..<20].allSatisfy { $0 > 800_000 })
    }

    @Test func anyOrderOfEdgesGivesOneResult() {
        var random = SeededRandom(seed: 5)
        let edges = (0..<200).map { _ in
            FlowTrust.Edge(
                witness: Int(random.below(30)), target: Int(random.below(30)), count: 1 + random.below(9))
        }
        let seeds = (0..<30).map { _ in random.below(1_000_000_000) }
        let first = FlowTrust.flow(seeds: seeds, edges: edges)
        for _ in 0..<5 { #expect(FlowTrust.flow(seeds: seeds, edges: edges.shuffled(using: &random)) == first) }
    }

    @Test func aFloodOfNamesDoesNotMoveTheReference() {
        let trust: [UInt64] = [400, 300, 200, 100]
        let flooded = FlowTrust.multipliers(trust + [UInt64](repeating: 0, count: 10_000))
        #expect(Array(flooded[..<4]) == FlowTrust.multipliers(trust))
        #expect(FlowTrust.multipliers([0, 0]) == [0, 0])
        #expect(FlowTrust.multipliers([]) == [])
    }

    @Test func payingCustomersReplaceTheAnchors() {
        #expect(FlowTrust.paidPPM(burned: [0], bootstrapPool: 0) == 0)
        #expect(FlowTrust.paidPPM(burned: [500], bootstrapPool: 1000) == 500_000)
        #expect(FlowTrust.paidPPM(burned: [.max, .max], bootstrapPool: 1) == 1_000_000)
        let seeds = FlowTrust.seeds(burned: [500, 500, 0], anchors: [2], bootstrapPool: 1000)
        #expect(seeds == [FlowTrust.mass / 100, FlowTrust.mass / 100, 0])
    }

    @Test func placesThatAreNotThereAreLeftOut() {
        let edges = [
            FlowTrust.Edge(witness: 7, target: 0, count: 1), FlowTrust.Edge(witness: 0, target: -1, count: .max),
        ]
        #expect(FlowTrust.flow(seeds: [4, 8], edges: edges) == [1, 2])
    }
}
