import CairnBase
import CairnWire

/// Reads what people write about testnets, a table of a file at a time. Whatever is not as it must be is named with its
/// line, under the code of the file's kind.
struct TableReader {
    let file: String
    let code: ErrorCode

    /// The file as a document.
    func document(_ text: String) throws(Failure) -> TOML {
        do throws(TOMLError) {
            return try TOML(text)
        } catch {
            throw Failure(code, "\(file):\(error.line):\(error.column): \(error.reason)")
        }
    }

    /// A key nobody reads would make its writer believe that it works.
    func check(_ table: TOML.Table, knows keys: [String]) throws(Failure) {
        for entry in table.entries where !keys.contains(entry.key) {
            let close = nearest(to: entry.key, in: keys).map { [Hint($0, "is the nearest one")] } ?? []
            throw Failure(code, "\(file):\(entry.line): there is no \(quoted(entry.key)) here", hints: close)
        }
    }

    func text(_ table: TOML.Table, _ key: String) throws(Failure) -> String? {
        guard let entry = table[key] else { return nil }
        guard case .string(let text) = entry.value, !text.isEmpty else {
            throw Failure(code, "\(file):\(entry.line): \(key) is not a text")
        }
        return text
    }

    func number(_ table: TOML.Table, _ key: String, in range: ClosedRange<Int64>) throws(Failure) -> Int64? {
        guard let entry = table[key] else { return nil }
        guard case .integer(let number) = entry.value, range.contains(number) else {
            throw Failure(
                code, "\(file):\(entry.line): \(key) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func span(_ table: TOML.Table, _ key: String, atMost limit: TimeSpan) throws(Failure) -> TimeSpan? {
        guard let written = try text(table, key) else { return nil }
        guard let span = TimeSpan(text: written), span <= limit else {
            throw Failure(
                code, "\(file):\(table.line): \(key) \(quoted(written)) is not a length of time up to \(limit.plain)")
        }
        return span
    }

    /// The path of another file, as written beside this one.
    func path(_ table: TOML.Table, _ key: String) throws(Failure) -> String? {
        try text(table, key).map { joinPath(parent(of: file), $0) }
    }
}
