import CairnBase

/// Thousands of crashes and restarts: was anything that was called final lost, was anything signed twice?
///
/// Chains under the same faults as any simulated one, and with processes that die between any two effects and machines that
/// lose power with sectors half written. A third of the weight less one unit lies meanwhile.
public struct CrashStudy {
    public struct Outcome: Sendable {
        public var seeds: UInt64 = 0
        /// Of honest servers.
        public var restarts: UInt64 = 0
        public var crashes = FaultCounts()
        public var acknowledged: UInt64 = 0
        public var lost: UInt64 = 0
        public var signatures: UInt64 = 0
        /// From a start to the first signature after it.
        public var returns = Spans([])
        public var violation: (seed: UInt64, violation: Violation)?
    }

    /// How processes ended.
    public struct FaultCounts: Sendable {
        public var kills: UInt64 = 0
        public var powerLosses: UInt64 = 0
        public var diskErrors: UInt64 = 0
    }

    public init() {}

    /// Runs seeds until so many restarts have been survived, or a rule is broken.
    public func run(restarts: UInt64, seed: UInt64) -> Outcome {
        var outcome = Outcome()
        var returns: [UInt64] = []
        while outcome.restarts < restarts, outcome.violation == nil {
            let number = seed &+ outcome.seeds
            outcome.seeds += 1
            var simulation = Simulation(CrashProtocol.self, seed: number, options: Self.options(number))
            let report = simulation.run()
            let judge = simulation.judge
            outcome.restarts += judge.restarts
            outcome.acknowledged += judge.acknowledgedBlocks
            outcome.lost += judge.lost
            outcome.signatures += judge.signatures
            returns += judge.returns
            for fault in report.faultCounts {
                switch fault.kind {
                case .kill, .killAtBoundary: outcome.crashes.kills += fault.count
                case .powerLoss, .powerLossAtBoundary: outcome.crashes.powerLosses += fault.count
                case .writeError, .syncError, .diskFull: outcome.crashes.diskErrors += fault.count
                default: break
                }
            }
            outcome.violation = report.violation.map { (number, $0) }
        }
        outcome.returns = Spans(returns)
        return outcome
    }

    /// As drawn, but crashes are in every run, and nobody stays down for long.
    private static func options(_ seed: UInt64) -> SwarmOptions {
        var options = SwarmOptions.draw(seed: seed, profile: CrashProtocol.profile)
        options.killEvery = .seconds(6)
        options.powerLossEvery = .seconds(6)
        options.killAtBoundaryPPM = 500
        options.powerLossAtBoundaryPPM = 500
        options.outageLimit = .milliseconds(200)
        return options
    }
}

/// Consensus under the eyes of a judge that counts.
struct CrashProtocol: SimulatedProtocol {
    static let name = "crashes"
    static let profile = ConsensusProtocol.profile

    private let chain: ConsensusProtocol

    init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        chain = ConsensusProtocol(cluster: cluster, plantedBug: plantedBug, random: random)
    }

    func boot(_ setup: ProcessSetup) -> ConsensusProcess { chain.boot(setup) }
    func makeJudge() -> CrashJudge { CrashJudge(chain.world) }

    func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        chain.chooseCore(from: candidates, using: &random)
    }
}
