import CairnBase
import CairnConsensus

/// Leaders who are there must get their blocks through, and those who are not must not be waited for.
extension Ordeal {
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
            for (_, certificate, _) in rounds.certificates where certificate.kind == .nullify {
                let view = certificate.view.number
                if view <= views, leaders[Int(view) - 1] < 5 { return "view \(view) of a present leader is given up" }
            }
            return rounds.actors[0].core.position.view.number > views ? nil : "no progress"
        }, seeds: 20)

    /// four delays after the first server knew of the skipping all the same: told of it, proposed, voted for twice.
    static let untoldLeader = Ordeal(
        name: "untold leader",
        run: { seed, rules in
            let views = 60
            let step = TimeSpan(nanoseconds: delay.nanoseconds / 2)
            var rounds = rounds(seed, servers: 7, present: 5, delay: step, rules)
            let leaders = rounds.world.leaders(of: views + 1)
            rounds.hears = { sender, receiver, view in
                let number = Int(clamping: view.number)
                guard number > 0, number <= views, leaders[number - 1] >= 5, leaders[number] == receiver else {
                    return true
                }
                return sender != (receiver + 1) % 5
            }
            rounds.start()
            rounds.run(until: .origin + .seconds(120)) { $0.actors[0].core.position.view.number > UInt64(views) }
            for (_, skipped, at) in rounds.certificates where skipped.kind == .nullify {
                let next = Int(clamping: skipped.view.number)
                guard next < views, leaders[next] < 5 else { continue }
                let isFinal = rounds.certificates.contains {
                    $0.certificate.kind == .finalize && $0.certificate.view >= skipped.view.next
                        && $0.at <= at + step * 4
                }
                if !isFinal { return "view \(next + 1) is not final four delays after the one before was skipped" }
            }
            return rounds.actors[0].core.position.view.number > UInt64(views) ? nil : "no progress"
        }, seeds: 4)

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
