import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

/// The chain's part of a home, for commands that work on its files.
struct ChainHome {
    let path: String
    private let genesisFile: String

    var database: String { joinPath(path, "chain.db") }

    init(_ home: Home) throws(Failure) {
        guard Directory.exists(home.path) else {
            throw Failure(
                .homeNotFound, "\(home.path) is not a home of a node", tried: [Hint(home.path, "no such directory")],
                do: Hint("cairn init --home \(shellWord(home.path))", "makes it one"))
        }
        path = home.path
        genesisFile = home.genesisFile
    }

    /// For commands that read: opening a store makes one where none is.
    func requireChain() throws(Failure) {
        guard fileExists(database) else {
            throw Failure(
                .chainNotFound, "there is no chain in \(path)", tried: [Hint(database, "no such file")],
                do: Hint("cairn run", "makes it, once the home has a genesis.json"))
        }
    }

    func genesis() throws(Failure) -> (Genesis, ChainID) {
        guard fileExists(genesisFile) else {
            throw Failure(
                .genesisInvalid, "the home has no genesis.json, so it belongs to no chain yet",
                tried: [Hint(genesisFile, "no such file")])
        }
        let genesis = try GenesisFile.read(genesisFile)
        return (genesis, genesis.chain(using: Blake2b()))
    }

    /// What the chain of this home began with.
    func beginning() throws(Failure) -> SnapshotImport.Beginning {
        let (genesis, _) = try genesis()
        do {
            return try SnapshotImport.Beginning(genesis)
        } catch {
            throw Failure(.genesisInvalid, "\(genesisFile): \(error)")
        }
    }
}

extension Session {
    /// Nothing is ever written over.
    func requireFree(_ path: String) throws(Failure) {
        guard fileExists(path) || Directory.exists(path) else { return }
        throw Failure(.copyExists, "\(path) is there already", do: Hint("Name one that is not there yet."))
    }

    /// A path among the arguments, seen from where the person stands.
    func path(argument index: Int) -> String {
        joinPath(surroundings.workingDirectory, invocation.argument(index) ?? "")
    }
}

/// Runs something on a chain's files; what the store says becomes what a person is told.
func storing<Result>(_ body: () throws(StoreError) -> Result) throws(Failure) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw Failure(error)
    }
}
