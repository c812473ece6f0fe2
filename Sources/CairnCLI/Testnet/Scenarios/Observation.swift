import CairnBase
import CairnLedger
import CairnRuntime

/// What was seen of a testnet at one moment.
struct Observation: Sendable {
    struct Node: Sendable {
        /// `up`, `down`, `paused` or `silent`.
        var state = "down"
        var height: UInt64?
        var peers: Int?
        var committee: Int?
        /// The newest blocks, by height.
        var recent: [UInt64: String] = [:]
        var log = ""
        /// Verdicts by reason, and under `paying` those by which somebody earns something.
        var verdicts: [String: UInt64] = [:]
        /// What became of its gateway.
        var gateway = TestnetPay.Gateway()
        /// What became of what it offers, by profile.
        var offers: [Profile: TestnetPay.Gateway] = [:]
        /// What the chain took of its bond.
        var slashed: Amount?
    }

    var nodes: [String: Node]
    /// How many bytes the files have that were compared, when they are the same.
    var sameLength: UInt64?

    /// How many shards of the object in question are held.
    var shards: Int?

    subscript(name: String) -> Node { nodes[name] ?? Node() }

    var furthest: UInt64 { nodes.values.compactMap(\.height).max() ?? 0 }
}

extension ScenarioExpectation {
    /// What a look has shown, with the fact that decided.
    enum Judgement: Sendable, Equatable {
        case holds(String)
        /// It may hold later.
        case notYet(String)
        /// It cannot hold any more.
        case broken(String)
    }

    func judge(_ now: Observation, since begin: Observation, after elapsed: TimeSpan) -> Judgement {
        switch self {
        case .height(let least, let nodes):
            return each(nodes, now, \.height, "height") { $0 >= least ? nil : "wanted \(least)" }
        case .gain(let gain, let nodes):
            let wanted = begin.furthest.addingReportingOverflow(gain).0
            return each(nodes, now, \.height, "height") { $0 >= wanted ? nil : "wanted \(wanted)" }
        case .still(let span, let nodes):
            for name in nodes {
                guard let before = begin[name].height, let height = now[name].height, height > before else { continue }
                return .broken("\(name) went from height \(before) to \(height)")
            }
            return elapsed >= span
                ? .holds("nobody gained a block in \(span.plain)") : .notYet("\(span.plain) are not over")
        case .agree(let nodes): return agreement(nodes, now)
        case .peers(let least, let nodes):
            return each(nodes, now, \.peers, "peers") { $0 >= least ? nil : "wanted \(least)" }
        case .committee(let size, let nodes):
            return each(nodes, now, \.committee, "committee") { $0 == size ? nil : "wanted \(size)" }
        case .state(let state, let nodes):
            for name in nodes where now[name].state != state { return .notYet("\(name) is \(now[name].state)") }
            return .holds("\(nodes.joined(separator: " ")) \(state)")
        case .log(let name, let text):
            if name == Self.any {
                let speaker = now.nodes.keys.sorted().first { now[$0].log.contains(text) }
                return speaker.map { .holds("\($0) said so") } ?? .notYet("nobody has said it")
            }
            return now[name].log.contains(text) ? .holds("\(name) said so") : .notYet("\(name) has not said it")
        case .shards(let atLeast, let count, let object, let name):
            guard let shards = now.shards else { return .notYet("\(name) cannot say how \(object) is") }
            let isGood = atLeast ? shards >= count : shards <= count
            return isGood ? .holds("\(shards) are held") : .notYet("\(name) sees \(shards) shards held")
        case .verdicts(let reason, let least, let nodes):
            return each(nodes, now, { $0.verdicts[reason] ?? 0 }, "\(reason) verdicts") {
                $0 >= least ? nil : "wanted \(least)"
            }
        case .paid(let nodes):
            if let name = nodes.first(where: { now[$0].gateway.paid == .zero }) {
                return .notYet("\(name) was paid nothing; \(now[name].gateway.words)")
            }
            return .holds("\(nodes.count) gateways were paid")
        case .paidFor(let profile, let nodes): return pay(for: profile, nodes, now)
        case .unpaid(let nodes): return unproven(nodes, now) { $0.paid > .zero }
        case .unproven(let nodes): return unproven(nodes, now) { _ in false }
        case .earned(let nodes):
            if let name = nodes.first(where: { now[$0].gateway.earned == .zero }) {
                return .notYet("no owner has paid \(name); \(now[name].gateway.words)")
            }
            return .holds(nodes.map { "\($0) \(now[$0].gateway.earned)" }.joined(separator: ", "))
        case .unearned(let nodes):
            if let name = nodes.first(where: { now[$0].gateway.unearned == 0 }) {
                return .notYet("\(name) was not left unpaid; \(now[name].gateway.words)")
            }
            return .holds(nodes.map { "\($0): \(now[$0].gateway.words)" }.joined(separator: "; "))
        case .believed(let nodes): return verdict(on: nodes, pays: true, now, since: begin)
        case .disbelieved(let nodes): return verdict(on: nodes, pays: false, now, since: begin)
        case .slashed(let nodes):
            if let name = nodes.first(where: { (now[$0].slashed ?? .zero) == .zero }) {
                return .notYet("\(name) was not slashed")
            }
            return .holds(nodes.map { "\($0) lost \(now[$0].slashed ?? .zero)" }.joined(separator: ", "))
        case .same(let one, let other):
            return now.sameLength.map { .holds("\($0) bytes, all the same") } ?? .broken("\(one) and \(other) differ")
        }
    }

