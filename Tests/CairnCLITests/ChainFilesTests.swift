import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Testing

@testable import CairnCLI

/// Backups, snapshots and scrubs, from the command line to the file.
@Suite struct ChainFilesTests {
    private func run(_ line: String, home: String, in directory: String) -> TestRun {
        TestRun(
            line.split(separator: " ").map(String.init) + ["--home", home], environment: ["HOME": directory],
            directory: directory)
    }

    private func genesis() throws -> Genesis {
        let key = PublicKey(Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero)
        return try Genesis(
            network: "files", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet), accounts: [],
            validators: [
                Genesis.FoundingValidator(
                    account: AccountID(key.raw),
                    keys: ValidatorKeys(node: NodeID(key), vote: key, randomness: VRFPublicKey(key.raw)),
                    bond: Amount(units: 200 * Amount.one.units))
            ])
    }

    /// A home with a genesis, and with a chain at height 0 if asked for.
    private func makeHome(_ path: String, withChain: Bool) throws {
        try Directory.make(path)
        let genesis = try genesis()
        try TextFile.create(Home(path: path).genesisFile, genesis.json.indentedText + "\n")
        guard withChain else { return }
        let chain = genesis.chain(using: Blake2b())
        let store = try ChainStore(directory: path)
        try store.begin(
            chain: chain, genesis: genesis.encoded, time: genesis.time,
            Ledger(chain: chain, hash: Blake2b()).begin(genesis))
    }

    private func field(_ run: TestRun, _ name: String) throws -> String {
        try #require(run.exit == .ok, "\(run.notes)")
        return try #require(try JSONReader.read(Array(run.out.utf8))[name]?.string)
    }

    /// What only reads makes nothing: a database without a beginning would be taken for a damaged one.
    @Test func whereNoChainIsNoneIsMade() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            try makeHome(home, withChain: false)
            for line in ["chain scrub", "backup copy", "snapshot export state"] {
                let run = run(line, home: home, in: directory)
                #expect(run.error == "E601" && run.exit == .notFound, "\(line): \(run.notes)")
            }
            #expect(Directory.names(home) == ["genesis.json"])
            #expect(Directory.names(directory) == ["home"])
        }
    }

    @Test func aBackupGoesFromHomeToHome() throws {
        try withTemporaryDirectory { directory in
            let (first, second) = (directory + "/first", directory + "/second")
            try makeHome(first, withChain: true)
            try makeHome(second, withChain: false)
            let root = try field(run("backup copy --json", home: first, in: directory), "state_root")
            #expect(run("backup copy", home: first, in: directory).exit != .ok)
            #expect(try field(run("restore copy --json", home: second, in: directory), "state_root") == root)
            #expect(try field(run("chain scrub --json", home: second, in: directory), "state_root") == root)
            let again = run("restore copy", home: second, in: directory)
            #expect(again.error == "E702" && again.exit == .conflict)
        }
    }

    @Test func aSnapshotNeedsARootThatSomebodyTrusts() throws {
        try withTemporaryDirectory { directory in
            let (first, second) = (directory + "/first", directory + "/second")
            try makeHome(first, withChain: true)
            try makeHome(second, withChain: false)
            let root = try field(run("snapshot export state --json", home: first, in: directory), "state_root")
            #expect(try field(run("snapshot show state --json", home: first, in: directory), "state_root") == root)
            #expect(run("snapshot import state", home: second, in: directory).error == "E007")
            let other = String(repeating: "ab", count: 32)
            let refused = run("snapshot import state --root \(other)", home: second, in: directory)
            #expect(refused.error == "E701" && refused.exit == .refused)
            #expect(
                try field(run("snapshot import state --json --root \(root)", home: second, in: directory), "state_root")
                    == root)
        }
    }

    @Test func aRunningNodeKeepsItsChain() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            try makeHome(home, withChain: true)
            let store = try ChainStore(directory: home)
            #expect(run("chain scrub", home: home, in: directory).error == "E106")
            #expect(run("snapshot export state", home: home, in: directory).exit == .ok)
            #expect(run("backup copy", home: home, in: directory).exit == .ok)
            withExtendedLifetime(store) {}
        }
    }
}
