import CairnStore
import SampleChains
import Testing

@testable import CairnCLI

/// What the program says where everything follows from the command line and a chain that is always the same.
@Suite struct TranscriptTests {
    @Test(arguments: ["help", "errors"])
    func theProgramSaysWhatItSaid(name: String) throws {
        try Transcript(name).compare { TestRun($0) }
    }

    /// What people and programs are told about a chain on which things were proven, paid, voted and refused.
    @Test func theChainIsAnswered() throws {
        try withTemporaryDirectory { home in
            _ = try RewardedChain(in: ChainStore(directory: home))
            try Transcript("chain").compare { TestRun($0, environment: ["CAIRN_HOME": home]) }
        }
    }
}
