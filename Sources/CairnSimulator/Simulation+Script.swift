public import CairnBase

/// For tests that tell a story: `advance(to:)`, then one of these, then look at `hosts`.
///
/// Scripted faults strike whatever the fault selection says, and end with the safety phase like all others.
extension Simulation {
    /// Cuts `members` from everybody else; one way, they still hear the others.
    public mutating func partition(_ members: [ProcessID], isOneWay: Bool = false, for length: TimeSpan) {
        script(.partition, members.first ?? ProcessID(0), length, .partition(members: members, isOneWay: isOneWay))
    }

    /// The process dies; its machine and its page cache live on. It restarts after `length`.
    public mutating func kill(_ process: ProcessID, for length: TimeSpan) {
        script(.kill, process, length, .kill)
    }

    /// The machine dies, and what was not synced with it.
    public mutating func losePower(_ process: ProcessID) {
        script(.powerLoss, process, .zero, .powerLoss)
    }

    /// The process stands still, then goes on as if nothing had happened.
    public mutating func pause(_ process: ProcessID, for length: TimeSpan) {
        script(.pause, process, length, .pause)
    }

    private mutating func script(
        _ kind: FaultKind, _ process: ProcessID, _ length: TimeSpan, _ action: FaultPlan.Action
    ) {
        let index = plan.add(kind, process, at: now, for: length, action)
        begin(plan.entries[index], index: index)
    }
}
