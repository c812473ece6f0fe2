import CairnWire

/// Why a command did not do what it was told, for the person who has to do something about it.
///
/// The code decides the exit code and the page in `cairn help E101`; the rest is about this one time: what was tried,
/// what was found instead, what to do next. There is always something to do: without hints, the page's remedy stands.
struct Failure: Error, Sendable, Equatable {
    let code: ErrorCode
    let message: String
    var tried: [Hint]
    var found: [Hint]
    let hints: [Hint]

    init(_ code: ErrorCode, _ message: String, tried: [Hint] = [], found: [Hint] = [], hints: [Hint] = []) {
        self.code = code
        self.message = message
        self.tried = tried
        self.found = found
        self.hints = hints.isEmpty ? [Hint(code.page.remedy)] : hints
    }

    init(_ code: ErrorCode, _ message: String, tried: [Hint] = [], found: [Hint] = [], do hint: Hint) {
        self.init(code, message, tried: tried, found: found, hints: [hint])
    }
}

/// A thing and a remark about it: a path and why it would not open, a command and what it is good for.
struct Hint: Sendable, Equatable {
    let subject: String
    let remark: String

    init(_ subject: String, _ remark: String = "") {
        self.subject = subject
        self.remark = remark
    }

    /// Both on one line, for machines.
    var line: String { remark.isEmpty ? subject : "\(subject) — \(remark)" }
}

extension Failure {
    /// The column at which the code stands, so that the sentences of several errors line up.
    private static let codeColumn = 80

    func text(_ style: Style) -> String {
        let label = "error: "
        let gap = String(repeating: " ", count: max(2, Self.codeColumn - label.count - message.count))
        var lines = [
            "\(style.paint(label, .red))\(message)\(gap)\(style.paint("[\(code.rawValue) \(code.slug)]", .dim))"
        ]
        lines += Self.rows("tried", tried) + Self.rows("found", found) + Self.rows("do", hints)
        return lines.map { $0 + "\n" }.joined()
    }

    /// One line for machines, with the same content.
    var json: JSON {
        [
            "schema": "cairn.error/1",
            "error": [
                "code": .string(code.slug), "id": .string(code.rawValue), "message": .string(message),
                "tried": .array(tried.map { .string($0.line) }), "found": .array(found.map { .string($0.line) }),
                "hint": .array(hints.map { .string($0.line) }),
            ],
            "exit": JSON(code.exit.rawValue),
        ]
    }

    private static func rows(_ label: String, _ hints: [Hint]) -> [String] {
        let width = hints.filter { !$0.remark.isEmpty }.map(\.subject.count).max() ?? 0
        return hints.enumerated().map { index, hint in
            let start = "  " + padded(index == 0 ? label : "", to: 5) + "  "
            return hint.remark.isEmpty
                ? start + hint.subject : start + padded(hint.subject, to: width) + "  " + hint.remark
        }
    }
}
