public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

/// What a block's payload says: the transactions and the verdicts it orders.
///
/// Consensus carries the bytes without looking. An empty payload is no bytes at all, so that an idle chain's blocks are
/// as small as they can be; anything else starts with the version of this layout.
public struct BlockPayload: Sendable, Equatable {
    public let transactions: [Transaction]
    /// In the order of their challenges, one for each.
    public let verdicts: [Verdict]

    static let version: UInt8 = 2

    public init(transactions: [Transaction], verdicts: [Verdict] = []) {
        self.transactions = transactions
        self.verdicts = verdicts.sorted { $0.place < $1.place }
    }

    public init(_ payload: Payload, limits: Limits.Ledger) throws(DecodeError) {
        guard !payload.bytes.isEmpty else {
            (transactions, verdicts) = ([], [])
            return
        }
        var reader = ByteReader(payload.bytes.span.bytes)
        let version = try reader.u8()
        guard version == Self.version else { throw .unknown("payload version", UInt64(version)) }
        transactions = try reader.list(limit: limits.transactionsPerBlock) { reader throws(DecodeError) in
            let bytes = try reader.bytes(limit: limits.transaction)
            return try Transaction.decode(bytes, limit: limits.transaction)
        }
        verdicts = try reader.list(limit: limits.verdictsPerBlock)
        try reader.end()
        guard !transactions.isEmpty || !verdicts.isEmpty else { throw .notCanonical("empty payload") }
        for (verdict, next) in zip(verdicts, verdicts.dropFirst()) where verdict.place >= next.place {
            throw .notCanonical("order of verdicts")
        }
    }

    /// What a payload weighs beside the bytes of its items.
    static let overhead = 9
    static let overheadPerTransaction = 4

    public var payload: Payload {
        guard !transactions.isEmpty || !verdicts.isEmpty else { return .empty }
        var writer = ByteWriter()
        writer.u8(Self.version)
        writer.count(transactions.count)
        for transaction in transactions { writer.bytes(transaction.encoded) }
        writer.count(verdicts.count)
        for verdict in verdicts { verdict.encode(into: &writer) }
        return Payload(bytes: writer.bytes)
    }
}
