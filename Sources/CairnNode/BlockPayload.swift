public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

/// What a block's payload says: the transactions it orders.
///
/// Consensus carries the bytes without looking. An empty payload is no bytes at all, so that an idle chain's blocks are
/// as small as they can be; anything else starts with the version of this layout.
public struct BlockPayload: Sendable, Equatable {
    public let transactions: [Transaction]

    static let version: UInt8 = 1

    public init(transactions: [Transaction]) {
        self.transactions = transactions
    }

    public init(_ payload: Payload, limits: Limits.Ledger) throws(DecodeError) {
        guard !payload.bytes.isEmpty else {
            transactions = []
            return
        }
        var reader = ByteReader(payload.bytes.span.bytes)
        let version = try reader.u8()
        guard version == Self.version else { throw .unknown("payload version", UInt64(version)) }
        let count = try reader.count(limit: limits.transactionsPerBlock)
        guard count > 0 else { throw .notCanonical("empty payload") }
        var transactions: [Transaction] = []
        for _ in 0..<count {
            let bytes = try reader.bytes(limit: limits.transaction)
            transactions.append(try Transaction.decode(bytes, limit: limits.transaction))
        }
        try reader.end()
        self.transactions = transactions
    }

    /// What a payload of these transactions weighs beside their own bytes.
    static let overhead = 5
    static let overheadPerTransaction = 4

    public var payload: Payload {
        guard !transactions.isEmpty else { return .empty }
        var writer = ByteWriter()
        writer.u8(Self.version)
        writer.count(transactions.count)
        for transaction in transactions { writer.bytes(transaction.encoded) }
        return Payload(bytes: writer.bytes)
    }
}
