public import CairnBase
public import CairnWire

/// What one resource got for one epoch, and every factor of it, so that anybody can compute it again.
///
/// weight = ⌊units × trust × quality × streak ÷ 10^18⌋ for its own units and for those that only the islands' part
/// pays; pay = ⌊pool × weight ÷ all weights⌋ for each.
public struct Reward: Record {
    public let profile: Profile
    /// In parts per million of a unit.
    public let units: UInt64
    public let islandUnits: UInt64
    public let trust: UInt32
    public let quality: UInt32
    public let streak: UInt32
    public let weight: UInt64
    public let islandWeight: UInt64
    public let verdicts: UInt32
    public let reasons: Reasons
    /// For proofs, the held part included.
    public let bootstrap: Amount
    /// As a witness, from the profile's part for receipts.
    public let witnessing: Amount
    /// From the usage pot.
    public let usage: Amount
    /// From owners of objects.
    public let paid: Amount
    /// What was burned of the owners' payments beside that.
    public let burned: Amount
    /// The part of `bootstrap` that was kept until the bond is full.
    public let held: Amount

    public init(from reader: inout ByteReader) throws(DecodeError) {
        let number = try reader.u16()
        guard let profile = Profile(rawValue: number) else { throw .unknown("profile", UInt64(number)) }
        self.profile = profile
        units = try reader.u64()
        islandUnits = try reader.u64()
        trust = try reader.u32()
        quality = try reader.u32()
        streak = try reader.u32()
        weight = try reader.u64()
        islandWeight = try reader.u64()
        verdicts = try reader.u32()
        reasons = Reasons(rawValue: try reader.u64())
        bootstrap = try reader.value()
        witnessing = try reader.value()
        usage = try reader.value()
        paid = try reader.value()
        burned = try reader.value()
        held = try reader.value()
    }

    init(_ share: EpochShare, of resource: FrozenResource) {
        profile = resource.offer.profile
        units = share.units
        islandUnits = share.islandUnits
        trust = resource.multiplier
        quality = UInt32(clamping: resource.quality)
        streak = resource.streak
        weight = share.weight
        islandWeight = share.islandWeight
        verdicts = share.verdicts
        reasons = share.reasons
        bootstrap = share.bootstrap
        witnessing = share.witnessing
        usage = share.usage
        paid = share.paid
        burned = share.burned
        held = share.held
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(profile.rawValue)
        writer.u64(units)
        writer.u64(islandUnits)
        writer.u32(trust)
        writer.u32(quality)
        writer.u32(streak)
        writer.u64(weight)
        writer.u64(islandWeight)
        writer.u32(verdicts)
        writer.u64(reasons.rawValue)
        for amount in [bootstrap, witnessing, usage, paid, burned, held] { amount.encode(into: &writer) }
    }
}

extension Reward {
    /// All that came to the controller or is held for it.
    public var total: Amount { bootstrap.plus(witnessing).plus(usage).plus(paid) }
}

/// What a profile's epoch came to: with it and a `Reward` every payment can be computed again.
public struct EpochResult: Record {
    public let pool: Amount
    public let witnessPool: Amount
    public let receipts: UInt64
    public let weight: UInt64
    public let islandPool: Amount
    public let islandWeight: UInt64
    public let carry: Amount
    public let verdicts: UInt32

    init(
        pool: Amount, witnessPool: Amount, receipts: UInt64, weight: UInt64, islandPool: Amount, islandWeight: UInt64,
        carry: Amount, verdicts: UInt32
    ) {
        self.pool = pool
        self.witnessPool = witnessPool
        self.receipts = receipts
        self.weight = weight
        self.islandPool = islandPool
        self.islandWeight = islandWeight
        self.carry = carry
        self.verdicts = verdicts
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        pool = try reader.value()
        witnessPool = try reader.value()
        receipts = try reader.u64()
        weight = try reader.u64()
        islandPool = try reader.value()
        islandWeight = try reader.u64()
        carry = try reader.value()
        verdicts = try reader.u32()
    }

    public func encode(into writer: inout ByteWriter) {
        pool.encode(into: &writer)
        witnessPool.encode(into: &writer)
        writer.u64(receipts)
        writer.u64(weight)
        islandPool.encode(into: &writer)
        writer.u64(islandWeight)
        carry.encode(into: &writer)
        writer.u32(verdicts)
    }
}
