import CairnBase
import CairnFuzz
import Testing

@Suite struct CorpusTests {
    @Test func everyFolderOfTheCorpusHasATarget() throws {
        #expect(Set(try Corpus.folders()) == Set(FuzzTarget.all.map(\.name)))
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func everyFileRunsWithoutAFinding(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let files = try Corpus.files(of: target.name)
        #expect(!files.isEmpty)
        for file in files {
            #expect(throws: Never.self, "\(target.name)/\(file.name)") { try target.run(file.bytes) }
        }
    }

    /// What the fuzzer does for hours, for a moment and with a seed.
    @Test(arguments: FuzzTarget.all.map(\.name))
    func mutationsOfTheCorpusRunWithoutAFinding(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try Corpus.files(of: target.name).map(\.bytes)
        var random = SeededRandom(seed: 1)
        for _ in 0..<target.mutations {
            let bytes = Mutation.mutate(seeds, using: &random)
            #expect(throws: Never.self, "\(target.name): \(hex(bytes))") { try target.run(bytes) }
        }
    }
}
