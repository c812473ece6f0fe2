public import CairnBase
internal import CairnWire

extension Keystore {
    private static let magic = Array("CAIRNKEY".utf8)
    private static let version: UInt16 = 1
    private static let checksumTag = DomainTag("cn/keyfile")

    /// The whole file.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.raw(header)
        switch protection {
        case .development(let seed): writer.bytes32(seed)
        case .passphrase(let seal): writer.raw(seal.sealed)
        }
        writer.identifier(Blake2b().digest(Self.checksumTag, writer.bytes.span.bytes))
        return writer.bytes
    }

    /// Everything before the seed: what the seal authenticates besides it.
    var header: [UInt8] {
        var writer = ByteWriter()
        writer.raw(Self.magic)
        writer.u16(Self.version)
        writer.u8(role.rawValue)
        writer.u8(isDevelopment ? 0 : 1)
        writer.identifier(publicKey)
        if case .passphrase(let seal) = protection {
            writer.u32(UInt32(clamping: seal.cost.memory >> 10))
            writer.u32(UInt32(clamping: seal.cost.passes))
            writer.raw(seal.salt)
            writer.raw(seal.nonce)
        }
        return writer.bytes
    }

    /// Reads a whole file: its checksum first, then its version, then the rest. No key is derived here.
    public static func decode(
        _ bytes: RawSpan, limits: Limits.Files = Limits().files
    ) throws(KeystoreError) -> Keystore {
        guard bytes.byteCount <= limits.keystore else {
            throw .tooLarge(size: bytes.byteCount, limit: limits.keystore)
        }
        let bodyCount = bytes.byteCount - Bytes32.count
        guard bodyCount >= magic.count + 2 else { throw .damaged }
        let body = bytes.extracting(first: bodyCount)
        guard let checksum = Digest(bytes.extracting(droppingFirst: bodyCount)),
            Blake2b().digest(checksumTag, body) == checksum
        else { throw .damaged }
        guard let version = version(of: body) else { throw .damaged }
        guard version == Self.version else { throw .unsupported(version: version) }
        do {
            let keystore = try Keystore(afterVersion: body.extracting(droppingFirst: magic.count + 2))
            try keystore.cost?.check(limits)
            return keystore
        } catch let error as KeystoreError {
            throw error
        } catch {
            throw .damaged
        }
    }

    public static func decode(
        _ bytes: [UInt8], limits: Limits.Files = Limits().files
    ) throws(KeystoreError) -> Keystore {
        try decode(bytes.span.bytes, limits: limits)
    }

    private static func version(of body: RawSpan) -> UInt16? {
        var reader = ByteReader(body)
        do {
            let first = try reader.take(magic.count)
            // SAFETY: the bytes are compared before the span ends.
            guard unsafe first.withUnsafeBytes({ unsafe $0.elementsEqual(magic) }) else { return nil }
            return try reader.u16()
        } catch {
            return nil
        }
    }

    private init(afterVersion bytes: RawSpan) throws(DecodeError) {
        var reader = ByteReader(bytes)
        let rawRole = try reader.u8()
        guard let role = Role(rawValue: rawRole) else { throw .unknown("key role", UInt64(rawRole)) }
        let protection = try reader.u8()
        let publicKey: PublicKey = try reader.identifier()
        switch protection {
        case 0: self.init(role: role, publicKey: publicKey, protection: .development(try reader.bytes32()))
        case 1:
            let memory = UInt64(try reader.u32()) << 10
            let seal = Seal(
                cost: DerivationCost(memory: memory, passes: UInt64(try reader.u32())),
                salt: try reader.fixed(Seal.saltCount), nonce: try reader.fixed(Seal.nonceCount),
                sealed: try reader.fixed(Seal.sealedCount))
            self.init(role: role, publicKey: publicKey, protection: .passphrase(seal))
        default: throw .unknown("key protection", UInt64(protection))
        }
        try reader.end()
    }
}

extension ByteReader {
    /// Bytes of a width both sides know, copied out.
    fileprivate mutating func fixed(_ count: Int) throws(DecodeError) -> [UInt8] {
        // SAFETY: the buffer is copied before the span ends.
        let taken = try take(count)
        return unsafe taken.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
