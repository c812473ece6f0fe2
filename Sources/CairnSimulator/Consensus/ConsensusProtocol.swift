public import CairnBase
import CairnConsensus

/// The chain under test: honest nodes and liars, epochs with changing committees, every fault the kernel knows.
public struct ConsensusProtocol: SimulatedProtocol {
    public static let name = "consensus"
    public static let profile = SwarmProfile(
        servers: 4...10, safety: .seconds(20), livenessBound: .seconds(300),
        withstands: [.network, .partitions, .kills, .powerLoss, .pauses, .diskErrors, .clocks],
        latencyLimit: .milliseconds(200))

    /// Each rule of the protocol, lifted.
    public static var plantedBugs: [String] { Rules.named.map(\.name) }

    let world: ConsensusWorld

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        var draw = random.fork("world")
        var parameters = ConsensusParameters(
            pace: .milliseconds(draw.below(3) * 100), epochLength: 5 + draw.below(20), delay: .milliseconds(200))
        parameters.longestDelay = .seconds(2)
        let bug = Rules.named.first { $0.name == plantedBug }
        world = ConsensusWorld(
            cluster: cluster, random: random, rules: bug.map { .all.lifting($0.rule) } ?? .all,
            parameters: parameters, liars: Self.liars(cluster, using: &draw))
    }

    init(world: ConsensusWorld) {
        self.world = world
    }

    /// At least one and up to a third of the servers, each with a lie of its own. However many they are, together they hold
    /// a third of the weight less one unit.
    private static func liars(_ cluster: Cluster, using draw: inout SeededRandom) -> OrderedMap<Int, Lie> {
        var liars: OrderedMap<Int, Lie> = [:]
        let count = 1 + Int(draw.below(UInt64((cluster.servers - 1) / 3)))
        while liars.count < count {
            let kind = Lie.Kind.allCases[Int(draw.below(UInt64(Lie.Kind.allCases.count)))]
            liars[Int(draw.below(UInt64(cluster.servers)))] = Lie(kind)
        }
        return liars
    }

    public func boot(_ setup: ProcessSetup) -> ConsensusProcess { ConsensusProcess(world: world, setup: setup) }
    public func makeJudge() -> ConsensusJudge { ConsensusJudge(world: world) }

    /// Every honest node is needed: liars weigh as much as they can. They themselves may lie on, or fall silent.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        let honest = candidates.filter { !world.isLiar($0) }
        guard honest.count == world.cluster.servers - world.liars.count else { return nil }
        return random.flip() ? candidates : honest
    }
}
