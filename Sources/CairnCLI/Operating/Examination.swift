import CairnWire

/// What `cairn doctor` found: one line per thing it looked at, with what to do where something is wrong.
struct Examination {
    enum State: String {
        case ok, warn, fail

        var word: String { self == .ok ? "OK" : rawValue.uppercased() }
    }

    struct Finding {
        let subject: String
        let state: State
        let text: String
        /// What to do; empty where all is well.
        let remedy: String
    }

    private(set) var findings: [Finding] = []

    mutating func fine(_ subject: String, _ text: String) {
        findings.append(Finding(subject: subject, state: .ok, text: text, remedy: ""))
    }

    mutating func doubt(_ subject: String, _ text: String, do remedy: String) {
        findings.append(Finding(subject: subject, state: .warn, text: text, remedy: remedy))
    }

    mutating func fault(_ subject: String, _ text: String, do remedy: String) {
        findings.append(Finding(subject: subject, state: .fail, text: text, remedy: remedy))
    }

    /// Tries something; its error is the finding.
    mutating func attempt<Value>(_ subject: String, _ body: () throws(Failure) -> Value) -> Value? {
        do throws(Failure) {
            return try body()
        } catch {
            fault(subject, "\(error.message) [\(error.code.rawValue)]", do: error.hints.first?.line ?? "")
            return nil
        }
    }

    var isSound: Bool { !findings.contains { $0.state == .fail } }

    func text(_ style: Style) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        return findings.map { finding in
            let colour: Style.Colour = finding.state == .ok ? .green : finding.state == .warn ? .yellow : .red
            let word = style.paint(padded(finding.state.word, to: 4), colour)
            let remedy = finding.remedy.isEmpty ? "" : "\n       \(padded("", to: width))  do  \(finding.remedy)"
            return "\(word)   \(padded(finding.subject, to: width))  \(finding.text)\(remedy)\n"
        }.joined()
    }

    var json: JSON {
        .array(
            findings.map { finding in
                [
                    "subject": .string(finding.subject), "state": .string(finding.state.rawValue),
                    "text": .string(finding.text), "do": .string(finding.remedy),
                ]
            })
    }
}
