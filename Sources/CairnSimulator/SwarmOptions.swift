public import CairnBase

/// Everything about a run that the seed decides before it begins. Printed whole when a run fails.
///
/// Swarm testing: each group of faults is left out of half of the seeds, because some bugs show only where the rest is
/// calm. Rates are parts per million of the operation they concern, unless they are spans.
public struct SwarmOptions: Sendable, Hashable {
    public var cluster: Cluster
    public var safety: TimeSpan
    public var livenessBound: TimeSpan
    /// A run that needs more events than this has run away.
    public var eventLimit: UInt64 = 50_000_000

    public var latency: LatencyModel = .uniform(.milliseconds(1), .milliseconds(50))
    public var lossPPM: UInt64 = 0
    public var duplicatePPM: UInt64 = 0
    public var reorderPPM: UInt64 = 0
    public var reorderLimit: TimeSpan = .seconds(1)
    /// 0 means no limit.
    public var uplinkBitsPerSecond: UInt64 = 0

    /// Mean time between faults that concern the cluster as a whole; zero leaves the kind out.
    public var partitionEvery: TimeSpan = .zero
    public var swizzleEvery: TimeSpan = .zero
    /// All servers at once: their processes die, or their machines lose power.
    public var blackoutEvery: TimeSpan = .zero
    /// Mean time between planned faults of a kind on one server.
    public var clogEvery: TimeSpan = .zero
    public var throttleEvery: TimeSpan = .zero
    public var killEvery: TimeSpan = .zero
    public var powerLossEvery: TimeSpan = .zero
    public var pauseEvery: TimeSpan = .zero
    public var fullSpellEvery: TimeSpan = .zero
    public var errorSpellEvery: TimeSpan = .zero
    public var bitRotEvery: TimeSpan = .zero
    public var clockLeapEvery: TimeSpan = .zero
    public var clockStepEvery: TimeSpan = .zero
    /// How long partitions, clogs, pauses last and crashed processes stay down, at most.
    public var outageLimit: TimeSpan = .seconds(5)

    /// Crashes at effect boundaries.
    public var killAtBoundaryPPM: UInt64 = 0
    public var powerLossAtBoundaryPPM: UInt64 = 0

    public var syncLatency: ClosedRange<TimeSpan> = .microseconds(50)...(.milliseconds(2))
    public var writeErrorPPM: UInt64 = 0
    public var diskFullPPM: UInt64 = 0
    public var syncErrorPPM: UInt64 = 0
    public var diskStallPPM: UInt64 = 0
    /// How likely it is, per sector that power loss caught in the cache, that it becomes neither old nor new.
    public var tornSectorPPM: UInt64 = 0
    public var sectorSize = 512

    public var clockDriftLimitPPM: UInt64 = 0
    public var unixOffsetLimit: TimeSpan = .zero
    /// Whether `buggify` points may fire.
    public var firesPoints = false

    /// A calm run: no faults, small delays.
    public init(cluster: Cluster, safety: TimeSpan, livenessBound: TimeSpan) {
        self.cluster = cluster
        self.safety = safety
        self.livenessBound = livenessBound
    }
}
