import Glibc
import Testing

@testable import CairnBase

@Suite struct CellTests {
    @Test(
        arguments: [
            (0, 0, 0x0340_0080_0000_1000), (488_566_000, 23_522_000, 0x4340_00ef_b800_1092),
            (-338_688_000, 1_512_093_000, 0x1340_00c6_5000_03bf), (900_000_000, 0, 0x4340_0080_0000_1000),
            (352_643_897, 450_000_000, 0x0340_00ff_f800_1fff),
        ] as [(Int32, Int32, UInt64)])
    func publishedCells(latitude: Int32, longitude: Int32, id: UInt64) throws {
        let position = try #require(Position(latitude: latitude, longitude: longitude))
        #expect(Cell(position, level: 13)?.id == id)
        #expect(Cell(id: id)?.id == id)
    }

    /// A million points, counted instead of expected one by one, which takes seconds in a debug build.
    @Test func cellsAreThoseOfFloatingPoint() throws {
        var random = SeededRandom(seed: 4)
        var missed = 0
        for _ in 0..<1_000_000 {
            let position = try random.position()
            let exact = Oracle(position).projected
            guard let cell = Cell(position, level: 13) else {
                missed += 1
                continue
            }
            // 2^30 steps per unit; the fixed-point vector is off by less than 40 of them.
            let slack = 40 * 0x1p-30
            let u = Int64((exact.u - slack) * 4096)...Int64((exact.u + slack) * 4096)
            let v = Int64((exact.v - slack) * 4096)...Int64((exact.v + slack) * 4096)
            if cell.face != exact.face || !u.contains(Int64(cell.u)) || !v.contains(Int64(cell.v)) { missed += 1 }
        }
        #expect(missed == 0)
    }

    @Test func parentsContainTheirChildren() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<500 {
            let position = try random.position()
            var cell = try #require(Cell(position, level: Cell.deepestLevel))
            let deepest = cell
            while let parent = cell.parent {
                #expect(parent == Cell(position, level: cell.level - 1))
                #expect(parent.contains(cell) && parent.contains(deepest) && !cell.contains(parent))
                cell = parent
            }
            #expect(cell.level == 0 && deepest.ancestor(at: 0) == cell)
            #expect(cell.ancestor(at: 1) == nil && cell.ancestor(at: -1) == nil)
        }
        let somewhere = try random.position()
        #expect(Cell(somewhere, level: 28) == nil && Cell(somewhere, level: -1) == nil)
    }

    @Test func edgesAndCornersOfTheCubeHaveOneCell() throws {
        // A corner lies at latitude asin(1/√3) on the meridians halfway between the axes.
        for longitude in [450_000_000, 1_350_000_000, -450_000_000, -1_350_000_000] as [Int32] {
            for latitude in [352_643_896, 352_643_897, 0, -352_643_896, -352_643_897] as [Int32] {
                for step: Int32 in -1...1 {
                    let position = try #require(Position(latitude: latitude, longitude: longitude + step))
                    for level in 0...Cell.deepestLevel {
                        let cell = try #require(Cell(position, level: level))
                        #expect(Cell(id: cell.id) == cell)
                    }
                }
            }
        }
        #expect(Cell(try #require(Position(latitude: 0, longitude: 450_000_000)), level: 0)?.face == 0)
        #expect(Cell(try #require(Position(latitude: 0, longitude: -1_800_000_000)), level: 0)?.face == 1)
        #expect(Cell(try #require(Position(latitude: -900_000_000, longitude: 0)), level: 0)?.face == 5)
    }

    @Test(
        arguments: [
            0x6340_0080_0000_1000, 0xf340_0080_0000_1000, UInt64(28) << 54, UInt64(63) << 54,
            UInt64(13) << 54 | 1 << 13, UInt64(13) << 54 | 1 << 40, 1, UInt64.max,
        ] as [UInt64])
    func idsOfNoCellAreRefused(id: UInt64) {
        #expect(Cell(id: id) == nil)
    }

    /// Every cell of a level.
    private func allCells(level: Int) throws -> [Cell] {
        var cells: [Cell] = []
        for face in 0..<6 as Range<UInt64> {
            for u in 0..<(1 << level) as Range<UInt64> {
                for v in 0..<(1 << level) as Range<UInt64> {
                    cells.append(try #require(Cell(id: face << 60 | UInt64(level) << 54 | u << 27 | v)))
                }
            }
        }
        return cells
    }

    @Test(arguments: 1...4) func neighboursAreMutualAndEightButAtTheCorners(level: Int) throws {
        let last = UInt64(1) << UInt64(level) - 1
        for cell in try allCells(level: level) {
            let neighbours = cell.neighbours
            let atCorner = (cell.u == 0 || cell.u == last) && (cell.v == 0 || cell.v == last)
            #expect(neighbours.count == (atCorner ? 7 : 8))
            #expect(neighbours == neighbours.sorted() && !neighbours.contains(cell))
            #expect(neighbours.allSatisfy { $0.level == level && $0.neighbours.contains(cell) })
        }
    }

    @Test func aWholeFaceTouchesTheFourAroundIt() throws {
        for cell in try allCells(level: 0) {
            #expect(cell.neighbours.count == 4)
            #expect(!cell.neighbours.contains { $0.face / 2 == cell.face / 2 })
            #expect(cell.neighbours.allSatisfy { $0.neighbours.contains(cell) })
        }
    }

    @Test(arguments: 5...27) func neighboursAreMutualAlongTheEdgesOfDeepLevels(level: Int) throws {
        var random = SeededRandom(seed: UInt64(level))
        let last = UInt64(1) << UInt64(level) - 1
        for _ in 0..<60 {
            let along = random.chance(ppm: 200_000) ? [0, last][Int(random.below(2))] : random.below(last + 1)
            let edge = [0, 1, last - 1, last][Int(random.below(4))]
            let (u, v) = random.chance(ppm: 500_000) ? (along, edge) : (edge, along)
            let id = random.below(6) << 60 | UInt64(level) << 54 | u << 27 | v
            let cell = try #require(Cell(id: id))
            let atCorner = (u == 0 || u == last) && (v == 0 || v == last)
            #expect(cell.neighbours.count == (atCorner ? 7 : 8))
            #expect(cell.neighbours.allSatisfy { $0.neighbours.contains(cell) })
        }
    }
}
