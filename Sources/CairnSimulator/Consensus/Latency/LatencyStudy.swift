import CairnBase
import CairnConsensus

/// How long blocks take in simulated regions, beside the least they could take there.
public struct LatencyStudy: Sendable {
    public enum Condition: String, Sendable, CaseIterable {
        case idle, lossy = "1% loss", dead = "1/3 dead"
    }

    /// From the leader's entering the view to the certificate at each server that is there. With dead leaders, `block` is
    /// from the entering of one leader that is there to that of the next, over the views that are skipped between.
    public struct Outcome: Sendable {
        public let block: (measured: Spans, ideal: Spans)
        public let final: (measured: Spans, ideal: Spans)
    }

    public let servers: Int
    public let condition: Condition
    public let views: Int
    public let seed: UInt64

    public init(servers: Int, condition: Condition, views: Int, seed: UInt64 = 1) {
        self.servers = servers
        self.condition = condition
        self.views = views
        self.seed = seed
    }

    /// The prices of one core's work, measured with libsodium and a disk that keeps what it is told.
    private static let cost = ConsensusWorld.SignatureCost(sign: .microseconds(35), verify: .microseconds(85))
    private static let sync = TimeSpan.microseconds(200)...TimeSpan.microseconds(500)
    /// A leader that was never heard is waited for in the first seconds of a chain. Those are not measured.
    private static let warmUp = TimeSpan.seconds(12)
    /// Views by which the ideal recursion has forgotten how it began.
    private static let lead = 4

    public func run() -> Outcome {
        let world = world()
        var simulation = Simulation(
            LatencyProtocol.self, seed: seed, options: options(world.cluster), model: LatencyProtocol(world: world))
        let network = simulation.network
        var end = Instant.origin + Self.warmUp
        simulation.advance(to: end)
        let first = Int(simulation.judge.highest) + 2
        while simulation.judge.highest < UInt64(first + views + 2) {
            end = end + .seconds(1)
            simulation.advance(to: end)
        }
        let range = first..<first + views
        let leaders = world.leaders(of: range.upperBound)
        let alive = (0..<servers).filter { !world.liars.contains($0) }
        let committee = world.committee(of: Epoch(0))
        let weights = (0..<servers).map { world.weight(of: $0, in: committee) }
        let ideal = IdealLatency(
            servers: servers, alive: alive,
            isQuorum: { committee.isQuorum($0.reduce(0) { $0 + weights[$1] }) },
            delay: { network.baseDelay(from: $0, to: $1).nanoseconds }
        ).run(leaders: Array(leaders[(first - Self.lead - 1)...]), from: Self.lead)
        let measured = range.compactMap { number -> Moments? in
            guard let view = simulation.judge.views[View(UInt64(number))] else { return nil }
            return Moments(view, leader: leaders[number - 1], alive)
        }
        let bound = ideal.map { Moments($0, alive) }
        return Outcome(
            block: (blocks(measured), blocks(bound)),
            final: (spans(measured, \.finalized), spans(bound, \.finalized)))
    }

    private func world() -> ConsensusWorld {
        var dead: OrderedMap<Int, Lie> = [:]
        if condition == .dead {
            // Every third, so that no region is emptied.
            for index in 0..<((servers - 1) / 3) { dead[index * 3 + 1] = Lie(.silent) }
        }
        return ConsensusWorld(
            cluster: Cluster(servers: servers, clients: 0), random: SeededRandom(seed: seed).fork("latency"),
            parameters: LatencyProtocol.parameters, stakes: .equal, liars: dead, cost: Self.cost)
    }

    private func options(_ cluster: Cluster) -> SwarmOptions {
        var options = SwarmOptions(cluster: cluster, safety: .seconds(3_600), livenessBound: .zero)
        options.latency = .regions(jitterPPM: 0)
        options.lossPPM = condition == .lossy ? 10_000 : 0
        options.syncLatency = Self.sync
        return options
    }

    // MARK: - Spans

    /// One view's moments at the servers that are there, measured or ideal, in nanoseconds.
    private struct Moments {
        /// When a leader that is there entered; nil of one that is dead.
        let start: UInt64?
        let notarized: [UInt64]
        let finalized: [UInt64]

        init(_ view: LatencyRecorder.View, leader: Int, _ alive: [Int]) {
            start = alive.contains(leader) ? view.entered[leader]?.nanoseconds : nil
            notarized = alive.compactMap { view.notarized[$0]?.nanoseconds }
            finalized = alive.compactMap { view.finalized[$0]?.nanoseconds }
        }

        init(_ view: IdealLatency.View, _ alive: [Int]) {
            start = view.isDead ? nil : view.entered[view.leader]
            notarized = alive.map { view.notarized[$0] }
            finalized = view.isDead ? [] : alive.map { view.finalized[$0] }
        }
    }

    private func blocks(_ views: [Moments]) -> Spans {
        guard condition == .dead else { return spans(views, \.notarized) }
        let starts = views.compactMap(\.start)
        return Spans(zip(starts, starts.dropFirst()).map { $1 - min($0, $1) })
    }

    private func spans(_ views: [Moments], _ moments: KeyPath<Moments, [UInt64]>) -> Spans {
        Spans(
            views.flatMap { view in
                view.start.map { start in view[keyPath: moments].map { $0 - min($0, start) } } ?? []
            })
    }
}
