import CairnBase
import CairnWire

/// What one resource of a frozen set gathered in an epoch while it is being settled.
struct EpochShare {
    var units: UInt64 = 0
    var islandUnits: UInt64 = 0
    var weight: UInt64 = 0
    var islandWeight: UInt64 = 0
    /// Receipts of its own in verdicts of each profile that pays for receipts, by the order of `Profile.allCases`.
    var receipts = [UInt64](repeating: 0, count: Profile.allCases.count)
    var verdicts: UInt32 = 0
    var failures: UInt32 = 0
    var reasons = Reasons()
    var bootstrap = Amount.zero
    var witnessing = Amount.zero
    var usage = Amount.zero
    var paid = Amount.zero
    var held = Amount.zero
    /// Of what its objects' owners paid, the part that was burned.
    var burned = Amount.zero
    /// The shards it proved to hold, by their places in its list.
    var provenSlots: [UInt32] = []

    var isEmpty: Bool { verdicts == 0 && receipts.allSatisfy { $0 == 0 } && paid == .zero && usage == .zero }

    /// Weighs its units with the factors that were frozen.
    mutating func weigh(_ resource: FrozenResource) {
        if resource.has(.isSuspended) { (units, islandUnits) = (0, 0) }
        if resource.has(.isIsland) { (units, islandUnits) = (0, units + islandUnits) }
        (weight, islandWeight) = (resource.weight(of: units), resource.weight(of: islandUnits))
    }
}

extension FrozenResource {
    /// Unvetted resources count for a quarter.
    var quality: UInt64 { has(.isVetted) ? .millionPPM : 250_000 }

    /// ⌊units × trust × quality × streak ÷ 10^18⌋.
    func weight(of units: UInt64) -> UInt64 {
        let trusted = UInt128(units) * UInt128(multiplier)
        let factor = UInt128(quality) * UInt128(streak)
        // Units stay below 2^50 and the three factors below 2^61 together, so that the product fits.
        return UInt64(clamping: trusted * factor / 1_000_000_000_000_000_000)
    }
}
