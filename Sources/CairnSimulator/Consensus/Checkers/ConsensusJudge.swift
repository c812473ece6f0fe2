public import CairnBase
import CairnConsensus

/// All that must hold of a chain, asked after every event. Only honest nodes are held to it.
public struct ConsensusJudge: Checker {
    let world: ConsensusWorld
    private var agreement = AgreementChecker()
    private var certificates = CertificateChecker()
    private var votes = VoteChecker()
    private var evidence = EvidenceChecker()
    private var memory = MemoryChecker()
    private var core: [ProcessID] = []
    private var goal = Height(0)

    /// Final blocks after the healing by which a run has converged.
    static let blocksToConverge: UInt64 = 5

    init(world: ConsensusWorld) {
        self.world = world
    }

    public mutating func observe(
        _ step: Step<ConsensusProcess>, hosts: [Host<ConsensusProcess>]
    ) -> Violation? {
        guard !world.isLiar(step.process) else { return nil }
        for effect in step.effects {
            guard case .observe(let observation) = effect else { continue }
            if let violation = judge(observation, of: step.process) { return violation }
        }
        guard memory.isDue() else { return nil }
        return hosts[step.process.index].process.flatMap { memory.look(at: $0, step.process) }
    }

    private mutating func judge(
        _ observation: ConsensusProcess.Observation, of process: ProcessID
    ) -> Violation? {
        switch observation {
        case .signed(let vote, let body): return votes.signed(vote, of: body, by: process, in: world)
        case .archived(let certificate):
            votes.archived(certificate)
            return certificates.archived(certificate, in: world)
        case .committed(let blocks, _):
            votes.committed(blocks)
            return agreement.committed(blocks, by: process, in: world)
        case .epochBegan(let plan):
            return certificates.began(plan, process)
                ?? votes.began(plan.epoch, committee: plan.committee.hash(using: world.hash), process)
        case .evidence(let found): return evidence.reported(found, in: world)
        case .stopped(let reason): return evidence.stopped(process, reason)
        case .position(let position): return votes.moved(to: position, process)
        }
    }

    public mutating func stopped(_ process: ProcessID, at _: Instant) {
        agreement.restarted(process)
        votes.restarted(process)
    }

    public mutating func healed(core: [ProcessID], at _: Instant) {
        self.core = core.filter { !world.isLiar($0) }
        goal = agreement.highest.advanced(by: Self.blocksToConverge)
    }

    /// L3, L4, L7: from whatever state the faults left, every healthy honest node reaches new final blocks.
    public func hasConverged(_ hosts: [Host<ConsensusProcess>]) -> Bool {
        core.allSatisfy { id in hosts[id.index].process.map { $0.chain.height >= goal } ?? false }
    }

    public mutating func finish(_ hosts: [Host<ConsensusProcess>]) -> Violation? {
        agreement.finish(hosts.filter { !world.isLiar($0.id) }.compactMap(\.process))
    }
}
