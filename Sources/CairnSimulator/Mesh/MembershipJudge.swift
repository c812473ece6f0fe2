public import CairnBase
import CairnGossip
import CairnWire

/// What must hold of a mesh: nobody counts as there who is no node, nothing was taken that its subject did not sign,
/// tables keep their limits, nobody is dead to whom heard it a moment ago, and once all is well everybody sees everybody that is up, and
/// nobody that is down.
public struct MembershipJudge: Checker {
    private let world: MembershipWorld
    /// When each process last heard each other one, at `observer * servers + subject`.
    private var heard: [Instant?]
    private var core: [ProcessID] = []
    private var steps: UInt64 = 0

    /// The shortest suspicion, less what a clock may drift meanwhile.
    private static let shortest = TimeSpan.milliseconds(1_900)

    init(world: MembershipWorld) {
        self.world = world
        heard = Array(repeating: nil, count: world.cluster.servers * world.cluster.servers)
    }

    private func slot(_ observer: ProcessID, _ subject: ProcessID) -> Int {
        observer.index * world.cluster.servers + subject.index
    }

    public mutating func observe(
        _ step: Step<MembershipProcess>, hosts: [Host<MembershipProcess>]
    ) -> Violation? {
        if case .message(let from, let traffic) = step.event, case .sealed = traffic.body {
            heard[slot(step.process, from)] = step.now
        }
        for case .observe(.changed(let node, let state)) in step.effects where !world.isLiar(step.process) {
            guard let subject = world.places[node] else {
                return Violation("phantom", "\(step.process) holds \(node.short), which nobody runs, as \(state)")
            }
            let last = heard[slot(step.process, subject)]
            if state == Member.State.dead.rawValue, let last, step.now.since(last) < Self.shortest {
                return Violation("hasty-death", "\(step.process) holds \(subject) as dead and heard it just now")
            }
        }
        steps += 1
        guard steps.isMultiple(of: 32), let process = hosts[step.process.index].process else { return nil }
        return look(at: process, step.process)
    }

    private func look(at process: MembershipProcess, _ id: ProcessID) -> Violation? {
        guard !world.isLiar(id) else { return nil }
        let limit = Limits.Membership().fullView
        if process.core.members.count > limit {
            return Violation("memory", "\(id) holds \(process.core.members.count) members, limit \(limit)")
        }
        for (_, member) in process.core.members where member.isPresent && world.verified(member.record) == nil {
            return Violation("forged-record", "\(id) took a record that its subject did not sign")
        }
        return nil
    }

    public mutating func healed(core: [ProcessID], at _: Instant) { self.core = core }

    public func hasConverged(_ hosts: [Host<MembershipProcess>]) -> Bool {
        let honest = core.filter { !world.isLiar($0) }
        return honest.allSatisfy { id in
            guard let membership = hosts[id.index].process?.core else { return false }
            return hosts.allSatisfy { other in
                guard other.id != id, !world.isLiar(other.id) else { return true }
                let isThere = membership.members[world.nodes[other.id.index]]?.isPresent ?? false
                return isThere == honest.contains(other.id)
            }
        }
    }
}
