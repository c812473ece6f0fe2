extension Rule {
    static let sizes = Rule(
        name: "a source file has at most 500 lines",
        check: { file, _ in
            guard file.isSwift || file.path.hasSuffix(".c") || file.path.hasSuffix(".h") else { return [] }
            return file.lines.count > 500 ? [Finding(file, 501, "\(file.lines.count) lines; split it by idea")] : []
        },
        fires: [Sample("Sources/CairnBase/Sample.swift", String(repeating: "//\n", count: 501))],
        passes: [Sample("Sources/CairnBase/Sample.swift", String(repeating: "//\n", count: 500))])

    static let functions = Rule(
        name: "a function has at most 70 lines",
        check: { file, _ in
            file.functions.filter { $0.length > 70 }.map { Finding(file, $0.line, "a function of \($0.length) lines") }
        },
        fires: [
            Sample("Sources/CairnBase/Sample.swift", function("func f(a: () -> Void = {})\n    -> Int {", lines: 71)),
            Sample("Sources/CairnBase/Sample.swift", function("init?(a: Int) {", lines: 71)),
        ],
        passes: [
            Sample("Sources/CairnBase/Sample.swift", function("func f() {", lines: 70)),
            Sample("Sources/CairnBase/Sample.swift", "func f() -> Int\n" + function("struct A {", lines: 90)),
            Sample("Sources/CairnBase/Sample.swift", function("let a = B.init(c: 1) {", lines: 90)),
        ])

    private static func function(_ head: String, lines: Int) -> String {
        let headLines = head.split(separator: "\n").count
        return head + "\n" + String(repeating: "    f(\"}\")\n", count: lines - headLines - 1) + "}\n"
    }
}

extension SourceFile {
    /// Every function, initialiser, deinitialiser and subscript with a body: its first line and its number of lines.
    fileprivate var functions: [(line: Int, length: Int)] {
        words.compactMap { word in
            guard ["func", "init", "deinit", "subscript"].contains(word.text),
                byte(at: word.offset - 1) != UInt8(ascii: "."), let body = bodyStart(from: word.offset)
            else { return nil }
            var depth = 0
            for brace in marks[firstMark(at: body)...] where brace.byte != UInt8(ascii: "!") {
                depth += brace.byte == UInt8(ascii: "{") ? 1 : -1
                if depth == 0 { return (word.line, brace.line - word.line + 1) }
            }
            return nil
        }
    }

    private func firstMark(at offset: Int) -> Int {
        marks.firstIndex { $0.offset >= offset } ?? marks.count
    }

    /// The brace that opens a declaration's body. A requirement of a protocol has none: its head ends with its line.
    private func bodyStart(from offset: Int) -> Int? {
        var depth = 0
        for index in offset..<code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return index
            case UInt8(ascii: "}") where depth == 0: return nil
            case .newline where depth == 0:
                let rest = String(decoding: code[index...].drop(while: \.isBlank).prefix(8), as: UTF8.self)
                guard ["{", "->", "where ", "throws", "rethrows", "async"].contains(where: rest.hasPrefix) else {
                    return nil
                }
            default: break
            }
        }
        return nil
    }
}
