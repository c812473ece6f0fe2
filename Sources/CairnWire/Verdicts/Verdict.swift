public import CairnBase

/// The contribution proof: the scored result of one challenge, ordered by consensus and paid for.
///
/// A block item without sender, signature or fee. What makes it true is that validators who hold the receipts compute
/// the same bytes before they vote; whoever executes the block later only checks its form.
public enum Verdict: Sendable, Hashable {
    case coverage(CoverageVerdict)
    case storage(StorageVerdict)

    /// Nothing that decodes is longer.
    public static let byteCountMax = 1 + 66 + 16 * CoverageVerdict.seatsMax
}

extension Verdict {
    /// n, the height of the challenge.
    public var height: Height {
        switch self {
        case .coverage(let verdict): verdict.height
        case .storage(let verdict): verdict.height
        }
    }

    /// Who was challenged, by its place in the frozen set of the epoch.
    public var target: UInt32 {
        switch self {
        case .coverage(let verdict): verdict.target
        case .storage(let verdict): verdict.provider
        }
    }

    /// Which of a provider's partitions; 0 for coverage.
    public var partition: UInt32 {
        switch self {
        case .coverage: 0
        case .storage(let verdict): verdict.partition
        }
    }

    public var kind: ChallengeKind {
        switch self {
        case .coverage(let verdict): verdict.kind
        case .storage(let verdict): verdict.kind
        }
    }

    public var reasons: Reasons {
        switch self {
        case .coverage(let verdict): verdict.reasons
        case .storage(let verdict): verdict.reasons
        }
    }

    public var place: VerdictPlace { VerdictPlace(height: height, target: target, partition: partition) }
}

/// The challenge a verdict is about, and with it the verdict's place among those of a block: one per place for ever.
public struct VerdictPlace: Sendable, Hashable, Comparable {
    public let height: Height
    public let target: UInt32
    public let partition: UInt32

    public init(height: Height, target: UInt32, partition: UInt32) {
        self.height = height
        self.target = target
        self.partition = partition
    }

    public static func < (left: VerdictPlace, right: VerdictPlace) -> Bool {
        (left.height, left.target, left.partition) < (right.height, right.target, right.partition)
    }
}

/// A byte that says which form follows: 1 coverage, 3 a sealed round, 4 a hot one.
extension Verdict: Canonical {
    private static let coverageForm: UInt8 = 1

    public init(from reader: inout ByteReader) throws(DecodeError) {
        let form = try reader.u8()
        switch (form, ChallengeKind(rawValue: form)) {
        case (Self.coverageForm, _): self = .coverage(try reader.value())
        case (_, .sealedRound?): self = .storage(try StorageVerdict(.sealedRound, from: &reader))
        case (_, .hotRound?): self = .storage(try StorageVerdict(.hotRound, from: &reader))
        default: throw .unknown("verdict form", UInt64(form))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .coverage(let verdict):
            writer.u8(Self.coverageForm)
            verdict.encode(into: &writer)
        case .storage(let verdict):
            writer.u8(verdict.kind.rawValue)
            verdict.encode(into: &writer)
        }
    }
}
