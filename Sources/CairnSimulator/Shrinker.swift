/// Finds a smallest set of faults that still breaks the same rule.
///
/// Faults have names that mean the same in every run of a seed, so a run can be repeated with any subset of them. The
/// search drops ever smaller chunks (delta debugging, Zeller 1999) and ends when no single fault can be dropped.
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

    private let entry: Catalogue.Entry
    private let request: RunRequest
    private let runLimit: Int
    private var runs = 0

    public init(_ entry: Catalogue.Entry, _ request: RunRequest, runLimit: Int = 2_000) {
        self.entry = entry
        self.request = request
        self.runLimit = runLimit
    }

    /// Nil when the request does not fail.
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
        var chunk = max(1, kept.count)
        var isMinimal = true
        while chunk >= 1, !kept.isEmpty {
            var start = 0
            var dropped = false
            while start < kept.count {
                guard runs < runLimit else {
                    isMinimal = false
                    break
                }
                let end = min(kept.count, start + chunk)
                let rest = Array(kept[..<start] + kept[end...])
                if fails(with: rest, rule: violation.rule) {
                    kept = rest
                    dropped = true
                } else {
                    start = end
                }
            }
            if !isMinimal { break }
            // Single faults are tried until a whole pass drops none.
            if chunk == 1 && !dropped { break }
            chunk = chunk == 1 ? 1 : chunk / 2
        }
        recording.selection = .only(Set(kept))
        let last = entry.run(recording)
        return Result(
            faults: last.injected, violation: last.violation ?? violation, originalCount: originalCount, runs: runs,
            isMinimal: isMinimal)
    }

    private mutating func fails(with faults: [Fault], rule: String) -> Bool {
        runs += 1
        var trial = request
        trial.selection = .only(Set(faults))
        return entry.run(trial).violation?.rule == rule
    }

    private static func distinct(_ faults: [Fault]) -> [Fault] {
        var seen = Set<Fault>()
        return faults.filter { seen.insert($0).inserted }
    }
}
