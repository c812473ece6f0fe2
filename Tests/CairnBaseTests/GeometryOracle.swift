import CairnBase
import Glibc

/// The same geometry in floating point, written from the formulas and not from the code.
struct Oracle {
    let x: Double
    let y: Double
    let z: Double

    init(_ position: Position) {
        let latitude = Double(position.latitude) / 1e7 * .pi / 180
        let longitude = Double(position.longitude) / 1e7 * .pi / 180
        (x, y, z) = (cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude))
    }

    func metres(to other: Oracle) -> Double {
        let (dx, dy, dz) = (x - other.x, y - other.y, z - other.z)
        return 6_371_009 * sqrt(dx * dx + dy * dy + dz * dz)
    }

    /// Face and coordinates, which run from 0 to 2.
    var projected: (face: Int, u: Double, v: Double) {
        if abs(x) >= abs(y), abs(x) >= abs(z) { return (x > 0 ? 0 : 1, y / abs(x) + 1, z / abs(x) + 1) }
        if abs(y) >= abs(z) { return (y > 0 ? 2 : 3, x / abs(y) + 1, z / abs(y) + 1) }
        return (z > 0 ? 4 : 5, x / abs(z) + 1, y / abs(z) + 1)
    }
}

extension SeededRandom {
    struct OutOfRange: Error {}

    /// A place drawn evenly by angle, so the poles are visited more than their share.
    mutating func position() throws -> Position {
        let latitude = Int32(Int64(below(1_800_000_001)) - 900_000_000)
        let longitude = Int32(Int64(below(3_600_000_000)) - 1_800_000_000)
        guard let position = Position(latitude: latitude, longitude: longitude) else { throw OutOfRange() }
        return position
    }
}
