import CairnBase
import CairnLedger
import CairnRadio

/// One gateway that takes a new name, owner and key every twenty epochs: whatever was known of it is forgotten.
struct Reregistration: CoverageAttack {
    private static let names = 3
    private static let epochs: UInt64 = 20
    /// When the first is registered.
    var begins = Epoch(0)

    /// A town that vets as the main network does: no name of twenty epochs lives to see its end, but every honest one that
    /// has been there for sixty.
    static var slowlyVetted: TownPlan {
        var plan = TownPlan()
        for parameter in [Parameter.vettingVerdicts, .vettingPeriods] {
            _ = plan.parameters.set(parameter, to: parameter.rule.main)
        }
        return plan
    }

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let places = TownSpot.apart(1, side: 3_000, around: TownSpot(east: 0, north: 0), &random)
        return (0..<Self.names).flatMap { name in
            places.map { place in
                var device = TownDevice(number: honest.count + name, at: place)
                device.joins = begins.advanced(by: UInt64(name) * Self.epochs)
                device.leaves = begins.advanced(by: UInt64(name + 1) * Self.epochs)
                return device
            }
        }
    }
}
