public import CairnBase
public import CairnWire

/// What an owner asks for: so many shards of an object held by so many providers, for a price per shard and epoch.
public struct ObjectOrder: Sendable, Equatable {
    /// Hot or sealed storage.
    public let profile: Profile
    /// The root over the roots of its shards.
    public let root: Digest
    public let shards: UInt8
    /// How many of them suffice.
    public let needed: UInt8
    /// Of one shard, in MiB; at most 64.
    public let units: UInt32
    /// For one shard and epoch, what is burned of it included.
    public let price: Amount
    public let deposit: Amount

    public static let shardsMax: UInt8 = 80
    /// What one question of a round can ask for.
    public static let unitsMax: UInt32 = 64

    /// With no more holders left than this, those that are lost are replaced: when half of what may be lost is.
    public var repairLevel: Int { Int(needed) + (Int(shards) - Int(needed)) / 2 }

    public init?(
        profile: Profile, root: Digest, shards: UInt8, needed: UInt8, units: UInt32, price: Amount, deposit: Amount
    ) {
        guard profile.hasCapacity, (1...Self.shardsMax).contains(shards), (1...shards).contains(needed),
            (1...Self.unitsMax).contains(units)
        else { return nil }
        self.profile = profile
        self.root = root
        self.shards = shards
        self.needed = needed
        self.units = units
        self.price = price
        self.deposit = deposit
    }

    /// H("cn/object"; chain, owner, sequence): known before it is ordered.
    public static func id(chain: ChainID, owner: AccountID, sequence: UInt64, using hash: some HashFunction) -> Digest {
        var writer = ByteWriter(capacity: 72)
        writer.identifier(chain)
        writer.identifier(owner)
        writer.u64(sequence)
        return hash.digest(Tags.object, writer.bytes)
    }
}

extension ObjectOrder: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let number = try reader.u16()
        guard let profile = Profile(rawValue: number) else { throw .unknown("profile", UInt64(number)) }
        let (root, shards, needed): (Digest, UInt8, UInt8) = (
            try reader.identifier(), try reader.u8(), try reader.u8()
        )
        let made = ObjectOrder(
            profile: profile, root: root, shards: shards, needed: needed, units: try reader.u32(),
            price: try reader.value(), deposit: try reader.value())
        guard let order = made else { throw .invalid("object order") }
        self = order
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(profile.rawValue)
        writer.identifier(root)
        writer.u8(shards)
        writer.u8(needed)
        writer.u32(units)
        price.encode(into: &writer)
        deposit.encode(into: &writer)
    }
}

/// An object that is paid for in advance: what is left of the deposit, and who holds the shards.
public struct PrepaidObject: Record {
    public internal(set) var left: Amount
    /// What was paid in, to check the books by.
    public internal(set) var deposited: Amount
    /// What went to providers and what was burned.
    public internal(set) var spent: Amount
    public let owner: AccountID
    public let order: ObjectOrder
    public let opened: Height
    /// In the order of the shards; empty until they are drawn.
    public internal(set) var holders: [Holder]
    /// The last epoch its owner pays for, once it is closed.
    public internal(set) var closing: Epoch?

    public struct Holder: Sendable, Equatable {
        /// The resource's number on the chain.
        public let number: UInt32
        /// The place in that resource's list.
        public let slot: UInt32
        /// Whether it said that the shard is there.
        public internal(set) var isHolding = false
        /// Whether so many said that it is gone that it counts for nothing.
        public internal(set) var isLost = false
        /// The shards whose holders said so, each with the block of its word, the oldest first.
        public internal(set) var missedBy: [Miss] = []

        init(number: UInt32, slot: UInt32) { (self.number, self.slot) = (number, slot) }
    }

    /// One holder's word that another's shard could not be had.
    public struct Miss: Sendable, Equatable {
        /// The number of its own shard.
        public let shard: UInt8
        public let height: Height
    }

    init(_ order: ObjectOrder, of owner: AccountID, at height: Height) {
        (left, deposited, spent) = (order.deposit, order.deposit, .zero)
        self.owner = owner
        self.order = order
        opened = height
        holders = []
        closing = nil
    }

    /// Whether so many of its shards are lost that others are to get them.
    var needsRepair: Bool { live <= order.repairLevel && holders.contains { $0.isLost } }

    /// Whether as many as make the object anew say that they have their shards.
    var isHeld: Bool { holders.count { $0.isHolding } >= Int(order.needed) }

    /// Holders that are not lost, whether they have their shard already or not.
    public var live: Int { holders.count { !$0.isLost } }

    func isNews(missing shard: Int, by own: Int, since first: Height) -> Bool {
        guard holders.indices.contains(shard), !holders[shard].isLost else { return false }
        return !holders[shard].missedBy.contains { Int($0.shard) == own && $0.height >= first }
    }

    /// As many as could make the object anew are believed.
    mutating func note(missing shard: Int, by own: Int, at height: Height, since first: Height) {
        var holder = holders[shard]
        holder.missedBy.removeAll { $0.height < first || Int($0.shard) == own }
        // Shards are numbered by a byte.
        holder.missedBy.append(Miss(shard: UInt8(clamping: own), height: height))
        holder.isLost = holder.missedBy.count >= Int(order.needed)
        holders[shard] = holder
    }

    /// For how many epochs the deposit lasts when every holder proves its shard.
    public var epochsLeft: UInt64 {
        guard let perEpoch = order.price.times(UInt64(order.shards)), perEpoch > .zero else { return .max }
        return left.units / perEpoch.units
    }
}

extension PrepaidObject: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        left = try reader.value()
        deposited = try reader.value()
        spent = try reader.value()
        owner = try reader.identifier()
        order = try reader.value()
        opened = try reader.ordinal()
        holders = try reader.list(limit: Int(ObjectOrder.shardsMax)) { reader throws(DecodeError) in
            try Holder(from: &reader)
        }
        closing = try reader.optional { reader throws(DecodeError) in try reader.ordinal() }
    }

    public func encode(into writer: inout ByteWriter) {
        for amount in [left, deposited, spent] { amount.encode(into: &writer) }
        writer.identifier(owner)
        order.encode(into: &writer)
        writer.ordinal(opened)
        writer.count(holders.count)
        for holder in holders { holder.encode(into: &writer) }
        writer.bool(closing != nil)
        if let closing { writer.ordinal(closing) }
    }
}

extension PrepaidObject.Holder: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        number = try reader.u32()
        slot = try reader.u32()
        isHolding = try reader.bool()
        isLost = try reader.bool()
        missedBy = try reader.list(limit: Int(ObjectOrder.shardsMax)) { reader throws(DecodeError) in
            PrepaidObject.Miss(shard: try reader.u8(), height: try reader.ordinal())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(number)
        writer.u32(slot)
        writer.bool(isHolding)
        writer.bool(isLost)
        writer.count(missedBy.count)
        for miss in missedBy {
            writer.u8(miss.shard)
            writer.ordinal(miss.height)
        }
    }
}
