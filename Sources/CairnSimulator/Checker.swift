public import CairnBase

/// Judges a run from outside: it sees every event and effect and may look into every process.
///
/// One concrete type per protocol, usually a struct of smaller checkers, so that the call after each event is static.
public protocol Checker<Process>: Sendable {
    associatedtype Process: SimulatedProcess

    /// After every event, before its effects are carried out.
    mutating func observe(_ step: Step<Process>, hosts: [Host<Process>]) -> Violation?

    /// A process lost its memory.
    mutating func stopped(_ process: ProcessID, at now: Instant)

    /// The safety phase is over: faults have ceased and `core` is healthy and connected.
    mutating func healed(core: [ProcessID], at now: Instant)

    /// Whether what had to happen since the healing has happened.
    func hasConverged(_ hosts: [Host<Process>]) -> Bool

    /// What has not happened since the healing, for whoever reads of it.
    func lacking(_ hosts: [Host<Process>]) -> String

    /// At the very end.
    mutating func finish(_ hosts: [Host<Process>]) -> Violation?
}

extension Checker {
    public mutating func stopped(_: ProcessID, at _: Instant) {}
    public func lacking(_: [Host<Process>]) -> String { "" }
    public mutating func finish(_: [Host<Process>]) -> Violation? { nil }
}

/// One event of one process with what it asked for.
public struct Step<Process: SimulatedProcess>: Sendable {
    /// True time, which no process can read.
    public let now: Instant
    public let process: ProcessID
    public let event: ProcessEvent<Process.Message>
    public let effects: [ProcessEffect<Process.Message, Process.Observation>]
}

/// A rule that was broken. `rule` is a stable word, `detail` says what happened to whom.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    public let rule: String
    public let detail: String

    static let noConvergence = "no-convergence"
    static let eventLimit = "event-limit"

    /// Nothing wrong was done, but nothing right either.
    var isLiveness: Bool { rule == Self.noConvergence || rule == Self.eventLimit }

    public init(_ rule: String, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }

    public var description: String { "\(rule): \(detail)" }
}
