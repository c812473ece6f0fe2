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
    /// Of one shard, in MiB.
    public let units: UInt32
    /// For one shard and epoch, what is burned of it included.
    public let price: Amount
    public let deposit: Amount

    public static let shardsMax: UInt8 = 80

    public init?(
        profile: Profile, root: Digest, shards: UInt8, needed: UInt8, units: UInt32, price: Amount, deposit: Amount
    ) {
        guard profile.hasCapacity, (1...Self.shardsMax).contains(shards), (1...shards).contains(needed), units > 0
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
    }

    init(_ order: ObjectOrder, of owner: AccountID, at height: Height) {
        (left, deposited, spent) = (order.deposit, order.deposit, .zero)
        self.owner = owner
        self.order = order
        opened = height
        holders = []
        closing = nil
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
            Holder(number: try reader.u32(), slot: try reader.u32())
        }
        closing = try reader.optional { reader throws(DecodeError) in try reader.ordinal() }
    }

    public func encode(into writer: inout ByteWriter) {
        for amount in [left, deposited, spent] { amount.encode(into: &writer) }
        writer.identifier(owner)
        order.encode(into: &writer)
        writer.ordinal(opened)
        writer.count(holders.count)
        for holder in holders {
            writer.u32(holder.number)
            writer.u32(holder.slot)
        }
        writer.bool(closing != nil)
        if let closing { writer.ordinal(closing) }
    }
}
