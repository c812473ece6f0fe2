public import CairnBase
public import CairnWire

/// What members tell one another about who is there. It travels sealed, so its sender is known; what it says of third
/// parties is either signed by them or an opinion of the sender.
public enum MembershipMessage: Canonical, Sendable, Hashable {
    /// Are you alive? `doubt` is the sequence of the receiver's record under which the sender suspects it, or zero.
    case ping(number: UInt32, doubt: UInt64)
    case acknowledgement(number: UInt32)
    /// Please ask this one for me: it does not answer me.
    case probe(number: UInt32, subject: NodeID)
    /// The subject answered the helper, or did not; either way the helper is alive and heard me.
    case probed(number: UInt32, answered: Bool)
    case suspicion(Suspicion)
    case record(NodeRecord)
    case digest(ViewDigest)
    /// Of the groups named by bits: every member the sender holds as alive, and how new its record is.
    case listing(groups: UInt64, [Reference])
    /// Please send these records.
    case want([UInt64])
    /// A few members, to be mixed into the receiver's; `answer` asks for as many in return.
    case sample([NodeRecord], answer: Bool)

    /// Somebody is suspected. First-hand, the sender's own probes failed; else it only passes on what it heard.
    public struct Suspicion: Sendable, Hashable {
        public let subject: UInt64
        public let sequence: UInt64
        public let isFirstHand: Bool

        public init(subject: UInt64, sequence: UInt64, isFirstHand: Bool) {
            self.subject = subject
            self.sequence = sequence
            self.isFirstHand = isFirstHand
        }
    }

    /// A member by the first eight bytes of its id, and the sequence of its record.
    public struct Reference: Sendable, Hashable {
        public let member: UInt64
        public let sequence: UInt64

        public init(member: UInt64, sequence: UInt64) {
            self.member = member
            self.sequence = sequence
        }
    }

    /// The body of one datagram.
    public static let byteLimit = 1_168
    static let referenceLimit = 64
    static let wantLimit = 64
    public static let sampleLimit = 5

    private enum Kind: UInt8 {
        case ping = 1
        case acknowledgement, probe, probed, suspicion, record, digest, listing, want, sample
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        let number = try reader.u8()
        guard let kind = Kind(rawValue: number) else { throw .unknown("membership message", UInt64(number)) }
        switch kind {
        case .ping: self = .ping(number: try reader.u32(), doubt: try reader.u64())
        case .acknowledgement: self = .acknowledgement(number: try reader.u32())
        case .probe: self = .probe(number: try reader.u32(), subject: try reader.identifier())
        case .probed: self = .probed(number: try reader.u32(), answered: try reader.bool())
        case .suspicion:
            self = .suspicion(
                Suspicion(subject: try reader.u64(), sequence: try reader.u64(), isFirstHand: try reader.bool()))
        case .record: self = .record(try reader.value())
        case .digest: self = .digest(try reader.value())
        case .listing:
            let groups = try reader.u64()
            let references = try reader.list(limit: Self.referenceLimit) { reader throws(DecodeError) in
                Reference(member: try reader.u64(), sequence: try reader.u64())
            }
            self = .listing(groups: groups, references)
        case .want:
            self = .want(try reader.list(limit: Self.wantLimit) { reader throws(DecodeError) in try reader.u64() })
        case .sample:
            self = .sample(try reader.list(limit: Self.sampleLimit), answer: try reader.bool())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .ping(let number, let doubt):
            writer.u8(Kind.ping.rawValue)
            writer.u32(number)
            writer.u64(doubt)
        case .acknowledgement(let number):
            writer.u8(Kind.acknowledgement.rawValue)
            writer.u32(number)
        case .probe(let number, let subject):
            writer.u8(Kind.probe.rawValue)
            writer.u32(number)
            writer.identifier(subject)
        case .probed(let number, let answered):
            writer.u8(Kind.probed.rawValue)
            writer.u32(number)
            writer.bool(answered)
        case .suspicion(let suspicion):
            writer.u8(Kind.suspicion.rawValue)
            writer.u64(suspicion.subject)
            writer.u64(suspicion.sequence)
            writer.bool(suspicion.isFirstHand)
        case .record(let record):
            writer.u8(Kind.record.rawValue)
            writer.value(record)
        case .digest(let digest):
            writer.u8(Kind.digest.rawValue)
            writer.value(digest)
        case .listing(let groups, let references):
            writer.u8(Kind.listing.rawValue)
            writer.u64(groups)
            writer.list(references) {
                $0.u64($1.member)
                $0.u64($1.sequence)
            }
        case .want(let members):
            writer.u8(Kind.want.rawValue)
            writer.list(members) { $0.u64($1) }
        case .sample(let records, let answer):
            writer.u8(Kind.sample.rawValue)
            writer.list(records)
            writer.bool(answer)
        }
    }
}

/// What a node believes about who is there, in 257 bytes: for each of 64 groups the sum of a fingerprint per member.
///
/// Members fall into groups by the first bits of their id. Two nodes whose digests agree hold, but for a chance of
/// 2⁻³² per group, the same members with the same records.
public struct ViewDigest: Canonical, Sendable, Hashable {
    public static let groups = 64
    public private(set) var sums: [UInt32]

    public init() { sums = [UInt32](repeating: 0, count: Self.groups) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        var sums: [UInt32] = []
        for _ in 0..<Self.groups { sums.append(try reader.u32()) }
        self.sums = sums
    }

    public func encode(into writer: inout ByteWriter) {
        for sum in sums { writer.u32(sum) }
    }

    public static func group(of member: UInt64) -> Int { Int(member >> 58) }

    mutating func add(_ reference: MembershipMessage.Reference) {
        var mixer = SeededRandom(seed: reference.member ^ reference.sequence &* 0x9e37_79b9_7f4a_7c15)
        sums[Self.group(of: reference.member)] &+= UInt32(truncatingIfNeeded: mixer.next())
    }

    /// The groups in which two digests differ, one bit each.
    func differences(from other: ViewDigest) -> UInt64 {
        (0..<Self.groups).reduce(0) { $0 | (sums[$1] == other.sums[$1] ? 0 : 1 << UInt64($1)) }
    }
}

extension NodeID {
    /// The first eight bytes, by which members are named where the whole id would be too long.
    public var shortNumber: UInt64 { raw.low64 }
}
