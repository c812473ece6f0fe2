import CairnBase

/// A command line that was understood: which command, with which checked values.
struct Invocation: Sendable {
    let command: Command
    private let values: [String: [Value]]
    let arguments: [String]
    /// The words after `--`, where the command takes such.
    let rest: [String]

    init(command: Command, values: [String: [Value]] = [:], arguments: [String] = [], rest: [String] = []) {
        self.command = command
        self.values = values
        self.arguments = arguments
        self.rest = rest
    }

    /// The value of a flag, or nil when it was not given.
    subscript<Result>(flag: Flag<Result>) -> Result? {
        self[all: flag].last
    }

    /// Every value of a flag that may be repeated, in order.
    subscript<Result>(all flag: Flag<Result>) -> [Result] {
        invariant(command.declares(flag.declaration), "\(command.name) reads --\(flag.declaration.name) undeclared")
        return (values[flag.declaration.name] ?? []).compactMap(flag.result)
    }

    /// Whether a switch was given.
    func has(_ flag: Flag<Bool>) -> Bool { self[flag] ?? false }

    /// The argument at a position, or nil when an optional one was left out.
    func argument(_ index: Int) -> String? {
        arguments.indices.contains(index) ? arguments[index] : nil
    }
}
