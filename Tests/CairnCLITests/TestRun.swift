import CairnBase
import CairnCrypto
import CairnRuntime
import Glibc

@testable import CairnCLI

/// A run of the program with everything around it replaced.
struct TestRun {
    let exit: ExitCode
    let out: String
    let notes: String

    init(
        _ words: [String], environment: [String: String] = [:], directory: String = "/",
        keyboard: any Keyboard = NobodyThere(),
        program: String = "/nonexistent", registry: String? = nil,
        terminal: Bool = false
    ) {
        let out = MemorySink(isTerminal: terminal)
        let notes = MemorySink(isTerminal: terminal)
        let program = Program(
            surroundings: Surroundings(
                environment: environment, workingDirectory: directory, userID: getuid(),
                registry: NodeRegistry(directory: registry ?? joinPath(directory, "registry")), program: program,
                keyboard: keyboard,
                keys: Self.cheapKeys),
            out: out, notes: notes)
        exit = program.run(words)
        self.out = out.text
        self.notes = notes.text
    }

    /// A process that runs until it is told to end: what it has printed once it is ready, and what it says at its end.
    init(process words: [String], environment: [String: String], directory: String) throws {
        let output = joinPath(directory, "process.out")
        let process = try ChildProcess(
            program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"), arguments: words,
            environment: environment, output: output, log: joinPath(directory, "process.log")
        ).start()
        let deadline = Clock.monotonic() + .seconds(30)
        while process.isAlive, Clock.monotonic() < deadline, try !TextFile.read(output).contains(#""state":"ready""#),
            try !TextFile.read(output).contains("radio-sim")
        {
            pause(.milliseconds(20))
        }
        process.signal(.terminate)
        exit = process.waitForEnd(until: Clock.monotonic() + .seconds(20)) ? .ok : .timedOut
        process.reap()
        out = try TextFile.read(output)
        notes = try TextFile.read(joinPath(directory, "process.log"))
        try TextFile.replace(output, "")
    }

    /// Opening a key takes 8 KiB here instead of a quarter of a gigabyte.
    private static var cheapKeys: KeyStorage.Settings {
        var settings = KeyStorage.Settings(cost: DerivationCost(memory: 8 << 10, passes: 1))
        settings.limits.keystoreMemory = (8 << 10)...(8 << 10)
        return settings
    }

    /// The code of the error, `E101`, when there was one.
    var error: String? {
        notes.split(separator: "[").map { String($0.prefix { $0 != " " }) }.first { ErrorCode(rawValue: $0) != nil }
    }

    /// Words are parted by spaces; none of them holds one.
    init(_ line: String, environment: [String: String] = [:], directory: String = "/") {
        self.init(line.split(separator: " ").map(String.init), environment: environment, directory: directory)
    }
}

struct NobodyThere: Keyboard {
    var isPresent: Bool { false }
    func ask(_ question: String) -> [UInt8]? { nil }
    func askHidden(_ question: String) -> [UInt8]? { nil }
}
