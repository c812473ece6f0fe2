import Testing

@testable import CairnCLI

/// The table is data: what holds for all commands is checked for all commands.
@Suite struct CommandTableTests {
    private let table = CommandTable.cairn

    @Test func everyCommandExplainsItself() {
        for command in table.commands {
            #expect(command.examples.count == 2, "\(command.name)")
            #expect(!command.text.isEmpty, "\(command.name)")
            #expect(!command.summary.hasSuffix("."), "\(command.name)")
            #expect(command.path.count <= 2, "\(command.name)")
        }
    }

    @Test func namesAreUnique() {
        let names = table.commands.map(\.name)
        #expect(Set(names).count == names.count)
        for command in table.commands {
            let flags = (command.flags + GlobalFlags.all).map(\.name)
            #expect(Set(flags).count == flags.count, "\(command.name) hides a flag")
            let shorts = (command.flags + GlobalFlags.all).compactMap(\.short)
            #expect(Set(shorts).count == shorts.count, "\(command.name) hides a short flag")
        }
    }

    @Test func everyExampleParses() throws {
        for command in table.commands {
            for example in command.examples {
                // What stands in a pipe or substitution around the call is the shell's.
                let call = try #require(
                    example.line.split(separator: "cairn ", maxSplits: 1, omittingEmptySubsequences: false).last)
                let words = call.prefix { !"|>)<".contains($0) }.split(separator: " ").map { word in
                    word.filter { $0 != "'" && $0 != "\"" }
                }
                let parsed = Result { try Parser.parse(words, with: table) }
                guard case .success(.run(let invocation)) = parsed else {
                    Issue.record("\(example.line): \(parsed)")
                    continue
                }
                #expect(invocation.command.name == command.name, "\(example.line)")
            }
        }
    }

    @Test func everyCommandIsInEveryDocument() {
        let roff = ManualPage(table: table).text()
        let markdown = ReferencePage(table: table).text()
        let completion = Completion(table: table)
        for command in table.commands {
            #expect(roff.contains(".SS cairn \(command.name.replacing("-", with: "\\-"))"))
            #expect(markdown.contains("### cairn \(command.name)\n"))
            #expect(completion.bash().contains("\"\(command.name)\")\n        words="))
            #expect(completion.zsh().contains("\"\(command.name)\")\n"))
            #expect(TestRun("help \(command.name)").exit == .ok)
            #expect(TestRun("\(command.name) -h").out.contains(command.summary))
            #expect(TestRun("\(command.name) --help").out == TestRun("help \(command.name)").out)
        }
    }

    @Test func everyErrorCodeHasItsPage() {
        #expect(Set(ErrorCode.allCases.map(\.slug)).count == ErrorCode.allCases.count)
        for code in ErrorCode.allCases {
            #expect(code.page.meaning.hasSuffix("."), "\(code)")
            #expect(!code.page.remedy.isEmpty, "\(code)")
            #expect(code.exit != .ok, "\(code)")
            #expect(TestRun("help \(code.rawValue)").out.contains(code.page.remedy))
            #expect(TestRun("help \(code.slug)").out.contains(code.rawValue))
        }
    }

    @Test func theReferencePageIsUpToDate() throws {
        let repository = parent(of: parent(of: parent(of: #filePath)))
        let page = try TextFile.read(joinPath(repository, "docs/cli.md"))
        #expect(page == ReferencePage(table: table).text(), "run scripts/docs")
        let errors = try TextFile.read(joinPath(repository, "docs/errors.md"))
        #expect(errors == ErrorReference().text(), "run scripts/docs")
        for code in ErrorCode.allCases { #expect(errors.contains("### \(code.rawValue) \(code.slug)\n")) }
    }
}
