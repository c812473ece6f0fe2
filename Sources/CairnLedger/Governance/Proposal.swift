public import CairnBase
public import CairnWire

/// What a vote may change.
public enum ProposedChange: Sendable, Equatable {
    case parameter(Parameter, to: UInt64)
    /// What a profile gets of what all profiles get.
    case share(of: Profile, ppm: UInt64)
    /// From that height on only programs that know this version of the rules follow the chain.
    case version(UInt32, from: Height)
}

extension ProposedChange: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1:
            let number = try reader.u8()
            guard let parameter = Parameter(rawValue: number) else { throw .unknown("parameter", UInt64(number)) }
            self = .parameter(parameter, to: try reader.u64())
        case 2:
            let number = try reader.u16()
            guard let profile = Profile(rawValue: number) else { throw .unknown("profile", UInt64(number)) }
            self = .share(of: profile, ppm: try reader.u64())
        case 3: self = .version(try reader.u32(), from: try reader.ordinal())
        default: throw .unknown("proposed change", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .parameter(let parameter, let value):
            writer.u8(1)
            writer.u8(parameter.rawValue)
            writer.u64(value)
        case .share(let profile, let ppm):
            writer.u8(2)
            writer.u16(profile.rawValue)
            writer.u64(ppm)
        case .version(let version, let height):
            writer.u8(3)
            writer.u32(version)
            writer.ordinal(height)
        }
    }
}

/// A change that was proposed, and how far it is.
public struct Proposal: Record {
    public enum Stage: UInt8, Sendable, CaseIterable {
        case voting = 1
        /// Adopted; waits until its time.
        case waiting = 2
        case executed = 3
        case rejected = 4
        /// Adopted, but no longer possible when its time came.
        case failed = 5
    }

    /// Given back when enough of the stake voted, burned otherwise.
    public internal(set) var deposit: Amount
    public let proposer: AccountID
    public let change: ProposedChange
    public internal(set) var stage: Stage
    /// Stake counts as it was at the start of this period.
    public let snapshot: UInt64
    /// All the stake there was then.
    public let electorate: Amount
    /// The last height at which votes count.
    public let votingEnds: Height
    /// The first epoch that begins after this height runs by the change.
    public let executes: Height
    public internal(set) var yes: Amount
    public internal(set) var no: Amount
}

extension Proposal: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        deposit = try reader.value()
        proposer = try reader.identifier()
        change = try reader.value()
        let code = try reader.u8()
        guard let stage = Stage(rawValue: code) else { throw .unknown("stage", UInt64(code)) }
        self.stage = stage
        snapshot = try reader.u64()
        electorate = try reader.value()
        votingEnds = try reader.ordinal()
        executes = try reader.ordinal()
        yes = try reader.value()
        no = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        deposit.encode(into: &writer)
        writer.identifier(proposer)
        change.encode(into: &writer)
        writer.u8(stage.rawValue)
        writer.u64(snapshot)
        electorate.encode(into: &writer)
        writer.ordinal(votingEnds)
        writer.ordinal(executes)
        yes.encode(into: &writer)
        no.encode(into: &writer)
    }
}

/// How many proposals there were, and which are not decided or not yet executed.
public struct OpenProposals: Record {
    public internal(set) var count: UInt32
    /// By number.
    public internal(set) var numbers: [UInt32]

    public static let openMax = 64

    init() { (count, numbers) = (0, []) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        count = try reader.u32()
        numbers = try reader.ascending(limit: Self.openMax) { reader throws(DecodeError) in try reader.u32() }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(count)
        writer.count(numbers.count)
        for number in numbers { writer.u32(number) }
    }
}

/// How one account voted, and with how much.
public struct Ballot: Record {
    public let isYes: Bool
    public let weight: Amount

    init(isYes: Bool, weight: Amount) { (self.isYes, self.weight) = (isYes, weight) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        isYes = try reader.bool()
        weight = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.bool(isYes)
        weight.encode(into: &writer)
    }
}

/// Which version of the rules is in force, and which will be.
public struct ProtocolVersion: Record {
    public internal(set) var active: UInt32
    public internal(set) var next: UInt32?
    /// When `next` takes over.
    public internal(set) var from: Height

    init(_ version: UInt32) { (active, next, from) = (version, nil, .genesis) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        active = try reader.u32()
        next = try reader.optional { reader throws(DecodeError) in try reader.u32() }
        from = try reader.ordinal()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(active)
        writer.bool(next != nil)
        if let next { writer.u32(next) }
        writer.ordinal(from)
    }
}
