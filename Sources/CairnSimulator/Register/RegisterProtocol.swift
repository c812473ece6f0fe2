public import CairnBase

/// The kernel's demonstration: an atomic register, replicated on servers that store it durably, used by clients.
///
/// Small enough to read in a sitting, real enough that every fault of the simulator can break it when one of its rules
/// is left out. `RegisterBug` leaves them out, one at a time.
public struct RegisterProtocol: SimulatedProtocol {
    public static let name = "register"
    public static let profile = SwarmProfile(
        servers: 3...7, clients: 2...4, safety: .seconds(20), livenessBound: .seconds(20), withstands: .all)
    public static let plantedBugs = RegisterBug.allCases.map(\.rawValue)

    private let cluster: Cluster
    private let bug: RegisterBug?

    public init(cluster: Cluster, plantedBug: String?, random _: SeededRandom) {
        self.cluster = cluster
        bug = plantedBug.flatMap { RegisterBug(rawValue: $0) }
    }

    public func boot(_ setup: ProcessSetup) -> RegisterProcess {
        cluster.isServer(setup.id)
            ? RegisterProcess(RegisterServer(bug: bug, faultPoints: setup.faultPoints))
            : RegisterProcess(RegisterClient(setup, bug: bug))
    }

    public func makeJudge() -> RegisterJudge { RegisterJudge() }

    public var damagedDisksLimit: Int { (cluster.servers - 1) / 2 }

    public func chooseCore(
        from candidates: [ProcessID], using random: inout SeededRandom
    ) -> [ProcessID]? {
        let quorum = cluster.servers / 2 + 1
        guard candidates.count >= quorum else { return nil }
        return candidates.shuffled(using: &random).prefix(quorum).sorted()
    }
}

/// A rule of the register that a run may leave out, to show that it is needed and that the judge notices.
public enum RegisterBug: String, CaseIterable, Sendable {
    /// A server answers when the write is in the cache.
    case acknowledgeBeforeSync = "acknowledge-before-sync"
    /// Half of the servers count as a majority.
    case quorumOffByOne = "quorum-off-by-one"
    /// A read returns what it learnt without making sure that a majority has it.
    case noWriteBack = "no-write-back"
    /// After a restart a server believes what it reads without writing it again.
    case trustCache = "trust-cache"
    /// A failed write or sync counts as done.
    case ignoreDiskErrors = "ignore-disk-errors"
    /// The value is overwritten in place, with no second copy.
    case oneCopy = "one-copy"
    /// A client asks once and waits for ever.
    case neverRetry = "never-retry"
}

public enum RegisterObservation: Sendable, Equatable {
    case readBegan
    case writeBegan
    case storing(StampedValue)
    case readFinished(StampedValue)
    case writeFinished(StampedValue)
}

/// A server or a client: exactly one of the two is there.
public struct RegisterProcess: SimulatedProcess {
    public typealias Message = RegisterMessage
    public typealias Observation = RegisterObservation

    private var server: RegisterServer?
    private var client: RegisterClient?

    init(_ server: RegisterServer) { self.server = server }
    init(_ client: RegisterClient) { self.client = client }

    var isClient: Bool { client != nil }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        server?.handle(event, into: &effects)
        client?.handle(event, at: now.monotonic, into: &effects)
    }

    public var faultPoints: FaultPoints { server?.faultPoints ?? .off }
}
