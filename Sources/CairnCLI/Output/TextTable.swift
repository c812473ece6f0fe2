/// Rows under a heading, each column as wide as its widest cell.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]

    /// Columns that hold numbers read best aligned to the right.
    init(_ heading: [String], right: Set<Int> = []) {
        alignments = heading.indices.map { right.contains($0) ? .right : .left }
        rows = [heading]
    }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    func text(_ style: Style) -> String {
        let widths = alignments.indices.map { column in rows.map { cell($0, column).count }.max() ?? 0 }
        return rows.enumerated().map { index, row in
            var line = ""
            for column in alignments.indices {
                let text = cell(row, column)
                let gap = String(repeating: " ", count: widths[column] - text.count)
                line += (column == 0 ? "" : "  ") + (alignments[column] == .right ? gap + text : text + gap)
            }
            return (index == 0 ? style.paint(trimmed(line), .bold) : trimmed(line)) + "\n"
        }.joined()
    }

    private func cell(_ row: [String], _ column: Int) -> String {
        row.indices.contains(column) ? row[column] : ""
    }
}
