/// A file of the repository: its path from the root, its lines and, if it is Swift, its code and words.
struct SourceFile: Sendable {
    struct Word: Sendable {
        let text: String
        /// Counted from 1.
        let line: Int
        /// Of the first byte in `code`.
        let offset: Int
    }

    let path: String
    let lines: [String]
    /// Empty for files that are not Swift.
    let code: [UInt8]
    let codeLines: [String]
    let commentLines: [String]
    let words: [Word]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        lines = Self.lines(bytes)
        guard path.hasSuffix(".swift") else {
            (code, codeLines, commentLines, words) = ([], [], [], [])
            return
        }
        let scanner = SwiftScanner(bytes)
        code = scanner.code
        codeLines = Self.lines(scanner.code)
        commentLines = Self.lines(scanner.comments)
        words = Self.words(scanner.code)
    }

    init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The folder below `Sources`, if the file is there.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    func byte(at offset: Int) -> UInt8 {
        code.indices.contains(offset) ? code[offset] : .newline
    }

    /// Whether a comment with this marker stands on the line or above it in the same paragraph.
    func explains(_ line: Int, with marker: String) -> Bool {
        var index = line - 1
        while commentLines.indices.contains(index) {
            if commentLines[index].contains(marker) { return true }
            if lines[index].allSatisfy({ $0 == " " }) { return false }
            index -= 1
        }
        return false
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: .newline, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func words(_ code: [UInt8]) -> [Word] {
        var words: [Word] = []
        var line = 1
        var index = 0
        while index < code.count {
            let start = index
            let byte = code[index]
            index += 1
            if byte == .newline { line += 1 }
            guard byte.isLetter || byte == UInt8(ascii: "@") else {
                // A number with its suffix is no word.
                if byte.isDigit { while index < code.count, code[index].isLetter || code[index].isDigit { index += 1 } }
                continue
            }
            while index < code.count, code[index].isLetter || code[index].isDigit { index += 1 }
            words.append(Word(text: String(decoding: code[start..<index], as: UTF8.self), line: line, offset: start))
        }
        return words
    }
}
