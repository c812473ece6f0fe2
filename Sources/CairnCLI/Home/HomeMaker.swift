import CairnBase
import CairnCrypto
import CairnWire

/// Makes a home: the directory, the keys, the configuration, in this order.
///
/// The configuration comes last and tells that the home is whole. When making was cut short, doing it again keeps the
/// keys that are there and makes what is missing.
struct HomeMaker: Sendable {
    let storage: KeyStorage
    /// What the configuration says besides the presets, by setting name.
    let values: [String: [String]]

    enum Secret: ~Copyable {
        /// Open keys derived from a number, for development networks: the same number gives the same keys.
        case derived(seed: UInt64, index: UInt64)
        case openRandom
        case sealed(Passphrase)
    }

    struct Made: Sendable {
        let keys: [KeyDescription]
        /// Of the account, when it was made and sealed just now.
        let words: Phrase?
    }

    /// Fails when the home is whole already; asked before anybody types a passphrase.
    func checkFree() throws(Failure) {
        let home = storage.home
        guard fileExists(home.configFile) else { return }
        throw Failure(
            .homeExists, "\(home.path) is a home already", found: [Hint(home.configFile)],
            hints: [
                Hint("cairn run --home \(shellWord(home.path))", "starts its node"),
                Hint("cairn init --home DIR", "makes another home"),
            ])
    }

    func make(_ secret: borrowing Secret) throws(Failure) -> Made {
        try checkFree()
        try Directory.make(storage.home.path)
        var keys: [KeyDescription] = []
        var words: Phrase?
        for kind in KeyKind.ofEveryHome {
            if fileExists(storage.home.keyFile(kind.rawValue)) {
                keys.append(try storage.description(kind.rawValue))
                continue
            }
            switch secret {
            case .derived(let seed, let index):
                let key = Self.derivedSeed(seed, index, kind)
                keys.append(try storage.save(.development(key, role: kind.role), kind.rawValue))
            case .openRandom:
                keys.append(try storage.save(.development(.random(), role: kind.role), kind.rawValue))
            case .sealed(let passphrase):
                let seed = Seed.random()
                keys.append(try storage.save(try storage.seal(seed, kind.role, passphrase), kind.rawValue))
                if kind == .account { words = Phrase(seed) }
            }
        }
        try TextFile.create(storage.home.configFile, Config.annotated(values), mode: 0o600)
        return Made(keys: keys, words: words)
    }

    /// The seed of a testnet's key: a hash of the testnet's number, the node's place and the kind.
    static func derivedSeed(_ seed: UInt64, _ index: UInt64, _ kind: KeyKind) -> Seed {
        var writer = ByteWriter()
        writer.u64(seed)
        writer.u64(index)
        writer.u8(kind.role.rawValue)
        return Seed(known: Blake2b().digest(DomainTag("cn/dev-key"), writer.bytes).raw)
    }
}
