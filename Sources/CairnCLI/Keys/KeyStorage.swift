import CairnBase
import CairnCrypto

/// The key files of a home, with errors in the words of the command line.
struct KeyStorage: Sendable {
    let home: Home
    let settings: Settings

    /// How hard opening is made, and what a file may ask for. Tests ask for less.
    struct Settings: Sendable {
        var cost = DerivationCost.standard
        var limits = Limits().files
    }

    func load(_ name: String) throws(Failure) -> Keystore {
        let file = home.keyFile(name)
        do throws(KeystoreError) {
            return try Keystore.load(file, limits: settings.limits)
        } catch {
            guard case .missing = error else { throw Failure(error, of: file) }
            let names = home.keyNames
            let close = nearest(to: name, in: names).map { [Hint("cairn keys show \($0)", "is the nearest one")] } ?? []
            throw Failure(
                .keyNotFound, "there is no key \(quoted(name)) in \(home.path)", tried: [Hint(file, "no such file")],
                found: names.map { Hint($0) },
                hints: close + [Hint("cairn keys new", "makes one")])
        }
    }

    /// Reads a key file from anywhere.
    func load(file: String) throws(Failure) -> Keystore {
        do throws(KeystoreError) {
            return try Keystore.load(file, limits: settings.limits)
        } catch {
            throw Failure(error, of: file)
        }
    }

    /// Writes a key file anywhere, never over another.
    func save(_ keystore: Keystore, file: String) throws(Failure) {
        do throws(KeystoreError) {
            try keystore.save(file)
        } catch {
            throw Failure(error, of: file)
        }
    }

    func description(_ name: String) throws(Failure) -> KeyDescription {
        KeyDescription(name: name, file: home.keyFile(name), try load(name))
    }

    /// Fails when there is a key of this name already; asked before anybody types a passphrase.
    func checkFree(_ name: String) throws(Failure) {
        if fileExists(home.keyFile(name)) { throw Failure(KeystoreError.exists, of: home.keyFile(name)) }
    }

    @discardableResult
    func save(_ keystore: Keystore, _ name: String, replacing: Bool = false) throws(Failure) -> KeyDescription {
        try Directory.make(home.path)
        let file = home.keyFile(name)
        do throws(KeystoreError) {
            try keystore.save(file, replacing: replacing)
        } catch {
            throw Failure(error, of: file)
        }
        return KeyDescription(name: name, file: file, keystore)
    }

    func seal(
        _ seed: borrowing Seed, _ role: Keystore.Role, _ passphrase: borrowing Passphrase
    ) throws(Failure) -> Keystore {
        do throws(KeystoreError) {
            return try .seal(
                seed, role: role, passphrase: passphrase, cost: settings.cost, limits: settings.limits)
        } catch {
            throw Failure(error, of: home.path)
        }
    }

    func open(
        _ keystore: Keystore, _ file: String, _ passphrase: borrowing Passphrase
    ) throws(Failure) -> Seed {
        do throws(KeystoreError) {
            return try keystore.open(passphrase, limits: settings.limits)
        } catch {
            throw Failure(error, of: file)
        }
    }
}

extension Failure {
    /// A key file's own error, with what its owner can do about it.
    init(_ error: KeystoreError, of file: String) {
        switch error {
        case .missing: self.init(.keyNotFound, "there is no key file \(file)")
        case .notAFile: self.init(.keyDamaged, "\(file) is not a plain file")
        case .foreignOwner(let user):
            self.init(
                .keyExposed, "\(file) belongs to user \(user)",
                do: Hint("chown \(shellWord(file))", "gives it to the user that runs the node"))
        case .exposed(let mode):
            self.init(
                .keyExposed, "\(file) is open to others (mode 0\(String(mode, radix: 8)))",
                do: Hint("chmod 600 \(shellWord(file))", "closes it; if a stranger may have read it, make a new key"))
        case .tooLarge(let size, let limit):
            self.init(.keyDamaged, "\(file) is too large for a key file: \(size) bytes, at most \(limit)")
        case .damaged: self.init(.keyDamaged, "\(file) is damaged")
        case .unsupported(let version):
            self.init(.keyUnsupported, "\(file) has version \(version), which this program does not know")
        case .costOutOfRange(let cost):
            self.init(
                .keyDamaged,
                "\(file) asks for \(cost.memory >> 20) MiB and \(cost.passes) passes, which is out of range")
        case .outOfMemory(let needed):
            self.init(.keyMemory, "opening a key needs \(needed >> 20) MiB of memory, and there is not enough")
        case .wrongPassphrase: self.init(.wrongPassphrase, "the passphrase does not open \(file)")
        case .sealed: self.init(.passphraseNeeded, "\(file) is sealed under a passphrase")
        case .development: self.init(.developmentKey, "\(file) is an open key of a development network")
        case .exists:
            self.init(
                .keyExists, "there is a key in \(file) already",
                hints: [
                    Hint("cairn keys new --name NAME", "makes another beside it"),
                    Hint("mv \(shellWord(file)) …", "puts the old one away first"),
                ])
        case .system(let operation, let code):
            let isReading = [.open, .inspect, .read].contains(operation)
            self.init(
                isReading ? .cannotRead : .cannotWrite,
                "cannot \(isReading ? "read" : "write") \(file): \(systemMessage(code))")
        }
    }
}
