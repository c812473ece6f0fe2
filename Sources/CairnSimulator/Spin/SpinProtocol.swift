public import CairnBase

/// The least a protocol can do: tokens that go round for ever. It measures the kernel and nothing else.
///
/// Every server sends each token it gets to a server drawn by chance, and re-arms a timer now and then, so that the
/// heap, the network, the trace and the timers all work.
public struct SpinProtocol: SimulatedProtocol {
    public static let name = "spin"
    public static let profile = SwarmProfile(
        servers: 8...8, safety: .seconds(60), livenessBound: .zero, withstands: [])

    public init(cluster _: Cluster, plantedBug _: String?, random _: SeededRandom) {}

    public func boot(_ setup: ProcessSetup) -> Spinner { Spinner(setup) }
    public func makeJudge() -> SpinJudge { SpinJudge() }
    public func chooseCore(from candidates: [ProcessID], using _: inout SeededRandom) -> [ProcessID]? { candidates }
}

public struct Spinner: SimulatedProcess {
    public struct Message: SimulatedMessage {
        var hops: UInt64

        public var byteCount: Int { 36 }
        public func absorb(into trace: inout TraceHash) { trace.absorb(hops) }
    }

    static let tokensPerServer = 32

    private let cluster: Cluster
    private var random: SeededRandom

    init(_ setup: ProcessSetup) {
        cluster = setup.cluster
        random = setup.random
    }

    public mutating func handle(
        _ event: ProcessEvent<Message>, at now: ClockReading, into effects: inout [ProcessEffect<Message, Never>]
    ) {
        switch event {
        case .started:
            for _ in 0..<Self.tokensPerServer { pass(Message(hops: 0), into: &effects) }
            effects.append(.setTimer(0, at: now.monotonic + .milliseconds(10)))
        case .message(_, let message):
            pass(Message(hops: message.hops + 1), into: &effects)
        case .timer:
            effects.append(.setTimer(0, at: now.monotonic + .milliseconds(10)))
        case .disk:
            break
        }
    }

    private mutating func pass(_ message: Message, into effects: inout [ProcessEffect<Message, Never>]) {
        effects.append(.send(to: ProcessID(Int(random.below(UInt64(cluster.servers)))), message))
    }
}

/// Tokens are neither made nor lost: every server keeps getting some.
public struct SpinJudge: Checker {
    private var received: UInt64 = 0

    public mutating func observe(_ step: Step<Spinner>, hosts _: [Host<Spinner>]) -> Violation? {
        if case .message = step.event {
            received += 1
            if step.effects.count != 1 { return Violation("token-lost", "\(step.process) kept a token") }
        }
        return nil
    }

    public mutating func healed(core _: [ProcessID], at _: Instant) {}
    public func hasConverged(_: [Host<Spinner>]) -> Bool { received > 0 }
}
