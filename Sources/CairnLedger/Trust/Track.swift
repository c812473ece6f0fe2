public import CairnBase
public import CairnWire

/// What a resource has behind it: its standing, who believed it, and the pay that is held until its bond is full.
public struct Track: Record {
    /// Pay held back in place of a bond.
    public internal(set) var held: Amount
    /// When half of the held pay was given back, for a resource that stayed that long.
    public internal(set) var isHalfReturned: Bool
    public internal(set) var standing: Standing
    /// Verdicts that counted.
    public internal(set) var verdicts: UInt32
    public internal(set) var registered: Epoch
    /// Epochs since its last failure cost it a level.
    public internal(set) var streak: UInt64
    public internal(set) var misses: UInt8
    /// The last epochs in which it was valid on either side of a challenge.
    public internal(set) var beaconed: Epoch?
    public internal(set) var witnessed: Epoch?
    /// Periods in which it was suspended, newest last.
    public internal(set) var suspensions: [UInt64]
    public internal(set) var isSuspended: Bool
    public let isAnchor: Bool
    /// What the last flow of trust gave it, in parts per million of the reference.
    public internal(set) var trust: UInt64
    public internal(set) var captor: AccountID?
    /// Those whose beacons were heard like its own in the last period, by their numbers, ascending.
    public internal(set) var lookalikes: [UInt32]
    /// How many share one unit because they looked alike in two periods in a row, itself among them.
    public internal(set) var sharing: UInt32

    static let lookalikesMax = 64

    /// Believed enough to take a seat before others.
    var isBelieved: Bool { trust >= 250_000 }

    /// As many suspensions in a row of periods end a resource.
    static let suspensionsMax = 3

    init(registered: Epoch, standing: Standing, isAnchor: Bool) {
        held = .zero
        isHalfReturned = false
        self.standing = standing
        verdicts = 0
        self.registered = registered
        (streak, misses) = (0, 0)
        (beaconed, witnessed) = (nil, nil)
        (suspensions, isSuspended) = ([], false)
        self.isAnchor = isAnchor
        (trust, captor) = (0, nil)
        (lookalikes, sharing) = ([], 1)
    }
}

extension Track: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        held = try reader.value()
        isHalfReturned = try reader.bool()
        standing = try reader.value()
        verdicts = try reader.u32()
        registered = try reader.ordinal()
        streak = try reader.u64()
        misses = try reader.u8()
        beaconed = try reader.optional { reader throws(DecodeError) in try reader.ordinal() }
        witnessed = try reader.optional { reader throws(DecodeError) in try reader.ordinal() }
        suspensions = try reader.list(limit: Self.suspensionsMax) { reader throws(DecodeError) in try reader.u64() }
        isSuspended = try reader.bool()
        isAnchor = try reader.bool()
        trust = try reader.u64()
        captor = try reader.optional { reader throws(DecodeError) in try reader.identifier() }
        lookalikes = try reader.list(limit: Self.lookalikesMax) { reader throws(DecodeError) in try reader.u32() }
        for (number, next) in zip(lookalikes, lookalikes.dropFirst()) where number >= next {
            throw .notCanonical("order of lookalikes")
        }
        sharing = try reader.u32()
        guard sharing > 0 else { throw .invalid("number of twins") }
    }

    public func encode(into writer: inout ByteWriter) {
        held.encode(into: &writer)
        writer.bool(isHalfReturned)
        standing.encode(into: &writer)
        writer.u32(verdicts)
        writer.ordinal(registered)
        writer.u64(streak)
        writer.u8(misses)
        for epoch in [beaconed, witnessed] {
            writer.bool(epoch != nil)
            if let epoch { writer.ordinal(epoch) }
        }
        writer.count(suspensions.count)
        for period in suspensions { writer.u64(period) }
        writer.bool(isSuspended)
        writer.bool(isAnchor)
        writer.u64(trust)
        writer.bool(captor != nil)
        if let captor { writer.identifier(captor) }
        writer.count(lookalikes.count)
        for number in lookalikes { writer.u32(number) }
        writer.u32(sharing)
    }
}

/// The first epoch in which anything was registered with an account as its backer: how long a stake root has been here.
public struct StakeRootSince: Record {
    public let epoch: Epoch

    init(_ epoch: Epoch) { self.epoch = epoch }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        epoch = try reader.ordinal()
    }

    public func encode(into writer: inout ByteWriter) { writer.ordinal(epoch) }
}

/// The resources trusted from the start, as genesis names them: by controller and sequence number.
public struct AnchorList: Record {
    public let anchors: [Genesis.Anchor]

    init(_ anchors: [Genesis.Anchor]) { self.anchors = anchors }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        anchors = try reader.list(limit: Genesis.anchorsMax) { reader throws(DecodeError) in
            Genesis.Anchor(controller: try reader.identifier(), sequence: try reader.u64())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(anchors.count)
        for anchor in anchors {
            writer.identifier(anchor.controller)
            writer.u64(anchor.sequence)
        }
    }
}
