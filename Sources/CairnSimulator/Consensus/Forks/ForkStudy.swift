import CairnBase
import CairnConsensus

/// Forks, made on purpose by liars who hold more than a third, and what the honest can prove afterwards.
///
/// Every liar is two nodes under one key. Each of the two stands on one side of a network that is cut in two, and with its
/// help both sides have a quorum and finalize histories of their own. What honest nodes have archived must then name a third
/// of the stake, and nobody honest.
public struct ForkStudy {
    public struct Outcome: Sendable {
        public var runs = 0
        public var forks = 0
        /// Of a thousand parts of the stake: the least that any fork named, and the most that liars held.
        public var leastNamed: UInt64 = 1_000
        public var mostHeld: UInt64 = 0
        /// How many forks had evidence of each kind.
        public var twoNotarizes = 0
        public var nullifyAndFinalize = 0
        public var twoFinalizes = 0
        public var failure: String?
    }

    private static let delay = TimeSpan.milliseconds(10)
    private static let patience = TimeSpan.seconds(5)

    private let rules: Rules

    public init() { self.init(rules: .all) }

    init(rules: Rules) {
        self.rules = rules
    }

    /// Runs seeds until so many have forked, or one could not be explained.
    public func run(forks: Int, seed: UInt64) -> Outcome {
        var outcome = Outcome()
        while outcome.forks < forks, outcome.failure == nil {
            let number = seed &+ UInt64(outcome.runs)
            outcome.runs += 1
            explain(seed: number, &outcome)
        }
        return outcome
    }

    private func explain(seed: UInt64, _ outcome: inout Outcome) {
        var draw = SeededRandom(seed: seed).fork("forks")
        let world = world(seed, &draw)
        var rounds = Self.rounds(world, &draw)
        let honest = rounds.actors.indices.filter { !world.liars.contains(rounds.actors[$0].server) }
        rounds.start()
        rounds.run(until: .origin + Self.patience) { Self.hasForked($0, honest) }
        guard Self.hasForked(rounds, honest) else { return }
        outcome.forks += 1
        let found = Self.evidence(in: rounds, honest) + rounds.evidence
        let committee = world.firstPlan.committee
        var named: OrderedMap<MemberIndex, Bool> = [:]
        for evidence in found {
            named[evidence.offender] = true
            guard let member = committee[evidence.offender], let server = world.process(of: member.key),
                world.isLiar(server)
            else {
                outcome.failure = "seed \(seed): seat \(evidence.offender) is honest and named"
                return
            }
        }
        let weight = named.reduce(0) { $0 + committee.weight(of: $1.key) }
        guard committee.isThird(weight) else {
            outcome.failure = "seed \(seed): evidence names \(weight) of \(committee.totalWeight)"
            return
        }
        let offences = found.map(\.offence)
        if offences.contains(.twoNotarizes) { outcome.twoNotarizes += 1 }
        if offences.contains(.nullifyAndFinalize) { outcome.nullifyAndFinalize += 1 }
        if offences.contains(.twoFinalizes) { outcome.twoFinalizes += 1 }
        outcome.leastNamed = min(outcome.leastNamed, weight * 1_000 / committee.totalWeight)
        let held = world.liars.reduce(0) { $0 + world.weight(of: $1.key, in: committee) }
        outcome.mostHeld = max(outcome.mostHeld, held * 1_000 / committee.totalWeight)
    }

    // MARK: - Making a fork

    /// Four to ten servers, of whom at least two are honest. Liars hold 34 to 64 hundredths.
    private func world(_ seed: UInt64, _ draw: inout SeededRandom) -> ConsensusWorld {
        let servers = 4 + Int(draw.below(7))
        var liars: OrderedMap<Int, Lie> = [:]
        let count = 1 + Int(draw.below(UInt64(servers - 2)))
        while liars.count < count { liars[Int(draw.below(UInt64(servers)))] = Lie(.twins) }
        return ConsensusWorld(
            cluster: Cluster(servers: servers, clients: 0), random: SeededRandom(seed: seed), rules: rules,
            parameters: ConsensusParameters(pace: .zero, epochLength: 10_000, delay: Self.delay * 10),
            stakes: .liarsHold(percent: 34 + draw.below(31)), liars: liars)
    }

    /// The honest servers, each on a side, and every liar on both.
    private static func rounds(_ world: ConsensusWorld, _ draw: inout SeededRandom) -> Rounds {
        let servers = 0..<world.cluster.servers
        let honest = servers.filter { !world.liars.contains($0) }
        let lying = servers.filter { world.liars.contains($0) }
        let left = 1 + Int(draw.below(UInt64(honest.count - 1)))
        let sides = honest.indices.map { $0 < left } + lying.map { _ in true } + lying.map { _ in false }
        let actors =
            honest.map { LoneCore(world, server: $0) }
            + (lying + lying).map { LoneCore(world, server: $0, rules: Lie.rules) }
        var rounds = Rounds(world, actors: actors, delay: delay)
        rounds.hears = { sender, receiver, _ in sides[sender] == sides[receiver] }
        rounds.random = draw.fork("loss")
        if draw.flip() { rounds.lossPPM = draw.below(200_000) }
        return rounds
    }

    /// Two honest servers have handed out different blocks at one height. Blocks name their parents, so the last one that
    /// two histories share a height of decides.
    private static func hasForked(_ rounds: Rounds, _ honest: [Int]) -> Bool {
        guard let longest = honest.max(by: { rounds.committed[$0].count < rounds.committed[$1].count }) else {
            return false
        }
        return honest.contains { server in
            let height = rounds.committed[server].count
            return height > 0 && rounds.committed[server][height - 1] != rounds.committed[longest][height - 1]
        }
    }

    // MARK: - Explaining it

    /// What the archives of all honest servers prove when they are laid side by side.
    private static func evidence(in rounds: Rounds, _ honest: [Int]) -> [Evidence] {
        var views = OrderedMap<View, [Certificate]>()
        for (core, certificate, _) in rounds.certificates where honest.contains(core) {
            if !(views[certificate.view]?.contains(certificate.certificate) ?? false) {
                views[certificate.view, default: []].append(certificate.certificate)
            }
        }
        var found: [Evidence] = []
        for (_, certificates) in views {
            for (place, one) in certificates.enumerated() {
                for other in certificates[(place + 1)...] {
                    found += Evidence.between(one, other, using: rounds.world.hash)
                    found += Evidence.between(other, one, using: rounds.world.hash)
                }
            }
        }
        return found
    }
}
