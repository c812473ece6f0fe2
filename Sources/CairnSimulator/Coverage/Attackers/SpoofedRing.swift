import CairnBase
import CairnRadio
import CairnWitness

/// Thirty gateways in a town where there is none, that tell each other what they send and swear to have heard it. Some
/// honest gateways really hear one of them each: the links, by which trust flows in.
struct SpoofedRing: CoverageAttack {
    private static let count = 30
    private let links: Int
    private var air: ClaimedAir?
    /// The honest gateway that hears a member, by member.
    private var linked: [Int: Int] = [:]

    init(links: Int) { self.links = links }

    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let centre = TownSpot(east: 6_000, north: 0)
        var ring = TownSpot.apart(Self.count, side: 5_000, around: centre, &random).enumerated().map { number, place in
            TownDevice(number: honest.count + number, at: place)
        }
        for place in ring.indices { ring[place].isOnAir = false }
        for link in 0..<links { linked[honest.count + link] = Int(random.below(UInt64(honest.count))) }
        air = ClaimedAir(
            Array((honest + ring).enumerated().map { (number: $0.offset, device: $0.element) }),
            seed: random.next())
        return ring
    }

    mutating func relay(_ frame: SendRequest, from device: Int, in town: TownGlimpse) -> [Hearing] {
        let honest = town.devices.count - Self.count
        return (air?.hearings(of: frame, from: device) ?? []).filter { hearing in
            hearing.device >= honest || linked[device] == hearing.device
        }
    }
}
