import CairnBase
import CairnConsensus

/// L5: what a core holds stays within its caps, whatever it is sent.
struct MemoryChecker: Sendable {
    private var steps: UInt64 = 0

    /// A look at every 64th step is enough for what only grows, and a look costs more than a step.
    mutating func isDue() -> Bool {
        steps += 1
        return steps.isMultiple(of: 64)
    }

    func look(at process: ConsensusProcess, _ id: ProcessID) -> Violation? {
        let gauge = process.core.gauge
        let members = process.world.cluster.servers
        let position = process.core.position
        let open = position.view.number - position.floor.number
        let window = Int(ConsensusLimits.viewsBehind + ConsensusLimits.viewsAhead) + 1
        let limits: [(String, Int, Int)] = [
            ("tallies", gauge.tallies, window),
            ("views", gauge.views, Int(clamping: open) + Int(ConsensusLimits.viewsAhead) + 1),
            ("early messages", gauge.early, 3 * members),
            ("blocks", gauge.blocks, 2 * (Int(clamping: open) + window)),
        ]
        for (name, held, limit) in limits where held > limit {
            return Violation("L5 memory", "\(id) holds \(held) \(name), limit \(limit)")
        }
        return nil
    }
}
