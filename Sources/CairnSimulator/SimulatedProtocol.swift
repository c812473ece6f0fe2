public import CairnBase

/// A protocol under test: how its processes are made, what they must withstand, and what must hold.
///
/// Adding a protocol means writing one conforming type in its own file and naming it in `Catalogue`; the kernel does
/// not change.
public protocol SimulatedProtocol: Sendable {
    associatedtype Process: SimulatedProcess
    associatedtype Judge: Checker where Judge.Process == Process

    /// The word on the command line.
    static var name: String { get }
    /// Sizes, durations and the faults that the protocol promises to withstand.
    static var profile: SwarmProfile { get }
    /// Names of deliberate bugs that prove that the checkers can see.
    static var plantedBugs: [String] { get }
    /// Notes that some seed must have made in so many: states that are rare, and for whose sake the run is.
    static var sometimes: (notes: [String], within: UInt64) { get }

    /// One cluster. `random` is for choices that belong to the cluster, such as weights or who is Byzantine.
    init(cluster: Cluster, plantedBug: String?, random: SeededRandom)

    /// A process at boot, with empty memory.
    func boot(_ setup: ProcessSetup) -> Process

    func makeJudge() -> Judge

    /// Servers that the liveness phase keeps healthy, chosen from those that did not halt for good; nil when too few
    /// are left for the protocol to promise progress.
    func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]?

    /// How many servers may have their stored bytes damaged for good.
    var damagedDisksLimit: Int { get }

    /// The files of a server whose stored bytes may change because the protocol mends them; nil where any may, and
    /// the disk counts as damaged for good.
    func mendableFiles(of id: ProcessID, _ hosts: [Host<Process>]) -> [String]?
}

extension SimulatedProtocol {
    public static var plantedBugs: [String] { [] }
    public static var sometimes: (notes: [String], within: UInt64) { ([], 0) }
    public var damagedDisksLimit: Int { 0 }
    public func mendableFiles(of _: ProcessID, _: [Host<Process>]) -> [String]? { nil }
}

/// How many processes there are. Servers are `0..<servers`, clients follow.
public struct Cluster: Sendable, Hashable {
    public let servers: Int
    public let clients: Int

    public init(servers: Int, clients: Int) {
        self.servers = servers
        self.clients = clients
    }

    public var count: Int { servers + clients }
    public func isServer(_ id: ProcessID) -> Bool { id.index < servers }
}

/// What a process is given when it starts.
public struct ProcessSetup: Sendable {
    public let id: ProcessID
    public let cluster: Cluster
    /// 0 at first boot, then one more at every restart.
    public let incarnation: UInt32
    /// Forked from the seed by process and incarnation: another node, or one more draw elsewhere, does not move it.
    public let random: SeededRandom
    public let faultPoints: FaultPoints
}

/// The bounds of a protocol's swarm.
public struct SwarmProfile: Sendable {
    public var servers: ClosedRange<Int>
    public var clients: ClosedRange<Int>
    /// How long faults rage, in simulated time.
    public var safety: TimeSpan
    /// How soon after the healing the core must have converged.
    public var livenessBound: TimeSpan
    public var withstands: FaultClasses
    /// One-way delays between servers are drawn below this.
    public var latencyLimit: TimeSpan

    public init(
        servers: ClosedRange<Int>, clients: ClosedRange<Int> = 0...0, safety: TimeSpan, livenessBound: TimeSpan,
        withstands: FaultClasses, latencyLimit: TimeSpan = .milliseconds(500)
    ) {
        self.servers = servers
        self.clients = clients
        self.safety = safety
        self.livenessBound = livenessBound
        self.withstands = withstands
        self.latencyLimit = latencyLimit
    }
}

/// The classes of faults that a protocol may be asked to withstand.
public struct FaultClasses: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Loss, duplication, reordering, clogs, narrow uplinks.
    public static let network = FaultClasses(rawValue: 1 << 0)
    public static let partitions = FaultClasses(rawValue: 1 << 1)
    /// Death of a process: what it wrote stays in the operating system's cache.
    public static let kills = FaultClasses(rawValue: 1 << 2)
    /// Death of a machine: what was not synced is lost or torn.
    public static let powerLoss = FaultClasses(rawValue: 1 << 3)
    public static let pauses = FaultClasses(rawValue: 1 << 4)
    /// Failed writes and syncs, full and stalling disks.
    public static let diskErrors = FaultClasses(rawValue: 1 << 5)
    /// Bits that flip in stored bytes, on at most `damagedDisksLimit` servers.
    public static let bitRot = FaultClasses(rawValue: 1 << 6)
    public static let clocks = FaultClasses(rawValue: 1 << 7)
    /// Fault points inside the cores.
    public static let points = FaultClasses(rawValue: 1 << 8)

    public static let all: FaultClasses = [
        .network, .partitions, .kills, .powerLoss, .pauses, .diskErrors, .bitRot, .clocks, .points,
    ]
}
