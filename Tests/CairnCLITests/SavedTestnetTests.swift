import CairnBase
import CairnCrypto
import Glibc
import Testing

@testable import CairnCLI

/// Testnets that are saved and put back, as folders; `snapshot-restore.toml` does so with processes.
@Suite struct SavedTestnetTests {
    private let session = Session.ofNobody(registry: "/nonexistent")

    private func testnet(nodes count: Int, in path: String) throws -> Testnet {
        let directory = try TestnetDirectory(path, name: "local", session.surroundings)
        let manifest = try TestnetManifest(name: "local", seed: 7, nodes: count) { _ in true }
        for node in manifest.nodes {
            try Directory.make(joinPath(directory.home(of: node), "run"))
            try TextFile.replace(joinPath(directory.home(of: node), "chain.db"), [1, 2, 3], mode: 0o600)
            try TextFile.replace(joinPath(directory.home(of: node), "process.json"), "{}")
            try TextFile.replace(joinPath(directory.home(of: node), "run/lock"), "1")
        }
        try TextFile.replace(directory.manifestFile, manifest.text)
        return Testnet(directory: directory, manifest: manifest)
    }

    @Test func whatCameLaterIsGone() throws {
        try withTemporaryDirectory { path in
            let testnet = try testnet(nodes: 2, in: path)
            let (directory, nodes) = (testnet.directory, testnet.manifest.nodes)
            let saved = SavedTestnet(directory: directory, name: "warm")
            #expect(throws: Failure.self) { try saved.manifest() }
            #expect(try saved.write(session) > 6)
            #expect(SavedTestnet.all(in: directory).map(\.name) == ["warm"])
            #expect(try saved.manifest() == testnet.manifest)
            #expect(Directory.names(joinPath(saved.path, "n0")) == ["chain.db"], "nothing of the process")
            let again = #expect(throws: Failure.self) { try saved.write(session) }
            #expect(again?.code == .savedExists)

            try TextFile.replace(joinPath(directory.home(of: nodes[0]), "chain.db"), [9])
            try Directory.make(directory.folder("n2"))
            var grown = testnet.manifest
            _ = try grown.add { _ in true }
            try TextFile.replace(directory.manifestFile, grown.text)
            var stops = 0
            try saved.putBack(session) { stops += 1 }
            #expect(stops == 1)
            #expect(try directory.existing() == testnet.manifest)
            #expect(!Directory.exists(directory.folder("n2")))
            #expect(try TextFile.read(joinPath(directory.home(of: nodes[0]), "chain.db")) == "\u{1}\u{2}\u{3}")
            #expect(Directory.names(joinPath(directory.path, "snapshots")) == ["warm"], "no draft is left")
            #expect(saved.isThere, "it can be put back again")
        }
    }

    /// Homes that are missing then would be made anew, and validators without their logs vote twice.
    @Test func nothingStartsATestnetThatIsHalfPutBack() throws {
        try withTemporaryDirectory { path in
            let testnet = try testnet(nodes: 2, in: path)
            let directory = testnet.directory
            let saved = SavedTestnet(directory: directory, name: "warm")
            _ = try saved.write(session)
            #expect(throws: Failure.self) {
                try saved.putBack(session) { () throws(Failure) in throw Failure(.testnetStep, "n0 does not end") }
            }
            try directory.requireWhole()

            // The last step of it fails.
            let manifest = joinPath(saved.path, TestnetManifest.fileName)
            try moveFile(manifest, to: path + "/snapshots/.elsewhere")
            #expect(throws: Failure.self) { try saved.putBack(session) {} }
            let refusal = #expect(throws: Failure.self) { try directory.requireWhole() }
            #expect(refusal?.code == .testnetHalfRestored)
            for words in [
                ["up"], ["exec", "n0", "--", "status"], ["fault", "pause", "n0"], ["heal"], ["snapshot", "other"],
            ] {
                let run = TestRun(["testnet"] + words.prefix(1) + ["--dir", path] + words.dropFirst(), directory: path)
                #expect(run.error == "E410", "\(words): \(run.notes)")
            }
            #expect(TestRun(["testnet", "status", "--dir", path], directory: path).error != "E410")

            try moveFile(path + "/snapshots/.elsewhere", to: manifest)
            #expect(TestRun(["testnet", "restore", "warm", "--dir", path], directory: path).exit == .ok)
            try directory.requireWhole()
            #expect(try directory.existing() == testnet.manifest)
        }
    }

    @Test func aCopyLeavesNothingOutInSilence() throws {
        try withTemporaryDirectory { path in
            let testnet = try testnet(nodes: 1, in: path)
            let link = joinPath(testnet.directory.home(of: testnet.manifest.nodes[0]), "storage")
            #expect(symlink("/tmp", link) == 0)
            let refusal = #expect(throws: Failure.self) { try FolderCopy(path) { _ in false } }
            #expect(refusal?.message.contains(link) == true)
            #expect(throws: Failure.self) { try FolderCopy(path + "/nothing") { _ in false } }
        }
    }

    /// What could not be copied is not half there, and the testnet is as it was.
    @Test func aCopyThatFailsLeavesNothing() throws {
        try withTemporaryDirectory { path in
            let testnet = try testnet(nodes: 1, in: path)
            let deep = (0..<20).reduce(testnet.directory.home(of: testnet.manifest.nodes[0])) { path, _ in
                joinPath(path, "deep")
            }
            try Directory.make(deep)
            let saved = SavedTestnet(directory: testnet.directory, name: "warm")
            #expect(throws: Failure.self) { try saved.write(session) }
            #expect(!saved.isThere && SavedTestnet.all(in: testnet.directory).isEmpty)
        }
    }

    /// The genesis of a network is what its founders have, whoever joined since.
    @Test func aNewcomerDoesNotChangeTheGenesis() throws {
        try withTemporaryDirectory { path in
            let directory = try TestnetDirectory(path, name: "local", session.surroundings)
            let founding = try TestnetManifest(name: "local", seed: 7, nodes: 2) { _ in true }
            let genesis = try TestnetGenesis(founding)
            var grown = founding
            let newcomer = try grown.add { _ in true }
            for index in founding.nodes.indices {
                try genesis.place(in: Home(path: directory.home(of: founding.nodes[index])), ofNode: index)
            }
            let testnet = Testnet(directory: directory, manifest: grown)
            #expect(try testnet.genesis() == genesis.genesis)
            #expect(try TestnetGenesis(grown).genesis != genesis.genesis)
            let own = AccountIdentity(seed: Seed(known: Bytes32([UInt8](repeating: 5, count: 32)) ?? .zero)).id
            let storage = KeyStorage(home: testnet.home(of: newcomer), settings: session.surroundings.keys)
            try storage.save(
                .development(Seed(known: Bytes32([UInt8](repeating: 5, count: 32)) ?? .zero), role: .account), "account"
            )
            #expect(try testnet.account(of: newcomer) == own)
            #expect(throws: Failure.self) { try testnet.account(of: founding.nodes[0]) }
        }
    }
}