    private func pay(for profile: Profile, _ nodes: [String], _ now: Observation) -> Judgement {
        var facts: [String] = []
        for name in nodes {
            let offer = now[name].offers[profile] ?? TestnetPay.Gateway()
            guard offer.paying > 0, offer.paid > .zero else {
                return .notYet("\(name) was paid nothing for \(profile.name); \(offer.words)")
            }
            facts.append("\(name) \(offer.paid) for \(offer.words)")
        }
        return .holds(facts.joined(separator: "; "))
    }

    /// What the newest verdicts say of challenges since the step began.
    private func verdict(
        on nodes: [String], pays: Bool, _ now: Observation, since begin: Observation
    ) -> Judgement {
        var facts: [String] = []
        for name in nodes {
            guard let newest = now[name].gateway.newest, newest.challenge.number > begin.furthest else {
                return .notYet("\(name) was not challenged since")
            }
            guard newest.pays == pays else { return .notYet("\(name) \(newest.words)") }
            facts.append("\(name) \(newest.words)")
        }
        return .holds(facts.joined(separator: "; "))
    }

    private func unproven(
        _ nodes: [String], _ now: Observation, or hasEarned: (TestnetPay.Gateway) -> Bool
    ) -> Judgement {
        for name in nodes {
            let gateway = now[name].gateway
            if gateway.paying > 0 || hasEarned(gateway) { return .broken("\(name) earned: \(gateway.words)") }
            if gateway.verdicts == 0 { return .notYet("\(name) was not judged yet") }
        }
        return .holds(nodes.map { "\($0): \(now[$0].gateway.words)" }.joined(separator: "; "))
    }

    /// Whether a number of every node is right; the complaint is about the first of which it is not.
    private func each<Number: FixedWidthInteger>(
        _ nodes: [String], _ now: Observation, _ number: (Observation.Node) -> Number?, _ what: String,
        _ problem: (Number) -> String?
    ) -> Judgement {
        var seen: [Number] = []
        for name in nodes {
            guard let number = number(now[name]) else { return .notYet("\(name) is \(now[name].state)") }
            if let problem = problem(number) { return .notYet("\(name) has \(what) \(number), \(problem)") }
            seen.append(number)
        }
        let (least, most) = (seen.min() ?? 0, seen.max() ?? 0)
        return .holds(least == most ? "\(what) \(least)" : "\(what) \(least) to \(most)")
    }

    private func agreement(_ nodes: [String], _ now: Observation) -> Judgement {
        let chains = nodes.map { now[$0].recent }
        let common = chains.dropFirst().reduce(Set((chains.first ?? [:]).keys)) { $0.intersection($1.keys) }
        guard let height = common.max() else { return .notYet("no height is known to all of them") }
        for height in common.sorted() where Set(chains.compactMap { $0[height] }).count > 1 {
            return .broken("they have different blocks at height \(height)")
        }
        return .holds("block \(height) \((chains.first?[height] ?? "").prefix(8)) on \(nodes.count) nodes")
    }
}
