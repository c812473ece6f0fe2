import CairnBase
import CairnConsensus

/// The judge of consensus, and a count of what crashes could have cost.
struct CrashJudge: Checker {
    private var judge: ConsensusJudge
    /// The blocks that an honest node has called final, to whomever it may have told.
    private var acknowledged = OrderedMap<Height, Digest>()
    private(set) var restarts: UInt64 = 0
    private(set) var signatures: UInt64 = 0
    /// When each running process began, until it signs for the first time.
    private var waiting = OrderedMap<ProcessID, Instant>()
    /// From the start of a process to its first signature, in nanoseconds.
    private(set) var returns: [UInt64] = []
    private(set) var lost: UInt64 = 0

    init(_ world: ConsensusWorld) {
        judge = ConsensusJudge(world: world)
    }

    var acknowledgedBlocks: UInt64 { UInt64(acknowledged.count) }

    mutating func observe(_ step: Step<ConsensusProcess>, hosts: [Host<ConsensusProcess>]) -> Violation? {
        let violation = judge.observe(step, hosts: hosts)
        guard !judge.world.isLiar(step.process) else { return violation }
        if case .started = step.event { waiting[step.process] = step.now }
        for effect in step.effects {
            switch effect {
            case .observe(.signed):
                signatures += 1
                if let since = waiting.removeValue(forKey: step.process), hosts[step.process.index].incarnation > 0 {
                    returns.append(step.now.since(since).nanoseconds)
                }
            case .observe(.committed(let blocks, _)):
                for block in blocks {
                    acknowledged[block.header.height] = block.header.digest(using: judge.world.hash)
                }
            default: break
            }
        }
        return violation
    }

    mutating func stopped(_ process: ProcessID, at now: Instant) {
        judge.stopped(process, at: now)
        if !judge.world.isLiar(process) { restarts += 1 }
    }

    mutating func healed(core: [ProcessID], at now: Instant) { judge.healed(core: core, at: now) }
    func hasConverged(_ hosts: [Host<ConsensusProcess>]) -> Bool { judge.hasConverged(hosts) }

    /// What was called final is on the disk of everyone who has come as far, and everyone in the core has.
    mutating func finish(_ hosts: [Host<ConsensusProcess>]) -> Violation? {
        let chains = hosts.filter { !judge.world.isLiar($0.id) }.compactMap { $0.process?.chain }
        for (height, block) in acknowledged {
            let reached = chains.filter { $0.height >= height }
            let isHeld = reached.allSatisfy { $0.block(block) != nil }
            if reached.isEmpty || !isHeld { lost += 1 }
        }
        if lost > 0 { return Violation("lost", "\(lost) blocks that were called final are gone") }
        return judge.finish(hosts)
    }
}
