public import CairnBase
public import CairnWire

/// A receipt and the salt that hid it: what a commitment is opened with.
public struct Opening: Sendable, Hashable, Canonical {
    public let receipt: RadioReceipt
    /// Sixteen bytes that nobody else can guess.
    public let salt: [UInt8]

    public static let saltCount = 16
    public static let count = RadioReceipt.count + saltCount

    /// Refuses a salt of another length.
    public init?(receipt: RadioReceipt, salt: [UInt8]) {
        guard salt.count == Self.saltCount else { return nil }
        self.receipt = receipt
        self.salt = salt
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        receipt = try reader.value()
        salt = try reader.raw(Self.saltCount)
    }

    public func encode(into writer: inout ByteWriter) {
        receipt.encode(into: &writer)
        writer.raw(salt)
    }

    /// H("cn/wc"; chain, receipt, salt).
    public func commitment(on chain: ChainID, using hash: some HashFunction) -> Digest {
        Self.commitment(of: encoded, on: chain, using: hash)
    }

    static func commitment(of bytes: [UInt8], on chain: ChainID, using hash: some HashFunction) -> Digest {
        var writer = ByteWriter(capacity: Bytes32.count + count)
        writer.identifier(chain)
        writer.raw(bytes)
        return hash.digest(Tags.commitment, writer.bytes)
    }
}
