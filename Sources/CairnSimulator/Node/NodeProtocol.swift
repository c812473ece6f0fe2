public import CairnBase
import CairnLedger

/// Whole nodes: consensus, ledger, pool, catching up and files together, with users, validators who come and go, every
/// fault the kernel knows, and nodes that mislead others.
public struct NodeProtocol: SimulatedProtocol {
    public static let name = "node"
    public static let profile = SwarmProfile(
        servers: 4...7, clients: 3...6, safety: .seconds(20), livenessBound: .seconds(300),
        withstands: [.network, .partitions, .kills, .powerLoss, .pauses, .diskErrors, .bitRot, .clocks],
        latencyLimit: .milliseconds(200))

    public static let plantedBugs = NodeBug.allCases.map(\.rawValue)

    public static let sometimes: (notes: [String], within: UInt64) = (
        [
            "node.evidence", "node.joined", "node.liars-found", "node.rotated", "node.strangers-paid",
            "node.turned-away", "coverage.paid", "coverage.muted", "coverage.rewritten",
            "coverage.elsewhere", "storage.complete", "storage.damage", "storage.decoded", "storage.ended",
            "storage.failed", "storage.full", "storage.late", "storage.let-go", "storage.lies", "storage.lost",
            "storage.lost-disks", "storage.made", "storage.paid", "storage.passed", "storage.reads", "storage.retired",
            "storage.rotted", "storage.silent", "storage.void",
        ], 200
    )

    let world: NodeWorld

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        var draw = random.fork("lies")
        var liars: OrderedMap<Int, NodeLie> = [:]
        // Of four validators with a vote each, one.
        if draw.chance(ppm: 700_000) {
            liars[Int(draw.below(4))] = NodeLie.allCases[Int(draw.below(UInt64(NodeLie.allCases.count)))]
        }
        let bug = plantedBug.flatMap { NodeBug(rawValue: $0) }
        var radio = random.fork("radio")
        let hasTown = radio.chance(ppm: 250_000)
        var depot = random.fork("storage")
        let hasDepot = depot.chance(ppm: 250_000) && !hasTown
        world = NodeWorld(
            cluster: cluster, liars: liars, bug: bug, hasTown: hasTown, hasDepot: hasDepot, random: random)
    }

    public func boot(_ setup: ProcessSetup) -> NodeProcess {
        if let town = world.town, town.air == setup.id { return NodeProcess(NodeAir(town)) }
        if let depot = world.depot, depot.depositor == setup.id, let process = NodeDepositor(world, depot, setup) {
            return NodeProcess(process)
        }
        return world.cluster.isServer(setup.id)
            ? NodeProcess(NodeServer(world, setup)) : NodeProcess(NodeUser(world, setup))
    }

    public func makeJudge() -> NodeJudge { NodeJudge(world) }

    /// Every honest node is needed while a liar may keep silent.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        let honest = candidates.filter { !world.isLiar($0) }
        guard honest.count == world.cluster.servers - world.liars.count else { return nil }
        return candidates
    }
}
