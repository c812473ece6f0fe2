/// A direction from the Earth's centre: a vector whose length is 2^30 but for rounding.
///
/// Only positions make directions, which bounds the components and with them every square below.
@frozen
public struct Direction: Sendable, Hashable {
    let x: Int64
    let y: Int64
    let z: Int64

    /// The Earth's mean radius.
    static let earthRadiusMetres: UInt64 = 6_371_009

    /// The square of the chord between two directions, where 2^60 is the square of the radius.
    public func squaredChord(to other: Direction) -> UInt64 {
        let (dx, dy, dz) = ((x - other.x).magnitude, (y - other.y).magnitude, (z - other.z).magnitude)
        return dx * dx + dy * dy + dz * dz
    }

    public func metres(to other: Direction) -> UInt64 {
        (Self.earthRadiusMetres * squaredChord(to: other).squareRoot) >> 30
    }
}
