public import CairnBase

/// The numbers of a sealed profile: how long a walk is, how long it may take, and what a mask costs.
///
/// They hold a cheat out only together: a provider that keeps nothing must need far longer than D to make what a walk
/// asks for, both when the walk asks for many units and when the whole partition is small.
public struct WalkTerms: Sendable, Hashable {
    public let steps: Int
    /// D, from the question to the signed end of the walk.
    public let deadline: TimeSpan
    public let passes: Int
    /// What one pass over a MiB takes on the reference processor.
    public let costPerPass: TimeSpan

    public init(steps: Int, deadline: TimeSpan, passes: Int, costPerPass: TimeSpan = .microseconds(4_800)) {
        self.steps = steps
        self.deadline = deadline
        self.passes = passes
        self.costPerPass = costPerPass
    }

    /// For solid-state disks.
    public static let solidState = WalkTerms(steps: 128, deadline: .milliseconds(650), passes: 48)
    public static let spinning = WalkTerms(steps: 256, deadline: .seconds(4), passes: 96)
    public static let testnet = WalkTerms(steps: 64, deadline: .milliseconds(1_400), passes: 48)

    /// True if neither a walk's worth of masks nor a whole partition's can be made within two and a half deadlines by
    /// a cheat four times as fast: steps × T ÷ 4 ≥ 2.5 D and units × T ÷ 4 ≥ 2.5 D.
    public func hold(units: UInt32) -> Bool {
        guard steps > 0, passes > 0, deadline.nanoseconds > 0, costPerPass.nanoseconds > 0 else { return false }
        let needed = deadline.nanoseconds.multipliedFullWidth(by: 10)
        let mask = costPerPass.nanoseconds.multipliedFullWidth(by: UInt64(passes))
        guard mask.high == 0 else { return false }
        let fewest = min(UInt64(steps), UInt64(units))
        let made = mask.low.multipliedFullWidth(by: fewest)
        return (made.high, made.low) >= (needed.high, needed.low)
    }

    /// How long a walk asked for by this witness may take.
    ///
    /// The way there and back is granted, but not more than the witness has ever seen it take, nor than the distance
    /// explains: a provider that delays its pings buys no time.
    public func allowed(smallestRoundTrip: TimeSpan?, distanceMetres: UInt64) -> TimeSpan {
        let byDistance = TimeSpan.milliseconds(20) + .microseconds(distanceMetres / 50)
        return deadline + min(.milliseconds(300), byDistance, smallestRoundTrip ?? .milliseconds(300))
    }
}
