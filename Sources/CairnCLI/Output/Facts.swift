import CairnBase
import CairnWire

/// Named facts about one thing: a line each for people, a member each for programs.
struct Facts {
    private var lines: [(label: String, text: String)] = []
    private(set) var members: [JSON.Member] = []

    /// For people the key stands with blanks; what is for programs alone has no text.
    mutating func add(_ key: String, _ value: JSON, _ text: String? = nil) {
        members.append(.init(key, value))
        guard let text else { return }
        // The unit of the number that programs get is none of the text's.
        let words = key.split(separator: "_").filter { $0 != "ppm" }
        lines.append((words.joined(separator: " "), text))
    }

    mutating func add(_ key: String, _ text: String) { add(key, .string(text), text) }

    mutating func add(_ key: String, _ number: some FixedWidthInteger) { add(key, JSON(number), "\(number)") }

    /// Tokens for people, and units beside them for programs that count.
    mutating func add(_ key: String, _ amount: Amount) {
        add(key, .string("\(amount)"), "\(amount)")
        add("\(key)_units", JSON(amount.units))
    }

    var text: String {
        let width = lines.map(\.label.count).max() ?? 0
        return lines.map { trimmed("\(padded($0.label, to: width))  \($0.text)") + "\n" }.joined()
    }
}
