import CairnBase
import CairnRuntime
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

/// A file of command lines, `$ cairn …`, and what the program says to each.
///
/// `CAIRN_ACCEPT=1 scripts/test Transcript` writes what the program says now; the difference is then read in review.
struct Transcript {
    struct Section {
        let command: String
        let body: String

        var words: [String] { command.split(separator: " ").dropFirst().map(String.init) }
        var exit: String? { body.split(separator: "\n").last.map(String.init) }
        /// What came between the command and its exit code.
        var text: String { body.split(separator: "\n").dropLast().joined(separator: "\n") }
    }

    static let folder = joinPath(parent(of: #filePath), "Transcripts")
    static var isAccepting: Bool { getenv("CAIRN_ACCEPT") != nil }

    let file: String
    let recorded: String

    init(_ name: String) throws {
        file = joinPath(Self.folder, "\(name).txt")
        recorded = try TextFile.read(file)
    }

    var sections: [Section] {
        var found: [(command: String, lines: [Substring])] = []
        for line in recorded.split(separator: "\n") {
            if line.hasPrefix("$ cairn") {
                found.append((String(line.dropFirst(2)), []))
            } else if !found.isEmpty {
                found[found.count - 1].lines.append(line)
            }
        }
        return found.map { Section(command: $0.command, body: $0.lines.map { $0 + "\n" }.joined()) }
    }

    /// Whole: every word that the program says is what it said. What goes to standard error is marked `2| `.
    func compare(_ run: ([String]) -> TestRun) throws {
        try #require(!sections.isEmpty)
        let transcript = sections.map { section in
            let run = run(section.words)
            let notes = run.notes.split(separator: "\n").map { "2| \($0)\n" }.joined()
            return "$ \(section.command)\n\(run.out)\(notes)exit \(run.exit.rawValue)\n"
        }.joined(separator: "\n")
        if Self.isAccepting { try TextFile.replace(file, transcript) }
        #expect(transcript == recorded)
    }

    /// Of what runs and does not stand still: documents have the keys and kinds of values that were recorded. A command that
    /// does not end as it did is tried again for a while where processes need time to find one another.
    func compareShapes(patience: TimeSpan, _ run: ([String]) -> TestRun) throws {
        try #require(!sections.isEmpty)
        var accepted: [String] = []
        for section in sections {
            let wanted = section.exit ?? "exit 0"
            let deadline = Clock.monotonic() + patience
            var said = run(section.words)
            while "exit \(said.exit.rawValue)" != wanted, said.exit != .usage, Clock.monotonic() < deadline {
                pause(.milliseconds(100))
                said = run(section.words)
            }
            #expect("exit \(said.exit.rawValue)" == wanted, "\(section.command): \(said.out)\(said.notes)")
            let lines = said.out.split(separator: "\n")
            // The file that net genesis prints is one document on many lines, and the only one.
            let documents = Self.document(said.out).map { [$0] } ?? lines.compactMap { Self.document(String($0)) }
            #expect(documents.count == lines.count || documents.count == 1, "\(section.command) prints more than JSON")
            let (shape, before) = (DocumentShape(documents), DocumentShape(text: section.text))
            if Self.isAccepting {
                let joined = shape.joined(with: before, in: documents)
                accepted.append("$ \(section.command)\n\(joined.text)exit \(said.exit.rawValue)\n")
            } else {
                let differences = shape.differences(from: before, in: documents)
                #expect(differences.isEmpty, "\(section.command): \(differences.joined(separator: "; "))")
            }
        }
        if Self.isAccepting { try TextFile.replace(file, accepted.joined(separator: "\n")) }
    }

    /// The manual page is a document, too.
    private static func document(_ text: String) -> JSON? {
        var limits = JSONReader.Limits()
        (limits.bytes, limits.stringBytes) = (1 << 20, 1 << 20)
        return try? JSONReader.read(Array(text.utf8), limits: limits)
    }
}
