import CairnBase
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// Radios on a map: each where it belongs, whatever their places are.
@Suite struct CoverageMapTests {
    private func place(
        _ latitude: Int32, _ longitude: Int32, _ state: CoverageMap.State, _ id: String = "aa"
    ) throws -> CoverageMap.Place {
        CoverageMap.Place(
            id: id, position: try #require(Position(latitude: latitude, longitude: longitude)), state: state, passed: 1,
            verdicts: 2)
    }

    @Test func northIsUpAndEastIsRight() throws {
        let map = CoverageMap([
            try place(10_000_000, 0, .witnessed), try place(0, 0, .unproven), try place(0, 10_000_000, .new),
        ])
        let grid = map.grid(columns: 32)
        #expect(grid.count == 16 || grid.count == 15)
        let (north, south) = (
            try #require(grid.first { $0.contains("#") }), try #require(grid.last { $0.contains("x") })
        )
        #expect(grid.firstIndex(of: north) ?? 99 < grid.lastIndex(of: south) ?? 0)
        let (cross, circle) = (try #require(south.firstIndex(of: "x")), try #require(south.firstIndex(of: "o")))
        #expect(cross < circle)
        #expect(north.firstIndex(of: "#") == cross)
        #expect(map.legend == ["#  witnessed: 1", "x  challenged, not proven: 1", "o  not challenged yet: 1"])
    }

    @Test func theBestOfACellIsShown() throws {
        let map = CoverageMap([
            try place(1, 1, .new), try place(1, 1, .witnessed), try place(1, 1, .unproven),
        ])
        #expect(map.grid(columns: 16).joined().filter { $0 != "." } == "#")
        #expect(CoverageMap([]).grid(columns: 8).joined().allSatisfy { $0 == "." })
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func everyPlaceIsInsideTheMap(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let places = try (0..<1 + Int(random.below(20))).map { _ in
            let reach = seed.isMultiple(of: 2) ? UInt64(1_000) : 1_799_999_999
            return try place(
                Int32(random.below(min(reach, 900_000_000))), Int32(random.below(reach)) - Int32(reach / 2), .witnessed)
        }
        let map = CoverageMap(places)
        let shown = map.grid(columns: 64).joined().count { $0 == "#" }
        #expect((1...places.count).contains(shown))
        #expect(map.page.split(separator: "<circle").count == places.count + 1)
    }

    @Test func aPageNeedsNothingFromElsewhereAndIsNeverOverwritten() throws {
        try withTemporaryDirectory { home in
            _ = try RewardedChain(in: ChainStore(directory: home))
            func map(_ words: String...) -> TestRun {
                TestRun(["coverage", "map", "--home", home] + words, directory: home)
            }
            let drawn = map("--html", "map.html", "--json")
            #expect(drawn.exit == .ok, "\(drawn.notes)")
            let document = try JSONReader.read(Array(drawn.out.utf8))
            #expect(document["radios"]?.array?.isEmpty == false)
            let page = try TextFile.read(joinPath(home, "map.html"))
            #expect(!page.contains("http") && !page.contains("<script") && page.contains("<svg"))
            #expect(map("--html", "map.html").error == "E702")
            #expect(map().out.contains("witnessed: "))
        }
    }
}
