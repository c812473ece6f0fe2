public import CairnBase
public import CairnLedger
public import CairnWire

/// A verdict as the store keeps it for people: what it said, about whom, and what the block made of it. The whole of it
/// stands in the block.
public struct StoredVerdict: Sendable, Equatable {
    /// The block it stands in.
    public let block: Height
    /// The height of the challenge.
    public let challenged: Height
    /// Nil where nobody had the place it names.
    public let resource: ResourceID?
    public let partition: UInt32
    public let kind: ChallengeKind
    /// Whether it proves something: a quorum heard the beacon, or the round was passed.
    public let passed: Bool
    public let units: UInt32
    /// Seats taken, or walks answered.
    public let witnesses: UInt8
    public let reasons: Reasons
    public let outcome: VerdictOutcome

    init(
        block: Height, challenged: Height, resource: ResourceID?, partition: UInt32, kind: ChallengeKind, passed: Bool,
        units: UInt32, witnesses: UInt8, reasons: Reasons, outcome: VerdictOutcome
    ) {
        self.block = block
        self.challenged = challenged
        self.resource = resource
        self.partition = partition
        self.kind = kind
        self.passed = passed
        self.units = units
        self.witnesses = witnesses
        self.reasons = reasons
        self.outcome = outcome
    }

    init(_ judgement: Judgement, in block: Height) {
        let verdict = judgement.verdict
        self.block = block
        challenged = verdict.height
        resource = judgement.resource
        partition = verdict.partition
        kind = verdict.kind
        reasons = verdict.reasons
        outcome = judgement.outcome
        switch verdict {
        case .coverage(let verdict):
            passed = !verdict.reasons.contains(.noBeacon) && !verdict.reasons.contains(.noQuorum)
            units = verdict.units
            witnesses = UInt8(clamping: verdict.seats.count)
        case .storage(let verdict):
            passed = verdict.passed
            units = verdict.units
            witnesses = UInt8(clamping: verdict.walks.count { $0.result != .noReceipt })
        }
    }

    var checkedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 72)
        writer.ordinal(challenged)
        writer.bool(resource != nil)
        if let resource { writer.identifier(resource) }
        writer.u32(partition)
        writer.u8(kind.rawValue)
        writer.bool(passed)
        writer.u32(units)
        writer.u8(witnesses)
        writer.u64(reasons.rawValue)
        writer.u16(outcome.rawValue)
        return writer.bytes
    }
}

/// A part of a list: so many rows after so many others.
public struct Page: Sendable, Equatable {
    public let skip: UInt64
    public let limit: UInt64

    public static let limitMax: UInt64 = 1000

    public init(skip: UInt64 = 0, limit: UInt64 = 100) {
        self.skip = min(skip, UInt64(Int64.max))
        self.limit = min(limit, Self.limitMax)
    }
}
