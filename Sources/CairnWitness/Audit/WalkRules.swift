public import CairnBase

/// What a sealed profile asks of a walk, as the chain says it.
public struct WalkRules: Sendable, Hashable {
    public let steps: Int
    /// From the question to the signed end of the walk.
    public let deadline: TimeSpan
    /// For the leaves that it went over.
    public let leaves: TimeSpan
    /// For the full check.
    public let check: TimeSpan
    public let passes: Int

    /// A walk longer than this would not fit an answer.
    public static let stepsMax = 128
    static let passesMax = 1_024

    /// Nil for what nobody could ask or check.
    public init?(steps: UInt64, deadline: TimeSpan, leaves: TimeSpan, check: TimeSpan, passes: UInt64) {
        guard (1...UInt64(Self.stepsMax)).contains(steps), (1...UInt64(Self.passesMax)).contains(passes),
            deadline.nanoseconds > 0
        else { return nil }
        self.steps = Int(steps)
        self.deadline = deadline
        self.leaves = leaves
        self.check = check
        self.passes = Int(passes)
    }

    /// The way there and back is granted, but not more than the distance explains.
    public func allowed(_ metres: UInt64) -> TimeSpan {
        deadline + min(Self.wayMax, .milliseconds(20) + .microseconds(metres / 50))
    }

    /// How long all three answers may take.
    public var whole: TimeSpan { deadline + Self.wayMax + leaves + check }

    private static let wayMax = TimeSpan.milliseconds(300)
}
