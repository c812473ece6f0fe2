public import CairnBase
import CairnGossip
import CairnWire

/// What must hold of dial-backs: nobody is dialled at another's wish, nobody dials more than its share, nobody who cannot be
/// dialled believes that it can unless two liars say so, whatever is shown for it was signed by who says it; and once all is well, where fewer than
/// two lie, everybody knows what is so.
public struct DialBackJudge: Checker {
    private let world: DialBackWorld
    private var core: [ProcessID] = []
    /// When each process dialled within the last minute.
    private var dials: [[Instant]]

    init(world: DialBackWorld) {
        self.world = world
        dials = Array(repeating: [], count: world.cluster.servers)
    }

    public mutating func observe(_ step: Step<DialBackProcess>, hosts: [Host<DialBackProcess>]) -> Violation? {
        for case .observe(let observation) in step.effects where world.liars[step.process.index] == nil {
            switch observation {
            case .dialled(let asker, let endpoint):
                if let violation = look(at: endpoint, for: asker, step) { return violation }
            case .became(let state):
                guard let process = hosts[step.process.index].process else { continue }
                if let violation = look(at: process.core, state) { return violation }
            }
        }
        return nil
    }

    private mutating func look(
        at endpoint: Endpoint, for asker: NodeID, _ step: Step<DialBackProcess>
    ) -> Violation? {
        let place = world.place(of: asker)
        guard place.map({ world.endpoint($0).address }) == endpoint.address else {
            return Violation("victim", "\(step.process) dials \(endpoint) because \(asker.short) asked for it")
        }
        let index = step.process.index
        // Its clock may be fast.
        dials[index].removeAll { step.now.since($0) >= .seconds(50) }
        dials[index].append(step.now)
        guard dials[index].count <= DialBackSettings().perMinute else {
            return Violation("amplifier", "\(step.process) dialled \(dials[index].count) times within a minute")
        }
        return nil
    }

    private func look(at core: Reachability, _ state: String) -> Violation? {
        guard state == Reachability.State.reachable.rawValue, let own = world.place(of: core.node) else { return nil }
        let shown = core.results.filter { $0.content.outcome == .reached }
        for result in shown where world.scheme.verify(result, by: result.content.dialler.key, on: world.chain) == nil {
            return Violation("unsigned", "\(own) shows a result that \(result.content.dialler.short) did not sign")
        }
        let honest = shown.count { result in
            world.place(of: result.content.dialler).map { world.liars[$0] == nil } ?? false
        }
        if !world.isOpen[own], shown.count - honest < ReachabilitySettings().quorum {
            return Violation("deceived", "p\(own) cannot be dialled and believes it can, on the word of \(shown.count)")
        }
        return nil
    }

    public mutating func stopped(_ process: ProcessID, at _: Instant) { dials[process.index] = [] }

    public mutating func healed(core: [ProcessID], at _: Instant) { self.core = core }

    public func hasConverged(_ hosts: [Host<DialBackProcess>]) -> Bool {
        guard world.liars.count < ReachabilitySettings().quorum else { return true }
        return core.allSatisfy { world.liars[$0.index] != nil || knows($0, hosts) }
    }

    private func knows(_ id: ProcessID, _ hosts: [Host<DialBackProcess>]) -> Bool {
        hosts[id.index].process?.core.state == (world.isOpen[id.index] ? .reachable : .unreachable)
    }

    public func lacking(_ hosts: [Host<DialBackProcess>]) -> String {
        core.filter { world.liars[$0.index] == nil && !knows($0, hosts) }.map(\.description).joined(separator: " ")
    }
}
