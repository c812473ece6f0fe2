public import CairnBase

/// Why a second gateway on one roof earns nothing more: each place is worth only so much at every scale, and whoever
/// stands there shares it.
///
/// From the finest cells to the coarsest, a cell counts what its members, or its cells one level down, came to after
/// clipping; where neighbouring cells are as full, a cell may hold more, up to a limit. A member's scale is the product of
/// what clipping left at every level.
public struct Density: Sendable {
    public struct Level: Sendable {
        public let cells: Int
        public let neighbours: UInt64
        public let target: UInt64
        public let most: UInt64

        public init(cells: Int, neighbours: UInt64, target: UInt64, most: UInt64) {
            self.cells = cells
            self.neighbours = neighbours
            self.target = target
            self.most = most
        }

        /// How many whole members a cell may count for when so many cells around, itself among them, are full.
        public func limit(full: UInt64) -> UInt64 {
            let extra = full + 1 > neighbours ? full + 1 - neighbours : 0
            return min(most, target * max(1, extra))
        }
    }

    /// From fine to coarse.
    public static let levels = [
        Level(cells: 16, neighbours: 2, target: 1, most: 1),
        Level(cells: 15, neighbours: 2, target: 1, most: 1),
        Level(cells: 14, neighbours: 2, target: 1, most: 1),
        Level(cells: 12, neighbours: 4, target: 5, most: 10),
        Level(cells: 11, neighbours: 4, target: 25, most: 50),
        Level(cells: 9, neighbours: 4, target: 100, most: 200),
        Level(cells: 8, neighbours: 2, target: 500, most: 1000),
    ]

    /// The scale of each member in parts per million, in the order given. A member counts by its `weight`, in parts per
    /// million, so that those nobody trusts do not thin out the others. Members without a cell at a level are left as
    /// they are.
    public static func scales(of members: [(place: Cell, weight: UInt64)]) -> [UInt64] {
        var scales = [UInt64](repeating: .millionPPM, count: members.count)
        // What each cell of the level below came to; before the first level, each member stands for itself.
        var below: [(cell: Cell, value: UInt64)] = members.map { ($0.place, min($0.weight, .millionPPM)) }
        for level in levels {
            var counted = OrderedMap<Cell, UInt64>()
            for entry in below {
                guard let cell = entry.cell.ancestor(at: level.cells) else { continue }
                counted[cell] = (counted[cell] ?? 0) + entry.value
            }
            let clipped = clip(counted, level)
            for (index, member) in members.enumerated() {
                guard let cell = member.place.ancestor(at: level.cells), let before = counted[cell],
                    let after = clipped[cell], before > 0
                else { continue }
                scales[index] = scales[index].times(after, over: before) ?? 0
            }
            below = clipped.map { ($0.key, $0.value) }
        }
        return scales
    }

    private static func clip(_ counted: OrderedMap<Cell, UInt64>, _ level: Level) -> OrderedMap<Cell, UInt64> {
        var clipped = OrderedMap<Cell, UInt64>()
        let target = level.target * .millionPPM
        for (cell, value) in counted {
            let around = [cell] + cell.neighbours
            let full = around.reduce(into: UInt64(0)) { $0 += (counted[$1] ?? 0) >= target ? 1 : 0 }
            clipped[cell] = min(value, level.limit(full: full) * .millionPPM)
        }
        return clipped
    }
}
