public import CairnBase

/// Publishing under test: honest nodes and up to a third that lie, on a network that does its worst.
public struct PubSubProtocol: SimulatedProtocol {
    public static let name = "pubsub"
    public static let profile = SwarmProfile(
        servers: 4...14, safety: .seconds(12), livenessBound: .seconds(90),
        withstands: [.network, .partitions, .kills, .pauses], latencyLimit: .milliseconds(200))

    public static let plantedBugs = PubSubBug.allCases.map(\.rawValue)

    let world: PubSubWorld
    private let bug: PubSubBug?

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        var draw = random.fork("liars")
        var liars: OrderedMap<Int, PubSubLie.Kind> = [:]
        let count = Int(draw.below(UInt64((cluster.servers - 1) / 3 + 1)))
        while liars.count < count {
            let kinds = PubSubLie.Kind.allCases
            liars[Int(draw.below(UInt64(cluster.servers)))] = kinds[Int(draw.below(UInt64(kinds.count)))]
        }
        bug = plantedBug.flatMap(PubSubBug.init)
        // Who trusts everybody needs somebody to be deceived by.
        if bug == .trusting { liars = [0: .forger] }
        world = PubSubWorld(cluster: cluster, random: random, liars: liars)
    }

    public func boot(_ setup: ProcessSetup) -> PubSubProcess { PubSubProcess(world: world, setup: setup, bug: bug) }

    public func makeJudge() -> PubSubJudge { PubSubJudge(world: world) }

    /// Everybody who is left, as long as the honest ones are joined without the others' help.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        let honest = candidates.filter { !world.isLiar($0) }
        guard honest.count >= 2, isJoined(honest) else { return nil }
        return random.flip() ? candidates : honest
    }

    private func isJoined(_ processes: [ProcessID]) -> Bool {
        var reached = OrderedSet(processes.prefix(1))
        var frontier = reached.elements
        while let next = frontier.popLast() {
            for other in processes where !reached.contains(other) {
                guard world.dials(next, other) || world.dials(other, next) else { continue }
                reached.insert(other)
                frontier.append(other)
            }
        }
        return reached.count == processes.count
    }
}
