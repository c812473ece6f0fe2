/// What must not appear in pure targets, because a core that used it could not be replayed from its inputs.
private let impure: Set<String> = [
    "Foundation", "FoundationEssentials", "Dispatch", "Glibc", "Synchronization", "Mutex", "Atomic",
    "async", "await", "actor", "Task", "TaskGroup", "AsyncStream", "MainActor",
    "Date", "UUID", "ContinuousClock", "SuspendingClock", "Clock",
    "Double", "Float", "Float16", "Float32", "Float64", "Float80",
    "Hasher", "hashValue", "ObjectIdentifier", "SystemRandomNumberGenerator",
    "print", "debugPrint", "dump", "readLine", "CommandLine",
]

/// Calls that draw from the system's generator unless they are given one.
private let chance: Set<String> = ["random", "randomElement", "shuffled", "shuffle"]

extension Rule {
    static let purity = Rule(
        name: "pure targets have no clock, thread, float, output or chance of their own",
        check: { file, _ in
            guard let target = file.target, Layers.pure.contains(target) else { return [] }
            return file.words.indices.compactMap { index in
                let word = file.words[index]
                // The one way to be hashable by hand.
                if word.text == "Hasher", index > 0, file.words[index - 1].text == "inout" { return nil }
                if impure.contains(word.text), byteBefore(word, in: file) != UInt8(ascii: ".") {
                    return Finding(file, word.line, "'\(word.text)' in a pure target")
                }
                if chance.contains(word.text), byteBefore(word, in: file) == UInt8(ascii: "."),
                    let arguments = file.arguments(after: word), !arguments.contains("using:")
                {
                    return Finding(file, word.line, "'\(word.text)' without 'using:' in a pure target")
                }
                return nil
            }
        },
        fires: [
            Sample("Sources/CairnBase/Sample.swift", "let now = Date()"),
            Sample("Sources/CairnConsensus/Sample.swift", "func f() async {}"),
            Sample("Sources/CairnLedger/Sample.swift", "let rate: Double = 0"),
            Sample("Sources/CairnWitness/Sample.swift", "print(1)"),
            Sample("Sources/CairnWitness/Sample.swift", "var hasher = Hasher()"),
            Sample("Sources/CairnNode/Sample.swift", #"let s = "\(Int.random(in: 0..<3))""#),
            Sample("Sources/CairnGossip/Sample.swift", "peers.shuffled()"),
        ],
        passes: [
            Sample("Sources/CairnBase/Sample.swift", "// a Date, a Task and a Double\nlet x = \"Date\""),
            Sample(
                "Sources/CairnGossip/Sample.swift",
                "peers.shuffled(using: &random)\nInt.random(in: 0..<3, using: &random)"),
            Sample("Sources/CairnBase/Sample.swift", "mutating func random() -> UInt64 { state.print }"),
            Sample("Sources/CairnBase/Sample.swift", "func hash(into hasher: inout Hasher) {}"),
            Sample("Sources/CairnRuntime/Sample.swift", "let rate: Double = 0"),
        ])

    /// A source check cannot see types, so it does not look for the walk itself: it asks for a reason wherever an
    /// unordered collection comes into being or is named. A walk of one that is returned by another file is not seen.
    static let order = Rule(
        name: "a Dictionary or Set in a pure target says why its order cannot matter (// ORDER:)",
        check: { file, _ in
            guard let target = file.target, Layers.pure.contains(target) else { return [] }
            let named = file.words.filter { ["Set", "Dictionary"].contains($0.text) && !isMember($0, in: file) }
            let lines = Set(named.map(\.line) + file.dictionaryLines)
            return lines.sorted().filter { !file.explains($0, with: "ORDER") }.map {
                Finding(
                    file, $0, "unordered collection without '// ORDER:'; use OrderedMap or say why order cannot matter")
            }
        },
        fires: [
            Sample("Sources/CairnBase/Sample.swift", "var seen: Set<Digest> = []"),
            Sample("Sources/CairnLedger/Sample.swift", "var balances: [AccountID: Amount] = [:]"),
            Sample("Sources/CairnLedger/Sample.swift", "let groups = Dictionary(grouping: a) { $0 }"),
            Sample("Sources/CairnLedger/Sample.swift", "func f(_ a: [[UInt8]: [(x: Int, y: Int)]]) {}"),
            Sample("Sources/CairnLedger/Sample.swift", "// ORDER: of another one\n\nlet a = Set([1])"),
        ],
        passes: [
            Sample(
                "Sources/CairnBase/Sample.swift", "// ORDER: only asked for membership.\nvar seen: Set<Digest> = []"),
            Sample("Sources/CairnBase/Sample.swift", "let a = b[c, default: 0] + [x ? 1 : 2][0] + [f(x: 1)]"),
            Sample("Sources/CairnBase/Sample.swift", "var seen: OrderedSet<Digest> = []"),
            Sample("Sources/CairnStore/Sample.swift", "var seen: Set<Digest> = []"),
        ])

    private static func byteBefore(_ word: SourceFile.Word, in file: SourceFile) -> UInt8 {
        file.byte(at: word.offset - 1)
    }

    private static func isMember(_ word: SourceFile.Word, in file: SourceFile) -> Bool {
        byteBefore(word, in: file) == UInt8(ascii: ".")
    }
}

extension SourceFile {
    /// The text between the parentheses that follow a word; nil when none follow.
    fileprivate func arguments(after word: Word) -> String? {
        var index = word.offset + word.text.utf8.count
        guard byte(at: index) == UInt8(ascii: "(") else { return nil }
        let start = index
        var depth = 0
        repeat {
            if byte(at: index) == UInt8(ascii: "(") { depth += 1 }
            if byte(at: index) == UInt8(ascii: ")") { depth -= 1 }
            index += 1
        } while depth > 0 && index < code.count
        return String(decoding: code[start..<index], as: UTF8.self)
    }

    /// Lines with brackets that hold a colon of their own: a dictionary's type or literal. Subscripts, ternaries and
    /// labels inside parentheses are something else.
    fileprivate var dictionaryLines: [Int] {
        struct Bracket {
            let isDictionaryPossible: Bool
            let line: Int
            var hasQuestion = false
        }
        var found: [Int] = []
        var open: [Bracket] = []
        var line = 1
        for (index, byte) in code.enumerated() {
            switch byte {
            case .newline: line += 1
            case UInt8(ascii: "["):
                let before = self.byte(at: index - 1)
                let isSubscript = before.isLetter || before.isDigit || [0x29, 0x5d, 0x3f, 0x21].contains(before)
                open.append(Bracket(isDictionaryPossible: !isSubscript, line: line))
            case UInt8(ascii: "("), UInt8(ascii: "{"): open.append(Bracket(isDictionaryPossible: false, line: line))
            case UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "}"): _ = open.popLast()
            case UInt8(ascii: "?") where !open.isEmpty && self.byte(at: index - 1) == .space:
                open[open.count - 1].hasQuestion = true
            case UInt8(ascii: ":"):
                if let last = open.last, last.isDictionaryPossible, !last.hasQuestion { found.append(last.line) }
            default: break
            }
        }
        return found
    }
}
