/// A file of the repository: its path from the root, its lines and, if it is Swift, its code and words.
struct SourceFile: Sendable {
    struct Word: Sendable {
        let text: String
        /// Counted from 1.
        let line: Int
        /// Of the first byte in `code`.
        let offset: Int
    }

    /// A brace or an exclamation mark in the code.
    struct Mark: Sendable {
        let byte: UInt8
        let line: Int
        let offset: Int
    }

    let path: String
    let bytes: [UInt8]
    let lines: [String]
    /// Empty for files that are not Swift.
    let code: [UInt8]
    let codeLines: [String]
    let commentLines: [String]
    let words: [Word]
    let marks: [Mark]
    /// For each line, the line of the innermost brace that is open where it begins; 0 if there is none.
    private let openers: [Int]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        lines = Self.lines(bytes)
        guard path.hasSuffix(".swift") else {
            (code, codeLines, commentLines, words, marks, openers) = ([], [], [], [], [], [])
            return
        }
        let scanner = SwiftScanner(bytes)
        code = scanner.code
        codeLines = Self.lines(scanner.code)
        commentLines = Self.lines(scanner.comments)
        (words, marks) = Self.parts(scanner.code)
        openers = Self.openers(marks, lineCount: codeLines.count)
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

    /// Whether a comment with this marker stands on the line, above it in the same paragraph, directly below it (the
    /// first line of a closure) or over a function around it. One over a type counts only when it says that it means all
    /// of it: `MARKER, throughout:`.
    func explains(_ line: Int, with marker: String) -> Bool {
        if hasComment(above: line, with: "\(marker):") { return true }
        if commentLines.indices.contains(line), commentLines[line].contains("\(marker):") { return true }
        var opener = openers.indices.contains(line - 1) ? openers[line - 1] : 0
        while opener > 0 {
            let isType = words(on: opener).contains { Self.types.contains($0.text) }
            if hasComment(above: opener, with: isType ? "\(marker), throughout:" : "\(marker):") { return true }
            opener = openers[opener - 1]
        }
        return false
    }

    private static let types: Set<String> = ["struct", "class", "enum", "extension", "actor", "protocol"]

    func words(on line: Int) -> some Sequence<Word> {
        words.lazy.filter { $0.line == line }
    }

    private func hasComment(above line: Int, with marker: String) -> Bool {
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

    private static func openers(_ marks: [Mark], lineCount: Int) -> [Int] {
        var openers: [Int] = []
        var open: [Int] = []
        for mark in marks {
            while openers.count < mark.line { openers.append(open.last ?? 0) }
            if mark.byte == UInt8(ascii: "{") { open.append(mark.line) }
            if mark.byte == UInt8(ascii: "}") { _ = open.popLast() }
        }
        while openers.count < lineCount { openers.append(open.last ?? 0) }
        return openers
    }

    private static func parts(_ code: [UInt8]) -> (words: [Word], marks: [Mark]) {
        var words: [Word] = []
        var marks: [Mark] = []
        var line = 1
        var index = 0
        while index < code.count {
            let start = index
            let byte = code[index]
            index += 1
            switch byte {
            case .space: continue
            case .newline: line += 1
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "!"):
                marks.append(Mark(byte: byte, line: line, offset: start))
            default: break
            }
            guard byte.isLetter || byte == UInt8(ascii: "@") else {
                // A number with its suffix is no word.
                if byte.isDigit { while index < code.count, code[index].isLetter || code[index].isDigit { index += 1 } }
                continue
            }
            while index < code.count, code[index].isLetter || code[index].isDigit { index += 1 }
            words.append(Word(text: String(decoding: code[start..<index], as: UTF8.self), line: line, offset: start))
        }
        return (words, marks)
    }
}
