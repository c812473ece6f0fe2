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
        lostStart, slowNetwork, scatteredCertificates, blackout, leaderInTime, restoredImage, leaderGivesUp,
    ]

    private static let delay = TimeSpan.milliseconds(100)

    private static func world(_ seed: UInt64, servers: Int, _ rules: Rules) -> ConsensusWorld {
        ConsensusWorld(
            cluster: Cluster(servers: servers, clients: 0), random: SeededRandom(seed: seed).fork("ordeal"),
            rules: rules, parameters: ConsensusParameters(pace: .zero, epochLength: 10_000, delay: delay),
            stakes: .equal)
    }

    private static func rounds(
        _ seed: UInt64, servers: Int, present: Int, delay: TimeSpan, _ rules: Rules
    ) -> Rounds {
        let world = world(seed, servers: servers, rules)
        var rounds = Rounds(world, actors: (0..<present).map { LoneCore(world, server: $0) }, delay: delay)
        rounds.random = SeededRandom(seed: seed).fork("loss")
        return rounds
    }

    /// Everyone hands out so many more blocks, and nobody another one, within a time.
    private static func recovers(_ rounds: inout Rounds, blocks: Int, within span: TimeSpan) -> String? {
        let goal = (rounds.committed.map(\.count).max() ?? 0) + blocks
        let indices = rounds.actors.indices
        rounds.run(until: rounds.now + span) { rounds in indices.allSatisfy { rounds.committed[$0].count >= goal } }
        for index in indices {
            if let evidence = rounds.contradiction(of: index) { return "\(evidence.offence) by an honest server" }
        }
        let slowest = indices.map { rounds.committed[$0].count }.min() ?? 0
        return slowest >= goal ? nil : "no progress within \(span.short)"
    }

    /// The first messages are all lost.
    static let lostStart = Ordeal(
        name: "lost start",
        run: { seed, rules in
            var rounds = rounds(seed, servers: 4, present: 4, delay: .milliseconds(10), rules)
            rounds.hears = { _, _, _ in false }
            rounds.start()
            rounds.run(until: .origin + delay * 4)
            rounds.hears = { _, _, _ in true }
            return recovers(&rounds, blocks: 2, within: .seconds(10))
        }, seeds: 4)

    /// Messages take three times as long as the protocol was told to expect.
    static let slowNetwork = Ordeal(
        name: "slow network",
        run: { seed, rules in
            var rounds = rounds(seed, servers: 4, present: 4, delay: delay * 3, rules)
            rounds.start()
            return recovers(&rounds, blocks: 2, within: .seconds(60))
        }, seeds: 4)

    /// A server is silent and most messages are lost for a while: each node ends up with other certificates.
    static let scatteredCertificates = Ordeal(
        name: "scattered certificates",
        run: { seed, rules in
            var rounds = rounds(seed, servers: 4, present: 3, delay: .milliseconds(10), rules)
            rounds.lossPPM = 500_000 + rounds.random.below(400_000)
            rounds.start()
            rounds.run(until: .origin + .seconds(8))
            rounds.lossPPM = 0
            return recovers(&rounds, blocks: 2, within: .seconds(60))
        }, seeds: 2_000)

    /// As above, and then everyone loses its memory at once.
    static let blackout = Ordeal(
        name: "blackout",
        run: { seed, rules in
            var rounds = rounds(seed, servers: 4, present: 3, delay: .milliseconds(10), rules)
            rounds.lossPPM = rounds.random.below(600_000)
            rounds.start()
            rounds.run(until: .origin + .milliseconds(200 + rounds.random.below(4_000)))
            rounds.lossPPM = 0
            for index in rounds.actors.indices { rounds.reboot(index) }
            return recovers(&rounds, blocks: 2, within: .seconds(60))
        }, seeds: 500)

    /// Delays are exactly D/2 and a third is silent: every view that a present server leads becomes final.
    static let leaderInTime = Ordeal(
        name: "leader in time",
        run: { seed, rules in
            let views: UInt64 = 60
            var rounds = rounds(
                seed, servers: 7, present: 5, delay: TimeSpan(nanoseconds: delay.nanoseconds / 2), rules)
            rounds.start()
            rounds.run(until: .origin + .seconds(120)) { $0.actors[0].core.position.view.number > views }
            let leaders = rounds.world.leaders(of: Int(views))
            for certificate in rounds.certificates where certificate.kind == .nullify {
                let view = certificate.view.number
                if view <= views, leaders[Int(view) - 1] < 5 { return "view \(view) of a present leader is given up" }
            }
            return rounds.actors[0].core.position.view.number > views ? nil : "no progress"
        }, seeds: 20)

    /// A leader is killed with its proposal on the way, and comes back from a disk image made before it.
    static let restoredImage = Ordeal(
        name: "restored image",
        run: { seed, rules in
            var rounds = rounds(seed, servers: 4, present: 4, delay: .milliseconds(10), rules)
            rounds.start()
            rounds.run(until: .origin + .milliseconds(100 + rounds.random.below(200)))
            let server = Int(rounds.random.below(4))
            let image = rounds.actors[server].log
            rounds.run(until: rounds.now + .seconds(5)) { rounds in
                rounds.signed[server].last.map {
                    $0.statement.kind == .notarize
                        && rounds.world.leaders(of: Int($0.statement.view.number)).last == server
                        && !image.votes.contains($0)
                } ?? false
            }
            // What was on the way arrives; nothing more leaves. One other server falls silent.
            rounds.run(until: rounds.now + .milliseconds(1))
            let silent = (server + 1) % 4
            rounds.hears = { sender, receiver, _ in ![sender, receiver].contains(silent) }
            rounds.reboot(server, from: image)
            rounds.run(until: rounds.now + .seconds(3))
            return rounds.contradiction(of: server).map { "\($0.offence) after a restart from an old image" }
        }, seeds: 40)

    /// A leader that gives its own view up is not waited for.
    static let leaderGivesUp = Ordeal(
        name: "leader gives up",
        run: { seed, rules in
            let world = world(seed, servers: 4, rules)
            let leader = world.leaders(of: 1)[0]
            var voter = LoneCore(world, server: (leader + 1) % 4)
            _ = voter.handle(.start(recovered: nil, nonce: 1), at: .origin)
            let statement = VoteStatement(epoch: Epoch(0), view: View(1), kind: .nullify, block: .zero)
            guard let seat = world.firstPlan.committee.index(of: world.validators[leader].key) else { return nil }
            let vote = Vote(
                statement: statement, voter: seat,
                signature: world.signingKeys[leader].sign(statement.signedBytes(chain: world.chain)))
            let message = ConsensusMessage(position: voter.core.position, body: .votes([vote]))
            guard let verified = try? world.verifier(around: Epoch(0)).verify(message) else { return nil }
            _ = voter.handle(.message(verified, from: world.validators[leader].node), at: .origin)
            return voter.log.votes.isEmpty ? "it is waited for" : nil
        }, seeds: 2)
}
