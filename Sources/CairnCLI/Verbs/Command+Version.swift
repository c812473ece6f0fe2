import CairnWire

/// The version of this program, as `cairn version` prints it.
let programVersion = "0.1.0"

extension Command {
    static let version = Command(
        path: ["version"],
        summary: "Print the version",
        text: ["Prints the version of this program, the same as --version."],
        examples: [
            Example("cairn version", "Prints one line."),
            Example("cairn version --json", "Prints it for a script."),
        ],
        run: { session in
            session.answer([.init("version", .string(programVersion))], "cairn \(programVersion)\n")
            return .ok
        })
}
