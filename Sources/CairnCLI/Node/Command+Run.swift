import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

extension Command {
    private static let name = Flag.text("name", "NAME", "What this machine calls the node")
    private static let listen = Flag.text("listen", "ADDRESS:PORT", "Where other nodes reach this one")
    private static let api = Flag.text("api", "ADDRESS:PORT", "Where programs on this machine ask it")
    private static let peer = Flag.text("peer", "ADDRESS:PORT", "A node to greet first; may be repeated", repeats: true)
    private static let logLevel = Flag.text("log", "LEVEL", "How much is logged: info, or info,p2p=debug")
    private static let logFormat = Flag.choice("log-format", ["text", "json"], "How log lines look")

    private static let settings: [(Setting, Flag<String>)] = [
        (.nodeName, name), (.nodeNetwork, GlobalFlags.network), (.p2pListen, listen), (.apiListen, api),
        (.p2pPeers, peer),
        (.logLevel, logLevel), (.logFormat, logFormat),
    ]

    static let run = Command(
        path: ["run"],
        summary: "Run the node of a home, in the foreground",
        text: [
            "Prints one line that begins with `cairn ready` on standard output once everything listens; the log goes to "
                + "standard error. Ctrl-C, SIGTERM or cairn stop end it within five seconds. With --json it prints a document "
                + "once it is ready and one when it has stopped, each on a line.",
            "A flag wins over the environment, the environment over config.toml of the home. A sealed node key needs its "
                + "passphrase: from --passphrase-file, $CAIRN_PASSPHRASE_FD, a systemd credential, or the terminal.",
        ],
        flags: [
            name.declaration, listen.declaration, api.declaration, peer.declaration, logLevel.declaration,
            logFormat.declaration, PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn run", "Runs the node of this user."),
            Example("cairn run --home ./n1 --log info,p2p=debug", "Runs another and logs what it hears."),
        ],
        exits: [.failed, .notFound, .refused, .locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try Home.chosen(session)
            let config = try config(home, session)
            let key = try nodeKey(home, config, session)
            let part = try chainPart(home, config, session)
            let radio = try gateway(home, config, session)
            let token = try config.accessToken()
            let space = config.takesFaults ? DiskSpace(ceiling: home.diskLimitFile) : DiskSpace()
            var options = LogOutput.Options()
            options.filter = config.logLevel
            options.format = config.logFormat
            options.priorityPrefix = session.surroundings.environment["JOURNAL_STREAM"] != nil
            do throws(NodeFailure) {
                var node = config.node(home, session)
                if var part {
                    (part.snapshot, part.makesSnapshots) = (config.snapshot, config.makesSnapshots)
                    part.checkpoint = config.checkpoint
                    part.keptEpochs = config.keptEpochs
                    part.space = space
                    node.join(part)
                }
                node.gateway = radio
                node.storage = config.storage(home, of: key)
                node.storage?.space = space
                node.sealed = config.sealed(home, of: key)
                node.sealed?.space = space
                node.token = token
                node.takesFaults = config.takesFaults
                node.isOutboundOnly = config.isOutboundOnly
                node.mapsPort = config.mapsPort
                node.seeds = config.seeds
                node.questions = ChainQuestion.all(of: home, session)
                node.reread = { config.reread(home, session) }
                try NodeShell.run(node, identity: NodeIdentity(seed: key), log: LogOutput(options)) { ready in
                    session.answer(ready.fields, ready.line)
                }
            } catch {
                throw Failure(error, config)
            }
            if session.isJSON { session.answer([.init("state", "stopped")], "") }
            return .ok
        })

    fileprivate static func config(_ home: Home, _ session: Session) throws(Failure) -> Config {
        var config = try Config(of: home, session)
        try config.take(settings, session)
        try config.checkWhole()
        return config
    }

    /// The chain of the home's genesis, if it has one, and the keys to vote with: if the genesis names them, or if they have
    /// a sign log here. A founder without its log must not vote; whoever came later and lost it follows in silence.
    private static func chainPart(
        _ home: Home, _ config: Config, _ session: Session
    ) throws(Failure) -> ChainConfiguration? {
        guard fileExists(home.genesisFile) else { return nil }
        let genesis = try GenesisFile.read(home.genesisFile)
        try config.requireNetwork(of: genesis, in: home)
        var keys: SharedValidatorKeys?
        if fileExists(home.keyFile(KeyKind.validator.rawValue)) {
            let storage = KeyStorage(home: home, settings: session.surroundings.keys)
            let keystore = try keystore(.validator, storage, config)
            let seed = try storage.seed(of: keystore, KeyKind.validator.rawValue, session)
            let shared = SharedValidatorKeys(ValidatorIdentity(seed: seed))
            let isFounder = genesis.validators.contains { $0.keys.vote == shared.vote }
            let hasLog = try hasSignLog(home)
            if isFounder || hasLog { keys = shared }
        }
        return ChainConfiguration(
            genesis: genesis, directory: home.path, keys: keys, agent: "cairn/\(programVersion)")
    }

    private static func hasSignLog(_ home: Home) throws(Failure) -> Bool {
        do throws(SignLogError) {
            return try SignLog.exists(directory: home.path)
        } catch {
            throw Failure(.signLog(error))
        }
    }

