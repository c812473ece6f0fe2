import CairnRuntime
import CairnWire
import Glibc

/// The program from its words to its exit code; everything it touches is passed in.
public struct Program: Sendable {
    let surroundings: Surroundings
    let out: any TextSink
    let notes: any TextSink
    var table = CommandTable.cairn

    /// The program as a process of its own.
    public static func main() -> Int32 {
        // A reader that goes away is a failed write, not a death.
        signal(SIGPIPE, SIG_IGN)
        ProcessMemory.givesBackLargeBlocks()
        let program = Program(
            surroundings: .ofProcess, out: DescriptorSink(descriptor: STDOUT_FILENO),
            notes: DescriptorSink(descriptor: STDERR_FILENO))
        let words = Array(CommandLine.arguments.dropFirst())
        return program.settle(program.run(words), words).rawValue
    }

    /// An answer that a full disk swallowed was not given: no script may take it for done.
    func settle(_ code: ExitCode, _ words: [String]) -> ExitCode {
        guard code == .ok, let reason = out.loss else { return code }
        let failure = Failure(.cannotWrite, "cannot write the answer: \(systemMessage(reason))")
        report(failure, words)
        return failure.code.exit
    }

    func run(_ words: [String]) -> ExitCode {
        do throws(Failure) {
            switch try Parser.parse(words, with: table) {
            case .help(let subject, let full):
                let style = Style.chosen(
                    flag: colourFlag(words), environment: surroundings.environment, isTerminal: out.isTerminal)
                out.write(HelpPage(table: table, style: style).text(subject, full: full))
                return .ok
            case .run(let invocation), .version(let invocation):
                return try invocation.command.run(
                    Session(
                        invocation: invocation, table: table, surroundings: surroundings, out: out, notes: notes))
            }
        } catch {
            report(error, words)
            return error.code.exit
        }
    }

    /// The command line may be what is wrong, so the flags that shape an error are looked for by hand.
    private func report(_ failure: Failure, _ words: [String]) {
        let style = Style.chosen(
            flag: colourFlag(words), environment: surroundings.environment,
            isTerminal: notes.isTerminal)
        let wantsJSON = words.prefix { $0 != "--" }.contains("--json")
        notes.write(wantsJSON ? failure.json.text + "\n" : failure.text(style))
    }

    private func colourFlag(_ words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == "--" { return nil }
            if word.hasPrefix("--color=") { return String(word.dropFirst(8)) }
            if word == "--color", index + 1 < words.count { return words[index + 1] }
        }
        return nil
    }
}

extension Surroundings {
    /// What this process was given.
    static var ofProcess: Surroundings {
        let environment = processEnvironment()
        return Surroundings(
            environment: environment, workingDirectory: processDirectory(), userID: getuid(),
            registry: NodeRegistry(environment: environment), program: processProgram(), keyboard: TerminalKeyboard())
    }

    private static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        // SAFETY: `environ` ends with a null pointer, and each entry is a C string; nothing changes it meanwhile.
        var cursor = unsafe environ
        while let entry = unsafe cursor.pointee {
            let text = unsafe String(cString: entry)
            if let mark = text.firstIndex(of: "=") {
                variables[String(text[..<mark])] = String(text[text.index(after: mark)...])
            }
            unsafe cursor += 1
        }
        return variables
    }

    private static func processProgram() -> String {
        var path = [CChar](repeating: 0, count: 4096)
        // SAFETY: the kernel writes at most the array's size.
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        return String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func processDirectory() -> String {
        // SAFETY: getcwd allocates the string for us; it is copied before it is freed.
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
