public import CairnBase
import CairnGossip

/// The mesh under test: honest members and up to a third that lie, on a network that does its worst.
public struct MembershipProtocol: SimulatedProtocol {
    public static let name = "membership"
    public static let profile = SwarmProfile(
        servers: 4...16, safety: .seconds(20), livenessBound: .seconds(120),
        withstands: [.network, .partitions, .kills, .pauses], latencyLimit: .milliseconds(200))

    /// Declares dead whoever misses one probe.
    public static let plantedBugs = ["no-suspicion"]

    let world: MembershipWorld
    private let plantedBug: String?

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        var draw = random.fork("liars")
        var liars: OrderedMap<Int, MembershipLie.Kind> = [:]
        let count = Int(draw.below(UInt64((cluster.servers - 1) / 3 + 1)))
        while liars.count < count {
            let kinds = MembershipLie.Kind.allCases
            liars[Int(draw.below(UInt64(cluster.servers)))] = kinds[Int(draw.below(UInt64(kinds.count)))]
        }
        world = MembershipWorld(cluster: cluster, random: random, liars: liars)
        self.plantedBug = plantedBug
    }

    public func boot(_ setup: ProcessSetup) -> MembershipProcess {
        MembershipProcess(world: world, setup: setup, forgetsSuspicion: plantedBug != nil)
    }

    public func makeJudge() -> MembershipJudge { MembershipJudge(world: world) }

    /// Everybody who is left, but not fewer than two honest ones.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        let honest = candidates.filter { !world.isLiar($0) }
        guard honest.count >= 2 else { return nil }
        return random.flip() ? candidates : honest
    }
}
