public import CairnBase
public import CairnWire

/// One signed order to the ledger.
///
/// `key` is the Ed25519 key that signed: the account's own at first, another after a rotation. The nonce must be
/// exactly the account's, so a transaction runs once; after `expiry` it can never run. The first four bytes of the
/// chain id stand in the body only to give a precise answer: what ties a signature to a chain is what it covers.
public struct Transaction: Sendable, Equatable {
    public let chainPrefix: UInt32
    public let sender: AccountID
    public let key: PublicKey
    public let nonce: UInt64
    public let fee: Amount
    public let expiry: Height
    public let action: Action
    public let signature: Signature

    public static let byteCountMax = 4096
    /// The only layout there is; a new one gets a new number.
    static let version: UInt8 = 1

    public init(_ body: Body, signature: Signature) {
        chainPrefix = body.chainPrefix
        sender = body.sender
        key = body.key
        nonce = body.nonce
        fee = body.fee
        expiry = body.expiry
        action = body.action
        self.signature = signature
    }

    public var body: Body {
        Body(
            chainPrefix: chainPrefix, sender: sender, key: key, nonce: nonce, fee: fee, expiry: expiry, action: action)
    }

    /// What `signature` must cover under `key` for this transaction to be vouched for.
    public func signedBytes(chain: ChainID) -> [UInt8] { body.signedBytes(chain: chain) }

    public func id(chain: ChainID, using hash: some HashFunction) -> Digest {
        hash.digest(Tags.transactionID, signedBytes(chain: chain))
    }

    public static func ids(of some: [Transaction], chain: ChainID, using hash: some HashFunction) -> [Digest] {
        hash.digests(Tags.transactionID, some.map { $0.signedBytes(chain: chain) })
    }

    /// The accounts that it names itself.
    var accountsNamed: [StateKey] {
        let own = RecordKey<Account>.account(sender).key
        if case .transfer(let receiver, _) = action { return [own, RecordKey<Account>.account(receiver).key] }
        return [own]
    }
}

extension Transaction {
    /// Everything but the signature.
    public struct Body: Sendable, Equatable {
        public var chainPrefix: UInt32
        public var sender: AccountID
        public var key: PublicKey
        public var nonce: UInt64
        public var fee: Amount
        public var expiry: Height
        public var action: Action

        public init(
            chain: ChainID, sender: AccountID, key: PublicKey? = nil, nonce: UInt64, fee: Amount, expiry: Height,
            action: Action
        ) {
            self.init(
                chainPrefix: chain.prefix, sender: sender, key: key ?? sender.key, nonce: nonce, fee: fee,
                expiry: expiry, action: action)
        }

        init(
            chainPrefix: UInt32, sender: AccountID, key: PublicKey, nonce: UInt64, fee: Amount, expiry: Height,
            action: Action
        ) {
            self.chainPrefix = chainPrefix
            self.sender = sender
            self.key = key
            self.nonce = nonce
            self.fee = fee
            self.expiry = expiry
            self.action = action
        }

        public func signedBytes(chain: ChainID) -> [UInt8] {
            CairnWire.signedBytes(Tags.transaction, chain: chain, body: encoded)
        }
    }
}

extension ChainID {
    /// The first four bytes, as transactions carry them.
    public var prefix: UInt32 { UInt32(truncatingIfNeeded: raw.low64) }
}

extension Transaction.Body: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let version = try reader.u8()
        guard version == Transaction.version else { throw .unknown("transaction version", UInt64(version)) }
        chainPrefix = try reader.u32()
        sender = try reader.identifier()
        if try reader.bool() {
            key = try reader.identifier()
            guard key != sender.key else { throw .notCanonical("transaction key") }
        } else {
            key = sender.key
        }
        nonce = try reader.u64()
        fee = try Amount(from: &reader)
        expiry = try reader.ordinal()
        action = try Action(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(Transaction.version)
        writer.u32(chainPrefix)
        writer.identifier(sender)
        let isRotated = key != sender.key
        writer.bool(isRotated)
        if isRotated { writer.identifier(key) }
        writer.u64(nonce)
        fee.encode(into: &writer)
        writer.ordinal(expiry)
        action.encode(into: &writer)
    }
}

extension Transaction: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let body = try Body(from: &reader)
        self.init(body, signature: try reader.signature())
    }

    public func encode(into writer: inout ByteWriter) {
        body.encode(into: &writer)
        writer.signature(signature)
    }
}

extension Transaction: Signed {
    public var domain: DomainTag { Tags.transaction }
    public var signedBody: [UInt8] { body.encoded }
    public var enclosed: [EnclosedSignature] { action.signatures(by: sender) }
}
