/// The one shape of every protocol here: a value that takes inputs and appends effects.
///
/// A core has no clock, socket, file, task, lock or source of chance of its own. `now` comes from the shell, chance
/// from a stored `SeededRandom`, and everything it wants done is appended to `effects`, in order, for a shell to carry
/// out: the real one (`CairnRuntime`) or the simulated one (`CairnSimulator`). Timers are effects that carry an id; a
/// timer that no longer matters is ignored when it fires, never cancelled.
public protocol ProtocolCore: Sendable {
    associatedtype Input: Sendable
    associatedtype Effect: Sendable

    mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect])
}
