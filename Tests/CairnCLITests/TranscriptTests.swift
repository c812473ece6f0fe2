import CairnStore
import Glibc
import SampleChains
import Testing

@testable import CairnCLI

/// Transcripts: `$ cairn …` and, below it, everything the program said. What goes to standard error is marked `2| `.
///
/// `CAIRN_ACCEPT=1 scripts/test Transcript` writes what the program says now; the difference is then read in review.
@Suite struct TranscriptTests {
    @Test(arguments: ["help", "errors"])
    func theProgramSaysWhatItSaid(name: String) throws {
        try compare(name) { TestRun($0) }
    }

    /// What people and programs are told about a chain on which things were proven, paid, voted and refused.
    @Test func theChainIsAnswered() throws {
        try withTemporaryDirectory { home in
            _ = try RewardedChain(in: ChainStore(directory: home))
            try compare("chain") { TestRun($0, environment: ["CAIRN_HOME": home]) }
        }
    }

    private func compare(_ name: String, _ run: ([String]) -> TestRun) throws {
        let file = joinPath(parent(of: #filePath), "Transcripts/\(name).txt")
        let recorded = try TextFile.read(file)
        let commands = recorded.split(separator: "\n").filter { $0.hasPrefix("$ cairn") }.map {
            String($0.dropFirst(2))
        }
        #expect(!commands.isEmpty)
        let transcript = commands.map { Self.transcript($0, run) }.joined(separator: "\n")
        if getenv("CAIRN_ACCEPT") != nil { try TextFile.replace(file, transcript) }
        #expect(transcript == recorded)
    }

    private static func transcript(_ command: String, _ run: ([String]) -> TestRun) -> String {
        let run = run(command.split(separator: " ").dropFirst().map(String.init))
        let notes = run.notes.split(separator: "\n").map { "2| \($0)\n" }.joined()
        return "$ \(command)\n\(run.out)\(notes)exit \(run.exit.rawValue)\n"
    }
}
