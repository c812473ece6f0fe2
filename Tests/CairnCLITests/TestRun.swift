@testable import CairnCLI

/// A run of the program with everything around it replaced.
struct TestRun {
    let exit: ExitCode
    let out: String
    let notes: String

    init(
        _ words: [String], environment: [String: String] = [:], directory: String = "/",
        keyboard: any Keyboard = NobodyThere(),
        terminal: Bool = false
    ) {
        let out = MemorySink(isTerminal: terminal)
        let notes = MemorySink(isTerminal: terminal)
        let program = Program(
            surroundings: Surroundings(
                environment: environment, workingDirectory: directory, userID: 1000, keyboard: keyboard),
            out: out, notes: notes)
        exit = program.run(words)
        self.out = out.text
        self.notes = notes.text
    }

    /// Words are parted by spaces; none of them holds one.
    init(_ line: String, environment: [String: String] = [:], directory: String = "/") {
        self.init(line.split(separator: " ").map(String.init), environment: environment, directory: directory)
    }
}

struct NobodyThere: Keyboard {
    var isPresent: Bool { false }
    func ask(_ question: String, hidden: Bool) -> String? { nil }
}
