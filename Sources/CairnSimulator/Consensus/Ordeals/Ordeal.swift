import CairnBase
import CairnConsensus

/// One kind of hardship for a small chain, from which it must recover: what it tries shows when a rule is lifted.
struct Ordeal: Sendable {
    let name: String
    /// Answers what went wrong, if anything did.
    let run: @Sendable (_ seed: UInt64, Rules) -> String?
    /// Seeds to try before a rule counts as not needed for it.
    let seeds: UInt64

    static let all = [
        lostStart, slowNetwork, scatteredCertificates, sharedOutCertificates, blackout, leaderInTime, untoldLeader,
        leaderGivesUp, restoredImage, copiedKey,
    ]

    static let delay = TimeSpan.milliseconds(100)

    static func world(_ seed: UInt64, servers: Int, _ rules: Rules) -> ConsensusWorld {
        ConsensusWorld(
            cluster: Cluster(servers: servers, clients: 0), random: SeededRandom(seed: seed).fork("ordeal"),
            rules: rules, parameters: ConsensusParameters(pace: .zero, epochLength: 10_000, delay: delay),
            stakes: .equal)
    }

    static func rounds(
        _ seed: UInt64, servers: Int, present: Int, delay: TimeSpan, _ rules: Rules
    ) -> Rounds {
        let world = world(seed, servers: servers, rules)
        var rounds = Rounds(world, actors: (0..<present).map { LoneCore(world, server: $0) }, delay: delay)
        rounds.random = SeededRandom(seed: seed).fork("loss")
        return rounds
    }

    /// Everyone hands out so many more blocks, and nobody another one, within a time.
    static func recovers(_ rounds: inout Rounds, blocks: Int, within span: TimeSpan) -> String? {
        let goal = (rounds.committed.map(\.count).max() ?? 0) + blocks
        let indices = rounds.actors.indices
        rounds.run(until: rounds.now + span) { rounds in indices.allSatisfy { rounds.committed[$0].count >= goal } }
        for index in indices {
            if let evidence = rounds.contradiction(of: index) { return "\(evidence.offence) by an honest server" }
        }
        let slowest = indices.map { rounds.committed[$0].count }.min() ?? 0
        return slowest >= goal ? nil : "no progress within \(span.short)"
    }
}
