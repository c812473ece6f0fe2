public import CairnBase

/// One try to ask a provider something in time. Silence is told only of a provider that had a fair chance to answer: one whose
/// address nobody knows, or for whom there was no room among those dialled, was not silent.
public struct Attempt: Sendable {
    public let begin: Instant
    private let deadline: TimeSpan
    /// Since when the provider is being asked, or dialled to be asked.
    private var reaching: Instant?

    public init(begin: Instant, within deadline: TimeSpan) {
        self.begin = begin
        self.deadline = deadline
    }

    public mutating func reach(at now: Instant) {
        if reaching == nil { reaching = now }
    }

    /// True if at least half of the time was the provider's.
    public var wasFair: Bool {
        guard let reaching else { return false }
        return reaching.since(begin) * 2 <= deadline
    }
}
