import CairnBase
import CairnConsensus

/// The chain with a stopwatch in place of a judge.
struct LatencyProtocol: SimulatedProtocol {
    static let name = "latency"
    static let profile = SwarmProfile(servers: 4...100, safety: .seconds(60), livenessBound: .zero, withstands: [])
    static let parameters = ConsensusParameters(pace: .zero, epochLength: 1_000_000)

    let world: ConsensusWorld

    init(cluster: Cluster, plantedBug _: String?, random: SeededRandom) {
        self.init(
            world: ConsensusWorld(
                cluster: cluster, random: random, parameters: Self.parameters, stakes: .equal))
    }

    init(world: ConsensusWorld) {
        self.world = world
    }

    func boot(_ setup: ProcessSetup) -> ConsensusProcess { ConsensusProcess(world: world, setup: setup) }
    func makeJudge() -> LatencyRecorder { LatencyRecorder(servers: world.cluster.servers) }
    func chooseCore(from candidates: [ProcessID], using _: inout SeededRandom) -> [ProcessID]? { candidates }
}
