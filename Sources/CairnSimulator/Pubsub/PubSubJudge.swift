public import CairnBase
import CairnGossip

/// What must hold of publishing: nothing is delivered that its author did not publish, nothing twice, nobody's tables
/// outgrow their limits, no honest node is held for an offender, and, once all is well, everything that an honest node publishes reaches
/// every other one.
public struct PubSubJudge: Checker {
    private let world: PubSubWorld
    private var published = OrderedSet<Publication>()
    /// What each process has been given since it was started.
    private var delivered: [OrderedSet<Publication>]
    private var core: [ProcessID] = []
    private var healedAt = Instant.distantFuture
    private var now = Instant.origin
    /// Published by honest members of the core in the time that counts, with how many of the others have it.
    private var awaited = OrderedMap<Publication, Int>()
    private var steps: UInt64 = 0

    /// After the healing: how long meshes may take to form, and for how long publications are then watched.
    private static let settling = TimeSpan.seconds(20)
    private static let watched = TimeSpan.seconds(15)

    init(world: PubSubWorld) {
        self.world = world
        delivered = Array(repeating: [], count: world.cluster.servers)
    }

    public mutating func observe(_ step: Step<PubSubProcess>, hosts: [Host<PubSubProcess>]) -> Violation? {
        now = step.now
        for case .observe(let observation) in step.effects {
            if let violation = note(observation, of: step.process) { return violation }
        }
        steps += 1
        guard steps.isMultiple(of: 64), let process = hosts[step.process.index].process else { return nil }
        return look(at: process)
    }

    private mutating func note(_ observation: PubSubProcess.Observation, of process: ProcessID) -> Violation? {
        switch observation {
        case .published(let author, let incarnation, let number):
            let publication = Publication(author: author, incarnation: incarnation, number: number, filling: 0)
            published.insert(publication)
            let start = healedAt + Self.settling
            if now >= start, now < start + Self.watched, isAwaited(process) { awaited[publication] = 0 }
        case .delivered(let author, let incarnation, let number):
            guard !world.isLiar(process) else { return nil }
            let publication = Publication(author: author, incarnation: incarnation, number: number, filling: 0)
            guard published.contains(publication) || world.isLiar(ProcessID(author)) else {
                return Violation(
                    "phantom", "\(process) was given number \(number) of p\(author), who never published it")
            }
            guard delivered[process.index].insert(publication) else {
                return Violation("twice", "\(process) was given number \(number) of p\(author) twice")
            }
            if isAwaited(process) { awaited.mutate(publication) { $0 += 1 } }
        case .offended(let peer):
            guard !world.isLiar(process), !world.isLiar(peer) else { return nil }
            return Violation("banished", "\(process) would ban the honest \(peer)")
        }
        return nil
    }

    private func isAwaited(_ process: ProcessID) -> Bool { core.contains(process) && !world.isLiar(process) }

    private func look(at process: PubSubProcess) -> Violation? {
        guard !world.isLiar(process.id) else { return nil }
        let held = process.core.heldCount
        if held > 60_000 { return Violation("memory", "\(process.id) holds \(held) things") }
        let bounds = ScoreSettings()
        for node in process.core.connected {
            guard let peer = world.places[node], !world.isLiar(peer) else { continue }
            let value = process.core.score.value(of: node)
            if value < bounds.graylistThreshold {
                return Violation("unjust", "\(process.id) holds the honest \(peer) for an offender: \(value)")
            }
        }
        return nil
    }

    public mutating func stopped(_ process: ProcessID, at _: Instant) { delivered[process.index] = [] }

    public mutating func healed(core: [ProcessID], at now: Instant) {
        self.core = core
        healedAt = now
    }

    public func hasConverged(_: [Host<PubSubProcess>]) -> Bool {
        guard now > healedAt + Self.settling + Self.watched + .seconds(3) else { return false }
        let others = core.filter { !world.isLiar($0) }.count - 1
        return !awaited.isEmpty && awaited.allSatisfy { $0.value == others }
    }
}
