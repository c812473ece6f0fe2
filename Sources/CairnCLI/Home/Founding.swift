import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

/// Puts a genesis into a home, with the sign log of its validator key where that key founds the network.
///
/// Key and log belong together. A second log of a key that has voted could contradict the first, so a log is made only
/// where nothing can have been voted yet: in a home without genesis, chain and log, and while the network is young.
struct Founding {
    let genesis: Genesis
    let home: Home

    /// Founders that exchange files need days, not weeks.
    private static let patience = TimeSpan.seconds(7 * 86_400)

    /// Whether the home's key is a founder's.
    func place(_ session: Session) throws(Failure) -> Bool {
        guard fileExists(home.configFile) else {
            throw Failure(
                .homeNotFound, "\(home.path) is not a home of a node", tried: [Hint(home.configFile, "no such file")],
                do: Hint("cairn init --home \(shellWord(home.path))", "makes it one"))
        }
        guard !fileExists(home.genesisFile), !fileExists(joinPath(home.path, "chain.db")) else {
            throw Failure(
                .genesisExists, "\(home.path) is on a network already; a home is never moved to another",
                do: Hint("cairn init --home DIR", "makes another home"))
        }
        let config = try Config(of: home, session)
        try config.requireNetwork(of: genesis, in: home)
        let isFounder = try makeLog(session)
        try TextFile.replace(home.genesisFile, genesis.json.indentedText + "\n")
        return isFounder
    }

    private func makeLog(_ session: Session) throws(Failure) -> Bool {
        let (storage, name) = (KeyStorage(home: home, settings: session.surroundings.keys), KeyKind.validator.rawValue)
        guard fileExists(home.keyFile(name)) else { return false }
        let key = ValidatorIdentity(seed: try storage.seed(of: storage.load(name), name, session)).key.publicKey
        guard genesis.validators.contains(where: { $0.keys.vote == key }) else { return false }
        do throws(SignLogError) {
            // There when this was done before and cut short, ahead of the genesis.
            if try SignLog.exists(directory: home.path) { return true }
        } catch {
            throw Failure(.signLog(error))
        }
        let end = genesis.time.addingReportingOverflow(Self.patience.milliseconds).partialValue
        guard Clock.wall().millisecondsSince1970 <= end else {
            throw Failure(
                .voteGuard, "the network began more than a week ago, and this key may have voted in it",
                do: Hint("cairn validator apply", "takes part with a new key, on a node that follows"))
        }
        do throws(SignLogError) {
            try SignLog.create(directory: home.path, key: key, chain: genesis.chain(using: Blake2b()))
        } catch {
            throw Failure(.signLog(error))
        }
        return true
    }
}

extension Config {
    /// What the configuration says of the network decides which keys and faults a node takes; the genesis, where it is.
    func requireNetwork(of genesis: Genesis, in home: Home) throws(Failure) {
        guard network == genesis.network else {
            throw Failure(
                .configValue, "node.network is \(quoted(network)), the genesis is of \(quoted(genesis.network))",
                do: Hint("node.network = \(JSON.string(genesis.network).text)", "in \(home.configFile)"))
        }
    }
}
