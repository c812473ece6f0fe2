import CairnCrypto

extension KeyStorage {
    /// The keys of the home that a command means.
    init(_ session: Session) throws(Failure) {
        self.init(home: try NodeFinder(session).home(), settings: session.surroundings.keys)
    }

    /// Opens a key with whatever its file needs.
    func seed(of keystore: Keystore, _ name: String, _ session: Session) throws(Failure) -> Seed {
        guard keystore.isDevelopment else {
            return try open(
                keystore, home.keyFile(name), PassphraseSource.current(session).existing("the \(name) key"))
        }
        do throws(KeystoreError) {
            return try keystore.openDevelopment()
        } catch {
            throw Failure(error, of: home.keyFile(name))
        }
    }
}
