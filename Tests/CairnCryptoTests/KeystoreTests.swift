import CairnBase
import CairnCrypto
import CairnWire
import Testing

/// Costs that a test can pay hundreds of times. The bounds are a value handed in, so no product code has a switch.
enum CheapKeystore {
    static let cost = DerivationCost(memory: 8 << 10, passes: 1)

    static var limits: Limits.Files {
        var limits = Limits().files
        limits.keystoreMemory = (8 << 10)...(64 << 20)
        return limits
    }

    static func passphrase(_ text: String = "correct horse") throws(PassphraseError) -> Passphrase {
        try Passphrase(Array(text.utf8).span.bytes)
    }

    static func sealed(_ seed: borrowing Seed, _ text: String = "correct horse") throws -> Keystore {
        try Keystore.seal(seed, role: .validator, passphrase: passphrase(text), cost: cost, limits: limits)
    }

    /// The error of opening, or nil.
    static func error(_ keystore: Keystore, _ text: String, _ limits: Limits.Files = limits) -> KeystoreError? {
        do {
            _ = try keystore.open(passphrase(text), limits: limits)
            return nil
        } catch let error as KeystoreError {
            return error
        } catch {
            return nil
        }
    }
}

@Suite struct KeystoreTests {
    private func decodeError(_ bytes: [UInt8], _ limits: Limits.Files = CheapKeystore.limits) -> KeystoreError? {
        do {
            _ = try Keystore.decode(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    /// The bytes with a fresh checksum: what an attacker, unlike an accident, would write.
    private func resummed(_ bytes: [UInt8]) -> [UInt8] {
        let body = Array(bytes.dropLast(32))
        return body + Blake2b().digest(DomainTag("cn/keyfile"), body).raw.bytes
    }

    @Test(arguments: Keystore.Role.allCases)
    func aSealedKeyOpensWithItsPassphrase(role: Keystore.Role) throws {
        let seed = Seed.random()
        let publicKey = SecretKey(seed: seed).publicKey
        let keystore = try Keystore.seal(
            seed, role: role, passphrase: CheapKeystore.passphrase(), cost: CheapKeystore.cost,
            limits: CheapKeystore.limits)
        let read = try Keystore.decode(keystore.encoded, limits: CheapKeystore.limits)
        #expect(read == keystore)
        #expect(read.role == role)
        #expect(read.publicKey == publicKey)
        #expect(!read.isDevelopment)
        let opened = SecretKey(seed: try read.open(CheapKeystore.passphrase(), limits: CheapKeystore.limits))
        #expect(opened.publicKey == publicKey)
        #expect(throws: KeystoreError.sealed) { _ = SecretKey(seed: try read.openDevelopment()) }
    }

    /// The format, byte for byte, against the sealed form computed with the library alone.
    @Test func theFormatIsPinned() throws {
        let seed = Seed(known: try #require(Bytes32([UInt8](0..<32))))
        let open = Keystore.development(seed, role: .node)
        #expect(
            hex(open.encoded)
                == "434149524e4b4559" + "0100" + "01" + "00"
                + "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
                + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                + hex(open.encoded.suffix(32)))
        #expect(resummed(open.encoded) == open.encoded)
        let sealed = try CheapKeystore.sealed(seed).encoded
        #expect(sealed.count == 8 + 2 + 1 + 1 + 32 + 4 + 4 + 16 + 24 + 48 + 32)
        #expect(hex(sealed.prefix(12)) == "434149524e4b4559" + "0100" + "02" + "01")
        #expect(hex(sealed[44..<52]) == "08000000" + "01000000")
    }

    @Test func twoSealsOfOneSeedShareNothingSecret() throws {
        let seed = Seed.random()
        let first = try CheapKeystore.sealed(seed).encoded
        let second = try CheapKeystore.sealed(seed).encoded
        #expect(first[52...] != second[52...])
        let bytes = seed.copy()
        for start in 0...first.count - 8 {
            #expect(Array(first[start..<start + 8]) != Array(bytes.prefix(8)))
        }
    }

    @Test func aWrongPassphraseIsNotADamagedFile() throws {
        let keystore = try CheapKeystore.sealed(.random())
        #expect(CheapKeystore.error(keystore, "correct horse") == nil)
        #expect(CheapKeystore.error(keystore, "correct hors") == .wrongPassphrase)
        #expect(CheapKeystore.error(keystore, "Correct horse") == .wrongPassphrase)
        #expect(CheapKeystore.error(keystore, String(repeating: "x", count: 1024)) == .wrongPassphrase)
    }

    @Test func everyFlippedBitIsADamagedFile() throws {
        for bytes in [
            try CheapKeystore.sealed(.random()).encoded, Keystore.development(.random(), role: .node).encoded,
        ] {
            for index in bytes.indices {
                for bit in 0..<8 {
                    var altered = bytes
                    altered[index] ^= 1 << UInt8(bit)
                    #expect(decodeError(altered) == .damaged, "byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test func aShorterOrLongerFileIsDamaged() throws {
        let bytes = try CheapKeystore.sealed(.random()).encoded
        for count in 0..<bytes.count {
            #expect(decodeError(Array(bytes.prefix(count))) == .damaged, "\(count) bytes")
        }
        #expect(decodeError(bytes + [0]) == .damaged)
        #expect(decodeError(bytes + bytes) == .damaged)
        #expect(decodeError([UInt8](repeating: 0, count: 4096)) == .damaged)
        #expect(decodeError([UInt8](repeating: 0, count: 4097)) == .tooLarge(size: 4097, limit: 4096))
    }

    /// Who writes a fitting checksum over altered bytes still gets nothing: the seal covers the header.
    @Test func everyFlippedByteUnderAFreshChecksumIsRefused() throws {
        let bytes = try CheapKeystore.sealed(.random()).encoded
        for index in 0..<bytes.count - 32 {
            var altered = bytes
            altered[index] ^= 0x01
            let summed = resummed(altered)
            let refusal: KeystoreError?
            do {
                let keystore = try Keystore.decode(summed, limits: CheapKeystore.limits)
                refusal = CheapKeystore.error(keystore, "correct horse")
            } catch {
                refusal = error
            }
            switch index {
            case 0..<8: #expect(refusal == .damaged, "magic, byte \(index)")
            case 8: #expect(refusal == .unsupported(version: 0))
            case 9: #expect(refusal == .unsupported(version: 0x0101))
            case 11: #expect(refusal == .damaged, "a sealed body does not fit an open key")
            case 45..<48, 49..<52, 48: #expect(refusal != nil, "cost, byte \(index)")
            default: #expect(refusal == .wrongPassphrase, "byte \(index)")
            }
        }
    }

    @Test func workOutsideTheBoundsIsRefusedBeforeItIsDone() throws {
        let bytes = try CheapKeystore.sealed(.random()).encoded
        func asking(_ kibibytes: UInt32, _ passes: UInt32) -> [UInt8] {
            var writer = ByteWriter()
            writer.raw(Array(bytes[..<44]))
            writer.u32(kibibytes)
            writer.u32(passes)
            writer.raw(Array(bytes[52...]))
            return resummed(writer.bytes)
        }
        for (kibibytes, passes) in [(64 << 10, 0), (64 << 10, 11), ((64 << 10) - 1, 3), ((1 << 20) + 1, 3)] {
            let cost = DerivationCost(memory: UInt64(kibibytes) << 10, passes: UInt64(passes))
            #expect(decodeError(asking(UInt32(kibibytes), UInt32(passes)), Limits().files) == .costOutOfRange(cost))
        }
        let most = DerivationCost(memory: UInt64(UInt32.max) << 10, passes: UInt64(UInt32.max))
        #expect(decodeError(asking(.max, .max), Limits().files) == .costOutOfRange(most))
        for (kibibytes, passes) in [(64 << 10, 1), (1 << 20, 10)] {
            #expect(decodeError(asking(UInt32(kibibytes), UInt32(passes)), Limits().files) == nil)
        }
        // Sealing is held to the same bounds, and so is opening a value that was read under other ones.
        #expect(throws: KeystoreError.costOutOfRange(CheapKeystore.cost)) {
            _ = try Keystore.seal(
                .random(), role: .node, passphrase: CheapKeystore.passphrase(), cost: CheapKeystore.cost)
        }
        let cheap = try Keystore.decode(bytes, limits: CheapKeystore.limits)
        #expect(
            CheapKeystore.error(cheap, "correct horse", Limits().files) == .costOutOfRange(CheapKeystore.cost))
    }

    @Test func anOpenKeyIsMarkedAndOpensOnlyAsOne() throws {
        let seed = Seed.random()
        let keystore = try Keystore.decode(Keystore.development(seed, role: .account).encoded)
        #expect(keystore.isDevelopment)
        let opened = SecretKey(seed: try keystore.openDevelopment())
        let original = SecretKey(seed: seed)
        #expect(opened.publicKey == original.publicKey)
        #expect(CheapKeystore.error(keystore, "anything") == .development)
        // Another public key over the same seed is a forgery.
        var altered = keystore.encoded
        altered[12] ^= 1
        let forged = try Keystore.decode(resummed(altered))
        #expect(throws: KeystoreError.damaged) { _ = SecretKey(seed: try forged.openDevelopment()) }
    }

    @Test func aDescriptionNeverHoldsASeed() throws {
        let seed = Seed.random()
        let words = hex(seed.copy())
        let keystore = Keystore.development(seed, role: .node)
        var dumped = ""
        dump(keystore, to: &dumped)
        for text in [String(describing: keystore), String(reflecting: keystore), "\(keystore)", dumped] {
            #expect(!text.contains(words.prefix(16)))
        }
    }

    @Test func passphrases() throws {
        func kept(_ bytes: [UInt8]) -> Result<[UInt8], PassphraseError> {
            do throws(PassphraseError) {
                let passphrase = try Passphrase(bytes.span.bytes)
                return .success(passphrase.copy())
            } catch {
                return .failure(error)
            }
        }
        #expect(kept(Array("a b".utf8)) == .success(Array("a b".utf8)))
        #expect(kept(Array("\u{1}a\r\n\u{7f}\u{85}b\t".utf8)) == .success(Array("ab".utf8)))
        #expect(kept(Array("é\u{a0}".utf8)) == .success(Array("é\u{a0}".utf8)))
        #expect(kept([0x61, 0xc2]) == .success([0x61, 0xc2]))
        #expect(kept([]) == .failure(.empty))
        #expect(kept([10, 13, 0]) == .failure(.empty))
        #expect(kept([UInt8](repeating: 97, count: 1024)) == .success([UInt8](repeating: 97, count: 1024)))
        #expect(kept([UInt8](repeating: 97, count: 1025)) == .failure(.tooLong(count: 1025, limit: 1024)))
    }
}
