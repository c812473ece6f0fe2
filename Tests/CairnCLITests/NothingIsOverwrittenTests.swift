import CairnLedger
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// What is there already stays: exit 9 and a hint, whatever lies in the way.
@Suite struct NothingIsOverwrittenTests {
    @Test(arguments: ["backup", "snapshot export", "bundle"], [true, false])
    func aPathThatIsTakenIsAConflict(command: String, isFolder: Bool) throws {
        try withTemporaryDirectory { directory in
            let home = joinPath(directory, "home")
            try Directory.make(home)
            let chain = try RewardedChain(in: ChainStore(directory: home))
            try TextFile.create(joinPath(home, "genesis.json"), chain.genesis.json.indentedText)
            let taken = joinPath(directory, "taken")
            if isFolder {
                try Directory.make(taken)
            } else {
                try TextFile.create(taken, "dear")
            }
            let run = TestRun("\(command) \(taken) --home \(home)", directory: directory)
            #expect(run.exit == .conflict && run.error == "E702", "\(run.notes)")
            #expect(run.notes.contains("  do     "))
            if !isFolder { #expect(try TextFile.read(taken) == "dear") }
        }
    }

    /// A stopped node's last words are in the home, where its standard error was sent there.
    @Test func aBundleOfAStoppedHomeHasItsLog() throws {
        try withTemporaryDirectory { directory in
            let home = joinPath(directory, "home")
            #expect(TestRun("init --home \(home) --dev", directory: directory).exit == .ok)
            try TextFile.create(joinPath(home, "log"), "its last words\n")
            let file = joinPath(directory, "fault.tar")
            let run = TestRun("bundle \(file) --home \(home)", directory: directory)
            #expect(run.exit == .ok && run.out.contains("disk/log"), "\(run.out)\(run.notes)")
            #expect(try TextFile.read(file).contains("its last words\n"))
        }
    }
}
