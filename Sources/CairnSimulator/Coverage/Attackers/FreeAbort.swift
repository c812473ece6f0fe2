import CairnBase
import CairnRadio
import CairnWitness

/// Real gateways of one friendship that bind themselves to all they hear, and open it for strangers only half the time.
struct FreeAbort: CoverageAttack {
    private static let count = 5
    private var random = SeededRandom(seed: 0)

    init() {}

    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        self.random = random.fork("abort")
        return TownSpot.apart(Self.count, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    mutating func say(_ statement: Statement, by device: Int, in town: TownGlimpse) -> [Saying] {
        guard let openings = statement.openings else { return [Saying(statement, by: device)] }
        return openings.filter { opening in
            let isFriend = town.target(of: opening.receipt.challenge).map { $0 >= town.devices.count - Self.count }
            return isFriend == true || random.below(2) == 0
        }.map { Saying(.reveal($0), by: device) }
    }
}

extension Statement {
    /// The receipts that it opens; nil where it opens none.
    var openings: [Opening]? {
        switch self {
        case .reveal(let opening): [opening]
        case .reveals(_, _, let openings): openings
        case .commit, .beacon: nil
        }
    }

    /// The challenge that it is about, or the first of them.
    var challenge: Digest? {
        switch self {
        case .commit(let challenge, _, _), .beacon(let challenge, _, _): challenge
        case .reveal(let opening): opening.receipt.challenge
        case .reveals(_, _, let openings): openings.first?.receipt.challenge
        }
    }
}
