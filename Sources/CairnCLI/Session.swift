import CairnBase
import CairnRuntime
import CairnWire

/// One run of one command: what was asked, by whom, and where the answer goes.
struct Session: Sendable {
    let invocation: Invocation
    let table: CommandTable
    let surroundings: Surroundings
    /// Results.
    let out: any TextSink
    /// Notes, progress, questions and errors.
    let notes: any TextSink

    /// How results are coloured.
    var style: Style { style(of: out) }

    var isJSON: Bool { invocation.has(GlobalFlags.json) }
    var isQuiet: Bool { invocation.has(GlobalFlags.quiet) }
    /// Ids are shortened for eyes only: a pipe gets them whole.
    var showsFullIDs: Bool { invocation.has(GlobalFlags.verbose) || !out.isTerminal }

    /// A line for the person watching, never part of the result.
    func note(_ text: String) {
        if !isQuiet, !isJSON { notes.write(text + "\n") }
    }

    /// Prints the result: one JSON document where asked for, text otherwise. A stream prints one after the other.
    func answer(_ fields: @autoclosure () -> [JSON.Member], _ text: @autoclosure () -> String) {
        guard isJSON else { return out.write(text()) }
        let schema = "cairn.\(invocation.command.path.joined(separator: "."))/1"
        out.write(JSON.object([JSON.Member("schema", .string(schema))] + fields()).text + "\n")
    }

    /// Shows something once, or again and again until interrupted; a terminal is cleared in between.
    func watch(
        every span: TimeSpan?, _ show: () throws(Failure) -> ExitCode
    ) throws(Failure) -> ExitCode {
        guard let span else { return try show() }
        while true {
            if out.isTerminal, !isJSON { out.write("\u{1b}[H\u{1b}[2J") }
            _ = try show()
            pause(span)
        }
    }

    /// Runs another command line with the same surroundings, and reports its error as this one's.
    func run(_ words: [String]) -> ExitCode {
        Program(surroundings: surroundings, out: out, notes: notes, table: table).run(words)
    }

    private func style(of sink: any TextSink) -> Style {
        .chosen(
            flag: invocation[GlobalFlags.color], environment: surroundings.environment, isTerminal: sink.isTerminal)
    }
}

/// What a process is given by the one that started it.
struct Surroundings: Sendable {
    let environment: [String: String]
    let workingDirectory: String
    let userID: UInt32
    /// Where the nodes of this user announce themselves.
    let registry: NodeRegistry
    /// The path of this program, to start it again as a node.
    let program: String
    /// Asks the person at the keyboard.
    let keyboard: any Keyboard
    var keys = KeyStorage.Settings()
}
