public import CairnBase
public import CairnWire

/// What a storage resource has promised: how much of its space, and how many shards it was ever given.
public struct Holdings: Record {
    public internal(set) var units: UInt32
    /// The place of its next shard; places are not used again.
    public internal(set) var slots: UInt32

    init() { (units, slots) = (0, 0) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        units = try reader.u32()
        slots = try reader.u32()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(units)
        writer.u32(slots)
    }
}

/// Objects by id: those ordered at one height, those that end with an epoch.
public struct ObjectList: Record {
    /// Sorted, each once.
    public private(set) var ids: [Digest]

    /// A quarter of a MiB: a state's largest entry has to fit into one chunk of a snapshot, behind others.
    static let idsMax = 1 << 13

    init() { ids = [] }

    var isFull: Bool { ids.count >= Self.idsMax }

    mutating func insert(_ id: Digest) {
        let place = ids.firstIndex { $0 >= id } ?? ids.endIndex
        if place == ids.endIndex || ids[place] != id { ids.insert(id, at: place) }
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        ids = try reader.ascending(limit: Self.idsMax) { reader throws(DecodeError) in try reader.identifier() }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(ids.count)
        for id in ids { writer.identifier(id) }
    }
}

/// The object whose shard stands at one place of a provider's list.
public struct HeldShard: Record {
    public let object: Digest

    init(_ object: Digest) { self.object = object }

    public init(from reader: inout ByteReader) throws(DecodeError) { object = try reader.identifier() }

    public func encode(into writer: inout ByteWriter) { writer.identifier(object) }
}

/// Whom an account paid, or who paid a resource: the newest few, each with the period of its last payment.
public struct PaymentPartners: Record {
    public struct Partner: Sendable, Equatable {
        public let account: AccountID
        public let period: UInt64
    }

    /// Oldest first.
    public private(set) var partners: [Partner]

    /// More would not be looked at: three payers, each with three others, are enough.
    static let partnersMax = 8

    init() { partners = [] }

    mutating func note(_ account: AccountID, in period: UInt64) {
        partners.removeAll { $0.account == account }
        partners.append(Partner(account: account, period: period))
        if partners.count > Self.partnersMax { partners.removeFirst() }
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        partners = try reader.list(limit: Self.partnersMax) { reader throws(DecodeError) in
            Partner(account: try reader.identifier(), period: try reader.u64())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(partners.count)
        for partner in partners {
            writer.identifier(partner.account)
            writer.u64(partner.period)
        }
    }
}

/// What was burned for one resource by those who paid it, less the usage pay it got for that, by period.
public struct BurnHistory: Record {
    public private(set) var periods: [(period: UInt64, units: UInt64)]

    static let periodsMax = 60

    init() { periods = [] }

    mutating func add(_ amount: Amount, in period: UInt64) {
        let sum = min(Amount.cap.units, (periods.last?.period == period ? periods.last?.units ?? 0 : 0) + amount.units)
        if periods.last?.period == period { periods.removeLast() }
        periods.append((period, sum))
        if periods.count > Self.periodsMax { periods.removeFirst() }
    }

    func sum(since period: UInt64) -> UInt64 {
        periods.reduce(0) { $1.period >= period ? min(Amount.cap.units, $0 + $1.units) : $0 }
    }

    public static func == (left: BurnHistory, right: BurnHistory) -> Bool { left.encoded == right.encoded }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        periods = try reader.list(limit: Self.periodsMax) { reader throws(DecodeError) in
            (period: try reader.u64(), units: try reader.u64())
        }
        guard periods.allSatisfy({ $0.units <= Amount.cap.units }) else { throw .invalid("burn") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(periods.count)
        for entry in periods {
            writer.u64(entry.period)
            writer.u64(entry.units)
        }
    }
}
