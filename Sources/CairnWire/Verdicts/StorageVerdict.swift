public import CairnBase

/// What came of one storage round: seven witnesses each asked a provider for one partition, or for one shard of a hot
/// object, whose place in the provider's list stands as the partition.
public struct StorageVerdict: Sendable, Hashable {
    public enum Result: UInt8, Sendable, CaseIterable {
        case good = 0
        case lateOrSilent = 1
        case badLeafOrPath = 2
        case checkUnanswered = 3
        case checkWrong = 4
        /// The witness left no receipt; that counts against it and not against the provider.
        case noReceipt = 5
    }

    public struct Walk: Sendable, Hashable {
        public let witness: UInt32
        public let result: Result

        public init(witness: UInt32, result: Result) {
            self.witness = witness
            self.result = result
        }
    }

    /// n, the height of the challenge.
    public let height: Height
    public let provider: UInt32
    public let partition: UInt32
    /// A sealed round or a hot one.
    public let kind: ChallengeKind
    public let passed: Bool
    /// Units of 1 MiB that were proven.
    public let units: UInt32
    public let reasons: Reasons
    public let receipts: Digest
    /// In the order of their slots.
    public let walks: [Walk]

    public static let walksPerRound = 7

    public init?(
        height: Height, provider: UInt32, partition: UInt32, kind: ChallengeKind, passed: Bool, units: UInt32,
        reasons: Reasons, receipts: Digest, walks: [Walk]
    ) {
        guard kind == .sealedRound || kind == .hotRound, walks.count == Self.walksPerRound else { return nil }
        self.height = height
        self.provider = provider
        self.partition = partition
        self.kind = kind
        self.passed = passed
        self.units = units
        self.reasons = reasons
        self.receipts = receipts
        self.walks = walks
    }
}

/// The kind stands in front, in the verdict that this is a form of.
extension StorageVerdict {
    init(_ kind: ChallengeKind, from reader: inout ByteReader) throws(DecodeError) {
        let height: Height = try reader.ordinal()
        let provider = try reader.u32()
        let partition = try reader.u32()
        let passed = try reader.bool()
        let units = try reader.u32()
        let reasons = try reader.reasons()
        let receipts: Digest = try reader.identifier()
        var walks: [Walk] = []
        for _ in 0..<Self.walksPerRound {
            let witness = try reader.u32()
            let code = try reader.u8()
            guard let result = Result(rawValue: code) else { throw .unknown("walk result", UInt64(code)) }
            walks.append(Walk(witness: witness, result: result))
        }
        guard
            let verdict = StorageVerdict(
                height: height, provider: provider, partition: partition, kind: kind, passed: passed, units: units,
                reasons: reasons, receipts: receipts, walks: walks)
        else { throw .invalid("storage verdict") }
        self = verdict
    }

    func encode(into writer: inout ByteWriter) {
        writer.ordinal(height)
        writer.u32(provider)
        writer.u32(partition)
        writer.bool(passed)
        writer.u32(units)
        writer.u64(reasons.rawValue)
        writer.identifier(receipts)
        for walk in walks {
            writer.u32(walk.witness)
            writer.u8(walk.result.rawValue)
        }
    }
}
