import CairnWire

/// The logs of several nodes, read as one in the order of their time stamps.
struct TestnetLogs {
    private let files: [(name: String, path: String)]
    private var offsets: [Int]
    private let session: Session
    private let width: Int

    private static let colours: [Style.Colour] = [.cyan, .green, .yellow, .red]

    struct Line {
        let node: Int
        let text: Substring
    }

    init(_ files: [(name: String, path: String)], _ session: Session) {
        self.files = files
        self.session = session
        offsets = files.map { _ in 0 }
        width = files.map(\.name.count).max() ?? 0
    }

    mutating func showLast(_ count: Int) throws(Failure) {
        show(try newLines().suffix(count))
    }

    mutating func showNew() throws(Failure) {
        show(try newLines()[...])
    }

    /// What was written since the last look, merged. A node that has not logged yet has no file, and no lines.
    private mutating func newLines() throws(Failure) -> [Line] {
        var lines: [(stamp: Substring, line: Line)] = []
        for index in files.indices {
            let (text, offset) = try TextFile.appended(files[index].path, since: offsets[index])
            offsets[index] = offset
            var stamp: Substring = ""
            for line in text.split(separator: "\n") {
                // A line without a stamp, such as of a crash, belongs to the one before it.
                if line.first?.isNumber ?? false { stamp = line.prefix { $0 != " " } }
                lines.append((stamp, Line(node: index, text: line)))
            }
        }
        // The sort keeps the order of equal stamps only if their place is part of the key.
        return lines.enumerated().sorted { ($0.element.stamp, $0.offset) < ($1.element.stamp, $1.offset) }
            .map(\.element.line)
    }

    private func show(_ lines: ArraySlice<Line>) {
        for line in lines {
            let name = files[line.node].name
            session.answer(
                [.init("node", .string(name)), .init("line", .string(String(line.text)))],
                session.style.paint(padded(name, to: width), Self.colours[line.node % Self.colours.count])
                    + "  \(line.text)\n")
        }
    }
}
