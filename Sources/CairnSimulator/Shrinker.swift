import CairnBase

/// Finds a smallest set of faults that still breaks a rule.
///
/// Faults have names that mean the same in every run of a seed, so a run can be repeated with any subset of them. The
/// search thins the set at random, drops ever smaller chunks (delta debugging, Zeller 1999), and ends when no single
/// fault can be dropped.
public struct Shrinker: Sendable {
    public struct Result: Sendable {
        /// The faults that matter, in the order in which they struck.
        public let faults: [InjectedFault]
        public let violation: Violation
        public let originalCount: Int
        public let runs: Int
        /// False when the budget ran out first: the set fails but may not be the smallest.
        public let isMinimal: Bool
    }

    private static let subsetsTried = 24

    private let entry: Catalogue.Entry
    private let request: RunRequest
    private let runLimit: Int
    private var runs = 0

    public init(_ entry: Catalogue.Entry, _ request: RunRequest, runLimit: Int = 2_000) {
        self.entry = entry
        self.request = request
        self.runLimit = runLimit
    }

    /// Nil when the request does not fail, or not with the faults that could be recorded.
    public static func shrink(_ entry: Catalogue.Entry, _ request: RunRequest, runLimit: Int = 2_000) -> Result? {
        var shrinker = Shrinker(entry, request, runLimit: runLimit)
        return shrinker.shrink()
    }

    private mutating func shrink() -> Result? {
        var recording = request
        recording.recordsFaults = true
        let original = entry.run(recording)
        guard let violation = original.violation else { return nil }
        var kept = Self.distinct(original.injected.map(\.fault))
        let originalCount = kept.count
        guard fails(with: kept, like: violation) else { return nil }
        thin(&kept, like: violation)
        dropChunks(&kept, like: violation)
        recording.selection = .only(Set(kept))
        let last = entry.run(recording)
        return Result(
            faults: Self.firstOfEach(last.injected), violation: last.violation ?? violation,
            originalCount: originalCount, runs: runs, isMinimal: runs < runLimit)
    }

    /// Random halves first, and random three quarters where no half fails. A fault that is left out moves everything
    /// after it, so a subset that fails is often not the one that a careful search from the full set would meet.
    private mutating func thin(_ kept: inout [Fault], like violation: Violation) {
        var random = SeededRandom(seed: request.seed).fork("shrinker")
        while kept.count > 3, runs < runLimit / 2 {
            let counts = [kept.count / 2, kept.count * 3 / 4]
            var smaller: [Fault]?
            for attempt in 0..<2 * Self.subsetsTried where smaller == nil {
                let subset = Array(kept.shuffled(using: &random).prefix(counts[attempt / Self.subsetsTried]))
                if fails(with: subset, like: violation) { smaller = subset }
            }
            guard let smaller else { return }
            kept = smaller.sorted()
        }
    }

    /// Ever smaller chunks, then single faults until a whole pass drops none.
    private mutating func dropChunks(_ kept: inout [Fault], like violation: Violation) {
        var chunk = max(1, kept.count)
        while !kept.isEmpty {
            var start = 0
            var hasDropped = false
            while start < kept.count, runs < runLimit {
                let end = min(kept.count, start + chunk)
                let rest = Array(kept[..<start] + kept[end...])
                if fails(with: rest, like: violation) {
                    kept = rest
                    hasDropped = true
                } else {
                    start = end
                }
            }
            if runs >= runLimit || (chunk == 1 && !hasDropped) { return }
            chunk = max(1, chunk / 2)
        }
    }

    /// Leaving faults out moves everything after them, so the same mistake may show as another rule: only standing
    /// still and doing wrong are kept apart.
    private mutating func fails(with faults: [Fault], like original: Violation) -> Bool {
        runs += 1
        var trial = request
        trial.selection = .only(Set(faults))
        guard let violation = entry.run(trial).violation else { return false }
        return violation.isLiveness == original.isLiveness
    }

    private static func firstOfEach(_ injected: [InjectedFault]) -> [InjectedFault] {
        var seen = Set<Fault>()
        return injected.filter { seen.insert($0.fault).inserted }
    }

    private static func distinct(_ faults: [Fault]) -> [Fault] {
        var seen = Set<Fault>()
        return faults.filter { seen.insert($0).inserted }
    }
}
