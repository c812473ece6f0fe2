import CairnBase
import CairnRuntime
import Testing

@testable import CairnCLI

@Suite struct CompletionTests {
    /// Each line of words is completed by a real bash at its last word.
    @Test func bashCompletesWhatTheTableHas() throws {
        let lines = [
            (["cairn", "ver"], "version"), (["cairn", "completion", ""], "bash zsh fish"),
            (["cairn", "man", "--f"], "--format"), (["cairn", "man", "--format", "m"], "markdown"),
            (["cairn", "--home", "version", "ma"], "man"), (["cairn", "--color", "n"], "never"),
            (["cairn", "help", "exit"], "exit-codes"), (["cairn", "version", "--js"], "--json"),
        ]
        let calls = lines.map { "try " + $0.0.map(shellQuoted).joined(separator: " ") + "\n" }.joined()
        let script =
            Completion(table: .cairn).bash()
            + "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _cairn; echo \"${COMPREPLY[*]}\"; }\n"
            + calls
        #expect(try run("/bin/bash", script) == lines.map { $0.1 + "\n" }.joined())
    }

    @Test func quotesSurviveAShell() throws {
        let texts = ["it's", "", "a b", "$HOME `x` \\ \"", "''"]
        let script = texts.map { "printf '%s\\n' \(shellQuoted($0))\n" }.joined()
        #expect(try run("/bin/sh", script) == texts.map { $0 + "\n" }.joined())
    }

    private func run(_ shell: String, _ script: String) throws -> String {
        var said = ""
        try withTemporaryDirectory { directory in
            let file = joinPath(directory, "script")
            try TextFile.create(file, script)
            let child = ChildProcess(
                program: shell, arguments: [file], environment: ["PATH": "/bin:/usr/bin"],
                output: joinPath(directory, "out"), log: joinPath(directory, "log"))
            let identity = try child.start()
            #expect(identity.waitForEnd(until: Clock.monotonic() + .seconds(20)))
            identity.reap()
            #expect(try TextFile.read(child.log) == "")
            said = try TextFile.read(child.output)
        }
        return said
    }
}
