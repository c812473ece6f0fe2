import CairnBase
import Testing

@testable import CairnCLI

/// The tour in docs/tour.md, every line of it.
@Suite struct TourTests {
    private struct Line {
        let number: Int
        let words: [String]
        let exit: Int32
    }

    /// Lines of the form `$ cairn …`, with `# exit 4` behind those that do not end well.
    private func lines(_ text: String) throws -> [Line] {
        try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.hasPrefix("$ cairn ") else { return nil }
            let parts = line.dropFirst("$ cairn ".count).split(separator: "#")
            let exit = parts.count == 2 ? parts[1].split(separator: " ").last ?? "" : "0"
            return Line(
                number: index + 1, words: (parts.first ?? "").split(separator: " ").map(String.init),
                exit: try #require(Int32(exit), "line \(index + 1)"))
        }
    }

    @Test func everyLineDoesWhatItSays() throws {
        let repository = parent(of: parent(of: parent(of: #filePath)))
        let lines = try lines(TextFile.read(joinPath(repository, "docs/tour.md")))
        #expect(lines.count >= 20)
        try withTestnetAddresses { directory in
            func run(_ words: [String]) -> TestRun {
                TestRun(
                    words, environment: ["PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": directory], directory: directory,
                    program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"))
            }
            defer { _ = run(["testnet", "purge"]) }
            for line in lines {
                let run = run(line.words)
                #expect(
                    run.exit.rawValue == line.exit,
                    "docs/tour.md:\(line.number): \(line.words.joined(separator: " "))\n\(run.out)\(run.notes)")
            }
            #expect(run(["testnet", "status"]).error == "E401", "it leaves nothing behind")
        }
    }
}