    /// The node's radio, if the configuration names one, with the key its receipts are signed with.
    private static func gateway(
        _ home: Home, _ config: Config, _ session: Session
    ) throws(Failure) -> GatewayConfiguration? {
        guard let eui = config.gateway else { return nil }
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        let keystore = try keystore(.device, storage, config)
        let seed = try storage.seed(of: keystore, KeyKind.device.rawValue, session)
        return GatewayConfiguration(
            listen: config.radio, eui: eui, device: SharedDeviceKeys(DeviceIdentity(seed: seed)),
            directory: home.path)
    }

    private static func nodeKey(_ home: Home, _ config: Config, _ session: Session) throws(Failure) -> Seed {
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        let keystore = try keystore(.node, storage, config)
        guard keystore.role == .node else {
            throw Failure(
                .wrongKind, "\(home.keyFile(KeyKind.node.rawValue)) holds a key for another use: \(keystore.role)")
        }
        return try storage.seed(of: keystore, KeyKind.node.rawValue, session)
    }

    /// A key that the node uses: no open one on the network main, and no sealed one where faults are tested, for whoever has
    /// sealed a key has something to lose by it.
    private static func keystore(
        _ kind: KeyKind, _ storage: KeyStorage, _ config: Config
    ) throws(Failure) -> Keystore {
        let keystore = try storage.load(kind.rawValue)
        let file = storage.home.keyFile(kind.rawValue)
        if keystore.isDevelopment, config.network == Config.mainNetwork {
            throw Failure(KeystoreError.development, of: file)
        }
        guard keystore.isDevelopment || !config.takesFaults else {
            throw Failure(
                .configValue, "test.faults is on, and \(file) is a key of a real network",
                do: Hint("test.faults = \"off\""))
        }
        return keystore
    }
}

extension NodeShell.Ready {
    fileprivate var fields: [JSON.Member] {
        [JSON.Member("state", "ready")] + (entry.json.object ?? []).filter { $0.key != "schema" }
    }
}

extension Config {
    /// What is there now, beside what the node was started with.
    fileprivate func reread(_ home: Home, _ session: Session) -> NodeConfiguration.Reread {
        do throws(Failure) {
            let now = try Command.config(home, session)
            let changed = Setting.all.filter { $0.name != Setting.logLevel.name && written($0) != now.written($0) }
            return .levels(now.logLevel, waiting: changed.map(\.name))
        } catch {
            return .refused(error.message)
        }
    }

    /// The network that takes no open keys.
    static let mainNetwork = "main"

    /// Takes the flags that are settings. Repeated ones together are the list.
    mutating func take(_ settings: [(Setting, Flag<String>)], _ session: Session) throws(Failure) {
        for (setting, flag) in settings {
            let words = session.invocation[all: flag]
            if !words.isEmpty { try set(setting, words, from: .flag(flag.declaration.name)) }
        }
    }

    /// Nothing unless a capacity is given.
    fileprivate func storage(_ home: Home, of key: borrowing Seed) -> StorageConfiguration? {
        guard let capacity = storageCapacity else { return nil }
        return StorageConfiguration(
            directory: storageDirectory ?? home.storeDirectory, capacity: capacity,
            device: SharedDeviceKeys(DeviceIdentity(seed: key)))
    }

    /// Nothing unless it is to seal something, and keeps pieces: witnesses ask both in one place.
    fileprivate func sealed(_ home: Home, of key: borrowing Seed) -> SealedConfiguration? {
        guard storageCapacity != nil, let room = storageSealed else { return nil }
        return SealedConfiguration(
            directory: home.sealedDirectory, room: room,
            device: SharedDeviceKeys(DeviceIdentity(ofSealedPartitionsBeside: key)))
    }

    fileprivate func node(_ home: Home, _ session: Session) -> NodeConfiguration {
        NodeConfiguration(
            home: home.path, network: network, name: name, listen: listen, peers: peers, api: api,
            registry: session.surroundings.registry, version: programVersion)
    }
}

extension Failure {
    fileprivate init(_ failure: NodeFailure, _ config: Config) {
        switch failure {
        case .homeInUse(let pid):
            self.init(
                .nodeRunning, "a node runs in this home already\(pid.map { ": pid \($0)" } ?? "")",
                hints: [Hint("cairn status", "shows it"), Hint("cairn stop", "ends it")])
        case .address(let endpoint, let error):
            let setting = endpoint == config.listen ? Setting.p2pListen : Setting.apiListen
            let origin = config.origin(of: setting).map { "set by \($0.text)" } ?? "the preset"
            self.init(
                error.isAddressInUse ? .addressTaken : .addressUnusable,
                "cannot listen at \(endpoint): \(systemMessage(error.code))", tried: [Hint(setting.name, origin)],
                do: error.isAddressInUse
                    ? Hint("ss -lntup", "shows who does; \(setting.name) chooses another")
                    : Hint("ip address", "shows which addresses this machine has"))
        case .apiWithoutToken(let endpoint): self = .openAPI(endpoint)
        case .socket(let path, let error):
            self.init(.cannotWrite, "cannot use \(path): \(systemMessage(error.code))")
        case .registry(let refusal): self.init(refusal)
        case .chain(let failure): self.init(failure)
        case .storage(.store(let directory, .locked(_, let pid))):
            self.init(.nodeRunning, "another process keeps pieces in \(directory)\(pid.map { ": pid \($0)" } ?? "")")
        case .storage(.store(let directory, let error)):
            self.init(.cannotWrite, "cannot keep pieces in \(directory): \(error)")
        case .storage(.system(let error)):
            self.init(.systemRefused, "the system refuses what a node needs: \(error)")
        case .system(let error): self.init(.systemRefused, "the system refuses what a node needs: \(error)")
        }
    }
}
