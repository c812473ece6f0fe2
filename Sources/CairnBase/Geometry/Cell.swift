/// A square of the grid that divides the ground: the Earth's sphere projected onto the six faces of a cube.
///
/// At level L each face has 2^L × 2^L cells; a cell's parent contains it and has half its coordinates. Faces 0 and 1
/// are +x and −x, then ±y, then ±z; a face's two coordinates follow the other two axes in the order x, y, z.
///
/// The id packs face, level, u and v (4, 6, 27 and 27 bits) and orders cells by them. It is what the chain stores.
@frozen
public struct Cell: Sendable, Hashable, Comparable {
    public let id: UInt64

    /// Levels go from 0, a whole face, to 27, a third of a metre.
    public static let deepestLevel = 27
    /// A full face is 2^31 wide in the finest coordinates.
    private static let faceBits = 31

    /// The cell of a level that contains a position; nil for a level that does not exist.
    public init?(_ position: Position, level: Int) {
        self.init(position.direction, level: level)
    }

    public init?(_ direction: Direction, level: Int) {
        guard (0...Self.deepestLevel).contains(level) else { return nil }
        self.init(projecting: direction.x, direction.y, direction.z, level: level)
    }

    /// Reads a stored id; nil when it is not the id of any cell.
    public init?(id: UInt64) {
        self.id = id
        guard id >> 60 < 6, level <= Self.deepestLevel, (u | v) >> UInt64(level) == 0 else { return nil }
    }

    @inlinable public var face: Int { Int(id >> 60) }
    @inlinable public var level: Int { Int((id >> 54) & 0x3f) }
    @inlinable public var u: UInt64 { (id >> 27) & 0x7ff_ffff }
    @inlinable public var v: UInt64 { id & 0x7ff_ffff }

    @inlinable
    public static func < (left: Cell, right: Cell) -> Bool { left.id < right.id }

    /// The cell one level up that contains this one; nil for a whole face.
    public var parent: Cell? {
        level > 0 ? ancestor(at: level - 1) : nil
    }

    /// The cell of the given level that contains this one; nil when that level is finer or does not exist.
    public func ancestor(at level: Int) -> Cell? {
        guard (0...self.level).contains(level) else { return nil }
        let shift = UInt64(self.level - level)
        return Cell(face: face, level: level, u: u >> shift, v: v >> shift)
    }

    public func contains(_ other: Cell) -> Bool {
        other.ancestor(at: level) == self
    }

    /// The cells of the same level that touch this one, in ascending order: eight, or seven where three faces meet
    /// (four for a whole face). If a cell is another's neighbour, the other is its neighbour too.
    public var neighbours: [Cell] {
        let side = Int64(1) << Int64(Self.faceBits - level)
        let centre = (u: Int64(u) * side + side / 2, v: Int64(v) * side + side / 2)
        var found: OrderedSet<Cell> = []
        for du: Int64 in -1...1 {
            for dv: Int64 in -1...1 {
                found.insert(cell(at: centre.u + du * side, centre.v + dv * side))
            }
        }
        found.remove(self)
        return found.elements
    }

    private init(face: Int, level: Int, u: UInt64, v: UInt64) {
        id = UInt64(face) << 60 | UInt64(level) << 54 | u << 27 | v
    }

    /// Projects a vector from the cube's centre. The components stay below 2^32 in magnitude and are not all zero.
    private init(projecting x: Int64, _ y: Int64, _ z: Int64, level: Int) {
        // The axis of the largest component, the earlier one where two are equal.
        let isX = x.magnitude >= y.magnitude && x.magnitude >= z.magnitude
        let axis = isX ? 0 : y.magnitude >= z.magnitude ? 1 : 2
        let (main, first, second) = isX ? (x, y, z) : axis == 1 ? (y, x, z) : (z, x, y)
        let depth = Int64(main.magnitude)
        func coordinate(_ component: Int64) -> UInt64 {
            let finest = UInt64(min((1 << 31) - 1, ((component + depth) << 30) / depth))
            return finest >> UInt64(Self.faceBits - level)
        }
        self.init(face: 2 * axis + (main < 0 ? 1 : 0), level: level, u: coordinate(first), v: coordinate(second))
    }

    /// The cell of this level around a point in this face's finest coordinates, which may lie beyond its edges: the
    /// face is then continued as a plane and the point projected from there.
    private func cell(at u: Int64, _ v: Int64) -> Cell {
        let width = Int64(1) << Int64(Self.faceBits)
        if (0..<width).contains(u), (0..<width).contains(v) {
            let shift = Int64(Self.faceBits - level)
            return Cell(face: face, level: level, u: UInt64(u >> shift), v: UInt64(v >> shift))
        }
        let half = width / 2
        let (main, first, second) = (face.isMultiple(of: 2) ? half : -half, u - half, v - half)
        switch face / 2 {
        case 0: return Cell(projecting: main, first, second, level: level)
        case 1: return Cell(projecting: first, main, second, level: level)
        default: return Cell(projecting: first, second, main, level: level)
        }
    }
}

extension Cell: CustomStringConvertible {
    /// The id as sixteen hexadecimal digits.
    public var description: String {
        hex((0..<8).map { UInt8(truncatingIfNeeded: id >> UInt64(56 - 8 * $0)) })
    }
}
