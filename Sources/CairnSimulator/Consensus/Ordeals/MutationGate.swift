import CairnBase
import CairnConsensus

/// Does anything notice when a rule is gone? Each rule of consensus is lifted alone, and must be missed.
///
/// Lifting goes through `Rules`, which only this package can make and which nothing that is configured, stored or
/// received leads to: in a node every rule is in force.
public enum MutationGate {
    /// One way to notice.
    public enum Means: String, Sendable, CaseIterable {
        case search, searchWithCrashes = "search with crashes", ordeals, twins, simulation
    }

    public struct Catch: Sendable {
        public let means: Means
        public let what: String
    }

    public static var rules: [String] { Rules.named.map(\.name) }

    /// What goes wrong without a rule, by one means; nil when nothing does. An unknown name lifts nothing: the control.
    public static func attempt(_ means: Means, without name: String, seeds: UInt64) -> Catch? {
        let rules = Rules.named.first { $0.name == name }.map { Rules.all.lifting($0.rule) } ?? .all
        let what: String? =
            switch means {
            case .search: search(name, crashes: false)
            case .searchWithCrashes: search(name, crashes: true)
            case .ordeals: endure(rules)
            case .twins: twins(name)
            case .simulation: simulate(name, seeds: seeds)
            }
        return what.map { Catch(means: means, what: $0) }
    }

    private static func search(_ name: String, crashes: Bool) -> String? {
        var found: String?
        Exploration.all(views: 2, variants: 2, crashes: crashes, liftedRule: name, limit: 200_000) { result in
            found = result.violation.map { "\($0), leaders \(result.schedule), \(result.states) states" }
            return found == nil
        }
        return found
    }

    private static func endure(_ rules: Rules) -> String? {
        for ordeal in Ordeal.all {
            for seed in 1...ordeal.seeds {
                if let what = ordeal.run(seed, rules) { return "\(ordeal.name), seed \(seed): \(what)" }
            }
        }
        return nil
    }

    private static func twins(_ name: String) -> String? {
        var study = TwinsStudy(servers: 4, rounds: 3, liftedRule: name)
        return study.run(limit: 2_000).failure
    }

    private static func simulate(_ name: String, seeds: UInt64) -> String? {
        guard let entry = Catalogue.entry(named: ConsensusProtocol.name) else { return nil }
        for seed in 1...seeds {
            var request = RunRequest(seed: seed)
            request.plantedBug = rules.contains(name) ? name : nil
            if let violation = entry.run(request).violation { return "seed \(seed): \(violation)" }
        }
        return nil
    }
}
