public import CairnBase
public import CairnWire

/// A resource as everybody sees it for one epoch: fixed at the end of the epoch before the last, so that nothing that
/// happens inside an epoch changes a challenge or a score.
///
/// The set of an epoch is sorted by id; a verdict names its target and witnesses by their places in it.
public struct FrozenResource: Record {
    public let id: ResourceID
    /// Its number on the chain, in the order of registration.
    public let number: UInt32
    public let controller: AccountID
    public let stakeRoot: AccountID
    public let offer: Offer
    public let site: Site
    public let flags: Flags
    /// Share of passes, in parts per million.
    public let score: UInt32
    /// Challenges per thousand epochs.
    public let rate: UInt32
    /// What density leaves, and sharing with twins, in parts per million.
    public let scale: UInt32
    /// What trust leaves, in parts per million, the island rate included.
    public let multiplier: UInt32
    /// For its streak: 1 000 000 to 1 150 000.
    public let streak: UInt32
    /// What its history says of it whoever is beside it: `twin` as a target, `tooPerfect` as a witness.
    public let reasons: Reasons
    /// The one controller, if any, that gives more than half of the trust that reaches it.
    public let captor: AccountID?
    /// Those it is heard by, in the order of their places.
    public let neighbours: [Neighbour]

    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let isVetted = Flags(rawValue: 1)
        /// Trusted enough to take a seat before those who are not.
        public static let isClassA = Flags(rawValue: 2)
        /// Paid at the island rate, from the islands' part.
        public static let isIsland = Flags(rawValue: 4)
        /// Was valid as beaconer and as witness lately, or is too new for that.
        public static let isReciprocal = Flags(rawValue: 8)
        public static let isSuspended = Flags(rawValue: 16)
        public static let isAnchor = Flags(rawValue: 32)

        static let all: UInt8 = 63
    }

    /// A resource that took seats in the verdicts of this one.
    public struct Neighbour: Sendable, Equatable {
        /// Its place in the frozen set.
        public let place: UInt32
        /// Whether it gave a valid reveal at each of the last 20 chances, newest first from bit 0.
        public let heard: UInt32
        /// What the pair's history says: `tooPerfect`, `powerStep`.
        public let reasons: Reasons
    }

    public static let neighboursMax = 64
    public static let heardBits = 20
}

extension FrozenResource {
    /// Fewer of its last chances than this, and a neighbour's silence says nothing.
    static let heardOften = 14

    public func has(_ flag: Flags) -> Bool { flags.contains(flag) }
}

extension FrozenResource: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        id = try reader.identifier()
        number = try reader.u32()
        controller = try reader.identifier()
        stakeRoot = try reader.identifier()
        offer = try reader.value()
        site = try reader.value()
        flags = Flags(rawValue: try reader.u8())
        guard flags.rawValue & ~Flags.all == 0 else { throw .invalid("flags") }
        score = try reader.u32()
        rate = try reader.u32()
        guard rate > 0 else { throw .invalid("rate") }
        scale = try reader.u32()
        multiplier = try reader.u32()
        streak = try reader.u32()
        reasons = Reasons(rawValue: try reader.u64())
        captor = try reader.optional { reader throws(DecodeError) in try reader.identifier() }
        neighbours = try reader.list(limit: Self.neighboursMax) { reader throws(DecodeError) in
            Neighbour(
                place: try reader.u32(), heard: try reader.u32(), reasons: Reasons(rawValue: UInt64(try reader.u32())))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(id)
        writer.u32(number)
        writer.identifier(controller)
        writer.identifier(stakeRoot)
        offer.encode(into: &writer)
        site.encode(into: &writer)
        writer.u8(flags.rawValue)
        writer.u32(score)
        writer.u32(rate)
        writer.u32(scale)
        writer.u32(multiplier)
        writer.u32(streak)
        writer.u64(reasons.rawValue)
        writer.bool(captor != nil)
        if let captor { writer.identifier(captor) }
        writer.count(neighbours.count)
        for neighbour in neighbours {
            writer.u32(neighbour.place)
            writer.u32(neighbour.heard)
            writer.u32(UInt32(truncatingIfNeeded: neighbour.reasons.rawValue))
        }
    }
}

/// How many resources an epoch's frozen set has, and how many stake roots stand behind each profile.
public struct Census: Record {
    public let count: UInt32
    /// By the order of `Profile.allCases`.
    public let roots: [UInt32]

    public func roots(of profile: Profile) -> UInt32 {
        zip(Profile.allCases, roots).first { $0.0 == profile }?.1 ?? 0
    }
}

extension Census: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        count = try reader.u32()
        roots = try reader.list(limit: Profile.allCases.count) { reader throws(DecodeError) in try reader.u32() }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(count)
        writer.count(roots.count)
        for number in roots { writer.u32(number) }
    }
}
