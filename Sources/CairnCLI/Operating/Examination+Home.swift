import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import Glibc

/// What must lie in a home for its node to run. Nothing is opened that holds a secret.
extension Examination {
    /// The configuration, if it can be read.
    mutating func examineHome(_ home: Home, _ session: Session) -> Config? {
        guard Directory.exists(home.path) else {
            fault("home", "\(home.path) is not there", do: "cairn init --home \(shellWord(home.path))")
            return nil
        }
        fine("home", home.path)
        let config = attempt("config") { () throws(Failure) in
            let config = try Config(of: home, session)
            try config.checkWhole()
            _ = try config.accessToken()
            return config
        }
        if config != nil { fine("config", "\(home.configFile) is in order") }
        examineKeys(home, session)
        examineChain(home)
        return config
    }

    private mutating func examineKeys(_ home: Home, _ session: Session) {
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        for name in home.keyNames {
            let path = home.keyFile(name)
            if let mode = mode(path), mode & 0o077 != 0 {
                fault("key \(name)", "other users may read \(path)", do: "chmod 600 \(shellWord(path))")
            } else if attempt("key \(name)", { () throws(Failure) in try storage.description(name) }) != nil {
                fine("key \(name)", "\(path), for its owner alone")
            }
        }
        if !home.keyNames.contains(KeyKind.node.rawValue) {
            fault("key node", "the home has no node key", do: "cairn keys new node --home \(shellWord(home.path))")
        }
    }

    private mutating func examineChain(_ home: Home) {
        guard fileExists(home.genesisFile) else {
            return doubt(
                "genesis", "the home has no genesis.json: its node greets peers and follows no chain",
                do: "Copy the network's genesis.json into \(home.path).")
        }
        guard let genesis = attempt("genesis", { () throws(Failure) in try GenesisFile.read(home.genesisFile) }) else {
            return
        }
        let chain = genesis.chain(using: Blake2b())
        fine("genesis", "network \(genesis.network), chain \(chain.short)")
        examineSignLog(home, genesis)
        guard fileExists(joinPath(home.path, "chain.db")) else { return fine("chain", "none yet: the node fetches it") }
        guard let view = attempt("chain", { () throws(Failure) in try ChainView(home) }) else { return }
        if view.reader.chain != chain {
            fault(
                "chain", "chain.db is of chain \(view.reader.chain.short), genesis.json of \(chain.short)",
                do: "One home is one network: move chain.db away, or put the right genesis.json back.")
        } else {
            fine("chain", "height \(view.height), root \(view.root.short)")
        }
    }

    /// A founder that lost its log must not vote with that key again.
    private mutating func examineSignLog(_ home: Home, _ genesis: Genesis) {
        guard fileExists(home.keyFile(KeyKind.validator.rawValue)) else { return }
        // Not opened: the node holds it while it runs, and a lock that another user made would keep it out.
        if Directory.names(home.path).contains(where: { $0.hasPrefix("sign-") && $0.hasSuffix(".log") }) {
            fine("sign log", "what the vote key has promised is there")
        } else {
            doubt(
                "sign log", "there is none, so this validator key does not vote",
                do: "Never put an old one back: cairn help E112 says why.")
        }
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        // SAFETY: the path and the structure outlive the call.
        return unsafe stat(path, &status) == 0 ? status.st_mode : nil
    }
}
