import CairnBase
import CairnConsensus

/// Does anything notice when a rule is gone? Each rule of consensus is lifted alone, and must be missed.
///
/// Lifting goes through `Rules`, which only this package can make and which nothing that is configured, stored or
/// received leads to: in a node every rule is in force.
public enum MutationGate {
    /// One way to notice.
    public enum Means: String, Sendable, CaseIterable {
        case search, ordeals, searchWithCrashes = "search with crashes", simulation, twins, forks
    }

    public struct Catch: Sendable {
        public let means: Means
        public let what: String
    }

    public static var rules: [String] { Rules.named.map(\.name) }

    /// How long a means may take: most rules are missed in no time, and some only by persistence.
    public struct Effort: Sendable {
        let states: Int
        let ordealSeeds: UInt64
        let scenarios: Int
        let seeds: UInt64
        let forks: Int

        public static let short = Effort(states: 5_000, ordealSeeds: 4, scenarios: 50, seeds: 80, forks: 20)
        public static func long(seeds: UInt64) -> Effort {
            Effort(states: 200_000, ordealSeeds: .max, scenarios: 2_000, seeds: seeds, forks: 200)
        }
    }

    /// What goes wrong without a rule, by one means; nil when nothing does. An unknown name lifts nothing: the control.
    public static func attempt(_ means: Means, without name: String, _ effort: Effort) -> Catch? {
        let rules = Rules.named.first { $0.name == name }.map { Rules.all.lifting($0.rule) } ?? .all
        let what: String? =
            switch means {
            case .search: search(name, crashes: false, effort)
            case .searchWithCrashes: search(name, crashes: true, effort)
            case .ordeals: endure(rules, effort)
            case .twins: twins(name, effort)
            case .simulation: simulate(name, effort)
            case .forks: ForkStudy(rules: rules).run(forks: effort.forks, seed: 1).failure
            }
        return what.map { Catch(means: means, what: $0) }
    }

    private static func search(_ name: String, crashes: Bool, _ effort: Effort) -> String? {
        var found: String?
        Exploration.all(
            views: 2, variants: 2, crashes: crashes, liftedRule: name, limit: effort.states, coreLimit: 60_000
        ) { result in
            found = result.violation.map { "\($0), leaders \(result.schedule), \(result.states) states" }
            return found == nil
        }
        return found
    }

    private static func endure(_ rules: Rules, _ effort: Effort) -> String? {
        for ordeal in Ordeal.all {
            for seed in 1...min(ordeal.seeds, effort.ordealSeeds) {
                if let what = ordeal.run(seed, rules) { return "\(ordeal.name), seed \(seed): \(what)" }
            }
        }
        return nil
    }

    private static func twins(_ name: String, _ effort: Effort) -> String? {
        var study = TwinsStudy(servers: 4, rounds: 3, liftedRule: name)
        return study.run(limit: effort.scenarios).failure
    }

    private static func simulate(_ name: String, _ effort: Effort) -> String? {
        guard let entry = Catalogue.entry(named: ConsensusProtocol.name) else { return nil }
        for seed in 1...effort.seeds {
            var request = RunRequest(seed: seed)
            request.plantedBug = rules.contains(name) ? name : nil
            if let violation = entry.run(request).violation { return "seed \(seed): \(violation)" }
        }
        return nil
    }
}
