import CairnBase
import CairnConsensus

/// Logs and keys that are not the only ones of their kind.
extension Ordeal {
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

    /// A home is copied, and the copy started beside the original: before long at most one of the two may vote.
    static let copiedKey = Ordeal(
        name: "copied key",
        run: { seed, rules in
            let world = world(seed, servers: 4, rules)
            let copy = 4
            var rounds = Rounds(
                world, actors: ((0..<4) + [0]).map { LoneCore(world, server: $0) }, delay: .milliseconds(10))
            rounds.hears = { _, receiver, _ in receiver != copy }
            rounds.start(0..<4)
            rounds.run(until: .origin + .seconds(1))
            rounds.hears = { _, _, _ in true }
            rounds.reboot(copy, from: rounds.actors[0].log)
            rounds.run(until: rounds.now + .seconds(2))
            let before = [0, copy].map { rounds.signed[$0].count }
            rounds.run(until: rounds.now + .seconds(2))
            let isVoting = zip([0, copy], before).map { rounds.signed[$0].count > $1 }
            return isVoting == [true, true] ? "a key votes on two machines" : nil
        }, seeds: 4)
}
