public import CairnBase

/// A process of the simulated cluster, by its place in it: servers first, then clients.
@frozen
public struct ProcessID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let index: Int
    public init(_ index: Int) { self.index = index }
    public static func < (left: ProcessID, right: ProcessID) -> Bool { left.index < right.index }
    public var description: String { "p\(index)" }
}

/// Names a timer to the process that set it; the simulator only carries it. Timers are never cancelled.
public typealias TimerID = UInt64
/// Names a disk request to the process that made it.
public typealias DiskToken = UInt64

/// What travels between processes: a typed value. It is not encoded, so it says how many bytes it would take.
public protocol SimulatedMessage: Sendable {
    /// Bytes on the wire, headers included: what uplink limits count.
    var byteCount: Int { get }
    /// Goes between a process and the medium beside it, not through the network: it arrives at once, whatever becomes of
    /// links.
    var isBesideNetwork: Bool { get }
    /// Feeds what identifies the message into the trace hash.
    func absorb(into trace: inout TraceHash)
}

extension SimulatedMessage {
    public var isBesideNetwork: Bool { false }
}

/// What a process may know about time.
@frozen
public struct ClockReading: Sendable, Hashable {
    /// The process's monotonic clock; its origin changes with every boot.
    public let monotonic: Instant
    /// The process's idea of Unix time, which may be wrong and may go back.
    public let unixMilliseconds: UInt64
}

/// A state machine that the simulator can host: usually an adaptor of a few lines around a core.
///
/// The process value is all of its memory. A crash throws it away and a restart makes a new one, so nothing survives
/// but what was written to the simulated disk and kept by it.
public protocol SimulatedProcess: Sendable {
    associatedtype Message: SimulatedMessage
    /// What the process tells the checkers and nobody else: operations begun and finished, blocks committed.
    associatedtype Observation: Sendable = Never

    mutating func handle(
        _ event: ProcessEvent<Message>, at now: ClockReading,
        into effects: inout [ProcessEffect<Message, Observation>])

    /// The fault points of the core inside, read when the process ends to count what was reached.
    var faultPoints: FaultPoints { get }
}

extension SimulatedProcess {
    public typealias Event = ProcessEvent<Message>
    public typealias Effect = ProcessEffect<Message, Observation>

    public var faultPoints: FaultPoints { .off }
}

/// What can happen to a process.
public enum ProcessEvent<Message: SimulatedMessage>: Sendable, CustomStringConvertible {
    /// The first event of every incarnation, with what the disk holds.
    case started(DiskImage)
    case message(from: ProcessID, Message)
    case timer(TimerID)
    case disk(DiskToken, DiskResult)

    public var description: String {
        switch self {
        case .started(let image): "started with \(image.files)"
        case .message(let from, let message): "from \(from): \(message)"
        case .timer(let timer): "timer \(timer)"
        case .disk(let token, let result): "disk \(token) \(result)"
        }
    }
}

/// What a process can ask for. Effects are carried out in order; a crash may fall between any two.
public enum ProcessEffect<Message: SimulatedMessage, Observation: Sendable>: Sendable, CustomStringConvertible {
    case send(to: ProcessID, Message)
    /// To every other server.
    case broadcast(Message)
    /// At a reading of the process's own monotonic clock.
    case setTimer(TimerID, at: Instant)
    case disk(DiskRequest, DiskToken)
    /// Keeps the process busy: later effects of this event happen after it, and so do later events.
    case compute(TimeSpan)
    /// For the checkers.
    case observe(Observation)
    /// For the metrics of the report: count, sum and maximum are kept by name.
    case note(StaticString, UInt64)
    case halt(Halt)

    public var description: String {
        switch self {
        case .send(let to, let message): "to \(to): \(message)"
        case .broadcast(let message): "to all: \(message)"
        case .setTimer(let timer, let target): "timer \(timer) at \(target.nanoseconds / 1_000_000) ms"
        case .disk(let request, let token): "disk \(token) \(request)"
        case .compute(let span): "compute \(span.short)"
        case .observe(let observation): "observe \(observation)"
        case .note(let name, let value): "note \(name) \(value)"
        case .halt(let reason): "halt \(reason)"
        }
    }
}

/// Why a process stops itself.
public enum Halt: Sendable, Equatable {
    /// It exits and its supervisor starts it again.
    case restart(String)
    /// It refuses to run again: a human would have to decide.
    case forGood(String)
}
