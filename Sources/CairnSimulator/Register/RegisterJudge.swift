public import CairnBase

/// Linearizability of one register, and progress of its clients.
///
/// Stamps order the finished operations, so it is enough that this order agrees with real time: an operation that
/// begins after another has finished must not come before it, and a read returns what was written at its stamp.
public struct RegisterJudge: Checker {
    private struct Operation {
        /// The highest stamp of any operation that had finished when this one began.
        let floor: Stamp
        let isWrite: Bool
    }

    private var open: [ProcessID: Operation] = [:]
    private var written: [Stamp: UInt64] = [.initial: 0]
    private var highest = Stamp.initial
    private var healedAt: Instant?
    /// Clients that began and finished an operation after the healing.
    private var begunSinceHealing: Set<ProcessID> = []
    private var doneSinceHealing: Set<ProcessID> = []

    public mutating func observe(_ step: Step<RegisterProcess>, hosts _: [Host<RegisterProcess>]) -> Violation? {
        for case .observe(let observation) in step.effects {
            if let violation = judge(observation, of: step.process) { return violation }
        }
        return nil
    }

    private mutating func judge(_ observation: RegisterObservation, of client: ProcessID) -> Violation? {
        switch observation {
        case .readBegan, .writeBegan:
            open[client] = Operation(floor: highest, isWrite: observation == .writeBegan)
            if healedAt != nil { begunSinceHealing.insert(client) }
            return nil
        case .storing(let held):
            guard written.updateValue(held.value, forKey: held.stamp) == nil else {
                return Violation("stamp-reused", "\(client) writes at \(held.stamp), which was used before")
            }
            return nil
        case .readFinished(let held), .writeFinished(let held):
            guard let operation = open.removeValue(forKey: client) else {
                return Violation("not-begun", "\(client) finished what it never began")
            }
            if begunSinceHealing.contains(client) { doneSinceHealing.insert(client) }
            return judgeEnd(held, of: operation, by: client)
        }
    }

    private mutating func judgeEnd(_ held: StampedValue, of operation: Operation, by client: ProcessID) -> Violation? {
        guard written[held.stamp] == held.value else {
            return Violation("phantom-value", "\(client) read \(held), which nobody wrote")
        }
        if held.stamp < operation.floor || (operation.isWrite && held.stamp == operation.floor) {
            let kind = operation.isWrite ? "wrote" : "read"
            return Violation(
                operation.isWrite ? "stale-write" : "stale-read",
                "\(client) \(kind) \(held), but \(operation.floor) was finished before it began")
        }
        highest = max(highest, held.stamp)
        return nil
    }

    public mutating func healed(core _: [ProcessID], at now: Instant) {
        healedAt = now
    }

    public func hasConverged(_ hosts: [Host<RegisterProcess>]) -> Bool {
        hosts.allSatisfy { host in
            guard let process = host.process, process.isClient else { return true }
            return doneSinceHealing.contains(host.id)
        }
    }
}
