import CairnBase
import CairnCrypto

extension FuzzTarget {
    /// What a person or a disk hands to the keystore. The first byte selects: 0 a file as it is, 1 a file whose last 32
    /// bytes are replaced by its checksum so that the fuzzer gets past it, 2 recovery words, 3 a passphrase. No key is
    /// derived: that would cost half a second per input.
    static let keystore = FuzzTarget("keystore") { bytes in
        guard let selector = bytes.first else { return }
        let input = Array(bytes.dropFirst())
        switch selector {
        case 0: try keyFile(input)
        case 1:
            let body = Array(input.dropLast(Bytes32.count))
            try keyFile(body + Blake2b().digest(DomainTag("cn/keyfile"), body).raw.bytes)
        case 2: try recoveryWords(input)
        case 3: try passphrase(input)
        default: break
        }
    }

    private static func keyFile(_ bytes: [UInt8]) throws {
        guard let keystore = try? Keystore.decode(bytes) else { return }
        try require(keystore.encoded == bytes, "a key file has two forms")
        try keystore.isDevelopment ? requireOneKey(in: keystore) : requireBoundedCost(of: keystore)
    }

    private static func requireBoundedCost(of keystore: Keystore) throws {
        let limits = Limits().files
        try require(keystore.cost.map { limits.keystoreMemory.contains($0.memory) } == true, "memory unbounded")
        try require(keystore.cost.map { limits.keystorePasses.contains($0.passes) } == true, "passes unbounded")
    }

    private static func requireOneKey(in keystore: Keystore) throws {
        do throws(KeystoreError) {
            let key = SecretKey(seed: try keystore.openDevelopment())
            guard key.publicKey == keystore.publicKey else { throw .unsupported(version: 0) }
        } catch {
            try require(error == .damaged, "an open key whose public half is another was opened")
        }
    }

    private static func recoveryWords(_ text: [UInt8]) throws {
        guard let seed = try? RecoveryPhrase.seed(spelledBy: text.span.bytes) else { return }
        let spelled = RecoveryPhrase.text(of: seed)
        try require(letters(spelled) == letters(text), "words spell a seed that is spelled with other words")
    }

    private static func passphrase(_ typed: [UInt8]) throws {
        do throws(PassphraseError) {
            _ = try Passphrase(typed.span.bytes)
        } catch {
            try require(
                error == .empty || typed.count > Passphrase.maximumCount, "a passphrase within bounds was refused")
        }
    }

    private static func letters(_ secret: borrowing SecretBytes) -> [UInt8] {
        // SAFETY: the bytes are copied while they are lent.
        secret.withBytes { bytes in letters(unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }) }
    }

    /// The letters alone, in lower case.
    private static func letters(_ text: [UInt8]) -> [UInt8] {
        text.filter { $0 > 32 }.map { (65...90).contains($0) ? $0 + 32 : $0 }
    }
}
