import CairnBase
import CairnRadio
import CairnWitness

/// Two of the seven who hear a gateway: long enough to be missed they hear it, then they say they do not.
struct Framers: CoverageAttack {
    static let victim = 5
    private static let count = 2
    private static let from = Epoch(20)

    static var town: TownPlan {
        var town = TownPlan()
        (town.gateways, town.anchors, town.side) = (6, 3, 2_000)
        return town
    }

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(Self.count, side: 1_500, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    func say(_ statement: Statement, by device: Int, in town: TownGlimpse) -> [Saying] {
        guard town.epoch >= Self.from, let openings = statement.openings else {
            let isOfVictim = statement.challenge.flatMap { town.target(of: $0) } == Self.victim
            return isOfVictim && town.epoch >= Self.from ? [] : [Saying(statement, by: device)]
        }
        return openings.filter { town.target(of: $0.receipt.challenge) != Self.victim }
            .map { Saying(.reveal($0), by: device) }
    }
}
