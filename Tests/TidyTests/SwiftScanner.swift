/// Splits Swift source into what the compiler runs and what people read, byte for byte.
///
/// `code` and `comments` are as long as the source and have its line breaks; each holds spaces where the other has
/// text, and the contents of string literals are in neither. Code inside an interpolation is code. Regex literals are
/// not understood; there are none here.
struct SwiftScanner {
    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]
    private let source: [UInt8]
    private var index = 0
    private var literals: [Literal] = []

    /// A string literal we are inside of; `depth` counts open parentheses while in an interpolation of it.
    private struct Literal {
        let hashes: Int
        let isMultiline: Bool
        var depth = 0
    }

    init(_ source: [UInt8]) {
        self.source = source
        code = source.map { $0 == .newline ? .newline : .space }
        comments = code
        while index < source.count {
            if let literal = literals.last, literal.depth == 0 { scanLiteral(literal) } else { scanCode() }
        }
    }

    private func has(_ text: String, at start: Int) -> Bool {
        start <= source.count && source[start...].starts(with: text.utf8)
    }

    private mutating func keep(_ count: Int) {
        let end = min(source.count, index + count)
        while index < end {
            code[index] = source[index]
            index += 1
        }
    }

    private mutating func scanCode() {
        switch source[index] {
        case UInt8(ascii: "/") where has("//", at: index): scanLineComment()
        case UInt8(ascii: "/") where has("/*", at: index): scanBlockComment()
        case UInt8(ascii: "\""), UInt8(ascii: "#"): openLiteral()
        case UInt8(ascii: "("):
            if !literals.isEmpty { literals[literals.count - 1].depth += 1 }
            keep(1)
        case UInt8(ascii: ")"):
            if !literals.isEmpty { literals[literals.count - 1].depth -= 1 }
            keep(1)
        default: keep(1)
        }
    }

    private mutating func scanLineComment() {
        while index < source.count, source[index] != .newline {
            comments[index] = source[index]
            index += 1
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            let isMark = has("/*", at: index) || has("*/", at: index)
            if isMark { depth += has("/*", at: index) ? 1 : -1 }
            let end = min(source.count, index + (isMark ? 2 : 1))
            while index < end {
                comments[index] = source[index]
                index += 1
            }
        } while index < source.count && depth > 0
    }

    private mutating func openLiteral() {
        var hashes = 0
        while index + hashes < source.count, source[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
        guard has("\"", at: index + hashes) else { return keep(max(1, hashes)) }
        let isMultiline = has("\"\"\"", at: index + hashes)
        literals.append(Literal(hashes: hashes, isMultiline: isMultiline))
        keep(hashes + (isMultiline ? 3 : 1))
    }

    private func hasHashes(_ count: Int, at start: Int) -> Bool {
        (0..<count).allSatisfy { start + $0 < source.count && source[start + $0] == UInt8(ascii: "#") }
    }

    private mutating func scanLiteral(_ literal: Literal) {
        let width = literal.isMultiline ? 3 : 1
        if source[index] == UInt8(ascii: "\\"), hasHashes(literal.hashes, at: index + 1) {
            index += 1 + literal.hashes
            if has("(", at: index) {
                literals[literals.count - 1].depth = 1
                keep(1)
            } else {
                index += 1
            }
        } else if has(literal.isMultiline ? "\"\"\"" : "\"", at: index), hasHashes(literal.hashes, at: index + width) {
            literals.removeLast()
            keep(width + literal.hashes)
        } else if source[index] == .newline, !literal.isMultiline {
            literals.removeLast()
        } else {
            index += 1
        }
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")

    var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
            || self == UInt8(ascii: "_") || self >= 0x80
    }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isBlank: Bool { self == .space || self == .newline }
}
