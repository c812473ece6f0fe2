import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// Every `--json` there is, against a golden file: what programs are promised of each document.
///
/// What a chain says is compared to the letter, in `TranscriptTests`; a node that runs says something else each time, and of
/// its documents the keys and the kinds of their values are.
@Suite struct DocumentTests {
    /// A partition is sealed for minutes here, where nothing is optimised; `scripts/testnet up` does it on two nodes.
    private static let tooDear: Set = ["storage seal"]

    /// Fails when a command is added, or its document renamed, and nobody wrote down what it prints.
    @Test func everyCommandHasAGoldenDocument() throws {
        var golden: [String: [String]] = [:]
        for file in Directory.names(Transcript.folder).filter({ $0.hasSuffix(".txt") }) {
            for section in try Transcript(String(file.dropLast(4))).sections {
                guard section.words.contains("--json"),
                    case .run(let invocation)? = try? Parser.parse(section.words, with: .cairn)
                else { continue }
                golden[invocation.command.name, default: []].append(section.body)
            }
        }
        for command in CommandTable.cairn.commands where !Self.tooDear.contains(command.name) {
            // What stands behind `--` is another command, and prints its own document.
            let schema = command.rest == nil ? "\"cairn.\(command.path.joined(separator: "."))/" : "\"cairn."
            let documents = golden[command.name] ?? []
            #expect(
                documents.contains { $0.contains(schema) },
                "cairn \(command.name) --json has no golden document in Tests/CairnCLITests/Transcripts")
        }
    }

    /// Homes, keys and files, with no node anywhere.
    @Test func aHomeIsDescribed() throws {
        try withTemporaryDirectory { directory in
            try TextFile.create(joinPath(directory, "passphrase"), "correct horse battery staple\n", mode: 0o600)
            try TextFile.create(joinPath(directory, "other"), "a quite different passphrase\n", mode: 0o600)
            try TextFile.create(joinPath(directory, "radio.toml"), Self.radios)
            let seed = Seed(known: try #require(Bytes32([UInt8](repeating: 9, count: 32))))
            try TextFile.create(joinPath(directory, "phrase"), try #require(Phrase(seed).member.value.string) + "\n")
            try Directory.make(joinPath(directory, "chain"))
            let chain = try RewardedChain(in: ChainStore(directory: joinPath(directory, "chain")))
            for home in ["chain", "restored", "begun"] {
                try Directory.make(joinPath(directory, home))
                try TextFile.create(
                    joinPath(directory, "\(home)/genesis.json"), chain.genesis.json.indentedText + "\n")
            }
            try Place(directory).compare("documents-home")
        }
    }

    /// A network of four processes with gateways, three of which keep files for others.
    @Test func aNetworkIsDescribed() throws {
        try withTestnetAddresses { directory in
            let place = Place(directory)
            defer { _ = place.run("testnet purge --dir {dir}/net".words) }
            try TextFile.create(joinPath(directory, "file"), String(repeating: "what is kept ", count: 999))
            try TextFile.create(joinPath(directory, "net.toml"), Self.manifest)
            try TextFile.create(joinPath(directory, "played.toml"), Self.scenario)
            try TextFile.create(joinPath(directory, "small.toml"), Self.scenario + "nodes = 1\n")
            try place.compare("documents-network", patience: .seconds(60))
            let file = joinPath(directory, "net/n1/config.toml")
            let text = try TextFile.read(file)
            try #require(text.contains("[storage]\n"))
            try TextFile.replace(file, text.replacing("[storage]\n", with: "[storage]\nsealed = \"1MiB\"\n"))
            try place.compare("documents-stored", patience: .seconds(60))
        }
    }

    private static let manifest = """
        [testnet]
        nodes = 4
        seed = 5
        pace = 250
        town = "\(joinPath(parent(of: parent(of: parent(of: #filePath))), "Testnet/places/liars.toml"))"
        holders = "n1,n2,n3"
        room = "64MiB"
        scenario = "played.toml"
        """

    private static let scenario = """
        [[step]]
        expect = "height + 1 on all"

        [scenario]
        about = "Blocks are made"

        """

    private static let radios = """
        [air]
        seed = 1

        [[gateway]]
        eui = "aa555a0000000101"
        node = "127.0.0.1:9"
        latitude = 488566000
        longitude = 23522000
        """
}

/// A directory, and command lines that are run in it: `{dir}` is the directory, `{code}` what the newest document that had a
/// `code` gave for it, and `{first.id}` what the first of a list had.
private final class Place {
    private let directory: String
    private var values: [String: String]
    private var environment: [String: String] { ["PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": directory] }

    init(_ directory: String) {
        self.directory = directory
        values = ["dir": directory]
    }

    func compare(_ name: String, patience: TimeSpan = .zero) throws {
        try Transcript(name).compareShapes(patience: patience, run)
    }

    func run(_ words: [String]) -> TestRun {
        let words = words.map { word in
            values.reduce(word) { $0.replacing("{\($1.key)}", with: $1.value) }
        }
        if let verb = words.first, ["run", "dev", "radio-sim"].contains(verb) {
            do {
                return try TestRun(process: words, environment: environment, directory: directory)
            } catch {
                Issue.record(error)
            }
        }
        let run = TestRun(
            words, environment: environment, directory: directory,
            program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"),
            registry: NodeRegistry(environment: environment).directory)
        let members = (try? JSONReader.read(Array(run.out.utf8)))?.object ?? []
        for member in members { values[member.key] = member.value.string ?? values[member.key] }
        for member in members.compactMap({ $0.value.array?.first?.object }).joined() {
            values["first.\(member.key)"] = member.value.string ?? values["first.\(member.key)"]
        }
        return run
    }
}

extension String {
    fileprivate var words: [String] { split(separator: " ").map(String.init) }
}
