/// Small pieces of plain text that several outputs are put together from.

func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// Without the blanks at the end.
func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
}

func quoted(_ text: String) -> String {
    // A mistyped word may be a whole file or hold control characters; an error line shows neither.
    let shown = text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return "\"\(shown.joined())\(text.unicodeScalars.count > 60 ? "…" : "")\""
}

/// Breaks paragraphs at spaces so that lines stay within a width.
func wrapped(_ text: String, width: Int = 92, indent: String = "") -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
            lines.append(indent + line)
            line = ""
        }
        line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(indent + line) }
    return lines.joined(separator: "\n")
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
    var uppercasedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// Whether a person means this one: by its name, or by at least four characters that its id begins with.
func isMeant(_ wanted: String, name: String, id: String) -> Bool {
    name == wanted || (id.hasPrefix(wanted) && wanted.utf8.count >= 4)
}

/// An id short enough for a line: its start and its end, which people compare.
func shortened(_ id: String) -> String {
    id.count > 16 ? "\(id.prefix(8))…\(id.suffix(4))" : id
}
