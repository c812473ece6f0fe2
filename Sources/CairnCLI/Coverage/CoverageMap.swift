import CairnBase
import Glibc

/// Where radios stand and what was proven of them, drawn north up: as a grid for a terminal, and as a page of its own.
///
/// A drawing only: distances are right in the middle of the map and good enough around it.
struct CoverageMap: Sendable, Equatable {
    enum State: Int, Sendable, CaseIterable {
        /// The newest verdict passed: others heard it.
        case witnessed
        /// It was challenged, and the newest verdict did not pass.
        case unproven
        /// No verdict on it is kept yet.
        case new

        var mark: Character {
            switch self {
            case .witnessed: "#"
            case .unproven: "x"
            case .new: "o"
            }
        }

        var words: String {
            switch self {
            case .witnessed: "witnessed"
            case .unproven: "challenged, not proven"
            case .new: "not challenged yet"
            }
        }
    }

    struct Place: Sendable, Equatable {
        let id: String
        let position: Position
        let state: State
        let passed: Int
        let verdicts: Int
    }

    let places: [Place]
    private let frame: Frame

    init(_ places: [Place]) {
        self.places = places
        frame = Frame(places.map(\.position))
    }

    /// The part of the Earth that is drawn, with a margin; in units of the wider side.
    private struct Frame: Sendable, Equatable {
        private let west: Double
        private let north: Double
        private let cosine: Double
        let width: Double
        let height: Double

        /// A hundred metres at least: a single radio is in the middle of something.
        private static let least = 0.001

        init(_ positions: [Position]) {
            let (all, wide) = (
                positions.map { Self.degrees($0.latitude) }, positions.map { Self.degrees($0.longitude) }
            )
            let (south, north) = (all.min() ?? 0, all.max() ?? 0)
            let (west, east) = (wide.min() ?? 0, wide.max() ?? 0)
            cosine = max(0.01, cos((south + north) / 2 * .pi / 180))
            let (across, along) = ((east - west) * cosine, north - south)
            let margin = max(across, along, Self.least) / 16
            width = max(across, Self.least) + 2 * margin
            height = max(along, Self.least) + 2 * margin
            self.west = (west + east) / 2 - width / 2 / cosine
            self.north = (south + north) / 2 + height / 2
        }

        private static func degrees(_ units: Int32) -> Double { Double(units) / Double(Position.degree) }

        /// From the north-western corner, each a share of its side.
        func share(of position: Position) -> (x: Double, y: Double) {
            (
                (Self.degrees(position.longitude) - west) * cosine / width,
                (north - Self.degrees(position.latitude)) / height
            )
        }
    }

    /// The most telling state of each cell of a grid; characters are twice as high as wide.
    func grid(columns columnsMax: Int, rows rowsMax: Int = 24) -> [String] {
        let shape = 2 * frame.width / frame.height
        let columns = max(1, min(columnsMax, Int(Double(rowsMax) * shape)))
        let rows = max(1, min(rowsMax, Int(Double(columns) / shape)))
        var cells = Array(repeating: Array(repeating: Optional<State>.none, count: columns), count: rows)
        for place in places {
            let (x, y) = frame.share(of: place.position)
            let (row, column) = (min(rows - 1, Int(y * Double(rows))), min(columns - 1, Int(x * Double(columns))))
            if place.state.rawValue < cells[row][column]?.rawValue ?? .max { cells[row][column] = place.state }
        }
        return cells.map { String($0.map { $0?.mark ?? "." }) }
    }

    var legend: [String] {
        State.allCases.map { state in
            "\(state.mark)  \(state.words): \(places.count(where: { $0.state == state }))"
        }
    }

    /// One file that needs nothing else: shapes tell the states apart, not only colours.
    var page: String {
        let width = 960
        let height = max(240, min(1_600, Int(Double(width) * frame.height / frame.width)))
        let shapes = places.map { place in
            let share = frame.share(of: place.position)
            let (x, y) = (Int(share.x * Double(width)), Int(share.y * Double(height)))
            let shape =
                switch place.state {
                case .witnessed: "<circle class=\"witnessed\" cx=\"\(x)\" cy=\"\(y)\" r=\"9\">"
                case .unproven: "<rect class=\"unproven\" x=\"\(x - 8)\" y=\"\(y - 8)\" width=\"16\" height=\"16\">"
                case .new: "<circle class=\"new\" cx=\"\(x)\" cy=\"\(y)\" r=\"7\">"
                }
            let end = place.state == .unproven ? "</rect>" : "</circle>"
            return shape
                + "<title>\(place.id)\n\(place.state.words); \(place.passed) of \(place.verdicts) verdicts passed"
                + "</title>" + end
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Coverage</title><style>
            body { font: 16px sans-serif; margin: 2em; }
            svg { max-width: 100%; background: #f4f4f0; border: 1px solid #888; }
            .witnessed { fill: #1a7f4b; stroke: #0b3d24; }
            .unproven { fill: none; stroke: #b3261e; stroke-width: 4; }
            .new { fill: none; stroke: #555; stroke-dasharray: 3 3; stroke-width: 2; }
            </style></head><body>
            <h1>Coverage</h1>
            <svg viewBox="0 0 \(width) \(height)" role="img">
            \(shapes.joined(separator: "\n"))
            </svg>
            <ul>
            <li>filled circle: \(legendCount(.witnessed))</li>
            <li>open square: \(legendCount(.unproven))</li>
            <li>dashed circle: \(legendCount(.new))</li>
            </ul>
            </body></html>

            """
    }

    private func legendCount(_ state: State) -> String {
        "\(state.words), \(places.count(where: { $0.state == state }))"
    }
}
