import CairnSimulator

/// The words after the name of a study, read one by one and strictly.
struct StudyArguments {
    typealias Refusal = SimulateArguments.Refusal

    private var rest: ArraySlice<String>

    init(_ words: [String]) {
        rest = words[...]
    }

    mutating func next() -> String? { rest.popFirst() }

    mutating func value(_ flag: String) throws(Refusal) -> String {
        guard let value = rest.popFirst() else { throw Refusal(message: "\(flag) needs a value") }
        return value
    }

    mutating func number(_ flag: String, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        let text = try value(flag)
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(
                message: "\(flag) needs a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    /// The name of a rule of consensus that can be lifted.
    mutating func rule(_ flag: String) throws(Refusal) -> String {
        let name = try value(flag)
        guard ConsensusProtocol.plantedBugs.contains(name) else {
            let names = ConsensusProtocol.plantedBugs.joined(separator: ", ")
            throw Refusal(message: "no rule '\(name)'; there are: \(names)")
        }
        return name
    }

    func unknown(_ word: String) -> Refusal {
        Refusal(message: "unknown argument '\(word)'; --help lists what there is")
    }
}

/// What a study is told that does one thing so many times from a seed on: `[--<what> N] [--seed N] [--json]`.
struct CountedArguments {
    private(set) var count: Int
    private(set) var seed: UInt64 = 1
    private(set) var isJSON = false

    init(
        _ words: [String], _ flag: String, in range: ClosedRange<Int>, unlessTold preset: Int
    ) throws(StudyArguments.Refusal) {
        count = preset
        var arguments = StudyArguments(words)
        while let word = arguments.next() {
            switch word {
            case flag: count = try arguments.number(word, in: range)
            case "--seed": seed = UInt64(try arguments.number(word, in: 1...1_000_000_000))
            case "--json": isJSON = true
            default: throw arguments.unknown(word)
            }
        }
    }
}

/// Real time since it was made.
struct Stopwatch {
    private let started = ContinuousClock.now

    var milliseconds: UInt64 {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        return UInt64(max(0, seconds)) * 1_000 + UInt64(max(0, attoseconds)) / 1_000_000_000_000_000
    }

    var seconds: String { Self.text(milliseconds) }

    static func text(_ milliseconds: UInt64) -> String {
        "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }
}
