public import CairnBase

/// The chain's and the machine's timing.
public struct ConsensusParameters: Sendable, Hashable {
    /// How long after its parent a block is proposed; zero means as fast as certificates arrive.
    public var pace: TimeSpan
    /// The first bound on a message's delay, D. Every view of an honest leader finalizes while real delays are below D/2.
    public var delay: TimeSpan
    public var longestDelay: TimeSpan
    public var longestRetry: TimeSpan
    /// How soon after it was cast a vote is said a second time. What follows at once is lost with what it follows.
    public var echo: TimeSpan
    /// A leader not heard for this long, while a quorum was, is passed over at once.
    public var skipAfter: TimeSpan
    /// Blocks in an epoch.
    public var epochLength: UInt64

    public init(pace: TimeSpan, epochLength: UInt64, delay: TimeSpan = .milliseconds(500)) {
        self.pace = pace
        self.epochLength = epochLength
        self.delay = delay
        longestDelay = .seconds(8)
        longestRetry = .seconds(5)
        echo = TimeSpan(nanoseconds: delay.nanoseconds / 50)
        let advance = pace + delay * 3
        skipAfter = max(.seconds(10), advance * 3)
    }
}
