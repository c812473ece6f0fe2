public import CairnBase
internal import CairnStorage

/// What came of some rounds.
public struct StorageTally: Sendable, Hashable {
    public private(set) var rounds: UInt64 = 0
    public private(set) var passed: UInt64 = 0
    public private(set) var failed: UInt64 = 0
    public private(set) var void: UInt64 = 0
    /// What the reference processor would have needed to make what was missing.
    public internal(set) var work = TimeSpan.zero

    public var paidPPM: UInt64 { rounds == 0 ? 0 : passed * 1_000_000 / rounds }
    public var unpaidPPM: UInt64 { 1_000_000 - paidPPM }
    public var workPerRound: TimeSpan { TimeSpan(nanoseconds: work.nanoseconds / max(1, rounds)) }

    /// All work over the rounds that paid; nothing where none did.
    public var workPerPaidRound: TimeSpan { TimeSpan(nanoseconds: passed == 0 ? 0 : work.nanoseconds / passed) }

    mutating func count(_ outcome: RoundOutcome) {
        rounds += 1
        switch outcome {
        case .passed: passed += 1
        case .failed: failed += 1
        case .contained, .void: void += 1
        }
    }

    mutating func add(_ other: StorageTally) {
        rounds += other.rounds
        passed += other.passed
        failed += other.failed
        void += other.void
        work = work + other.work
    }
}
