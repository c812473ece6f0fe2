import CairnBase
import CairnConsensus

/// Messages that are lost or late.
extension Ordeal {
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

    /// Each of seven servers is cut off for two views and comes back by the certificate of the second: every view is known to
    /// be given up, but nobody can show it of all of them.
    static let sharedOutCertificates = Ordeal(
        name: "shared out certificates",
        run: { seed, rules in
            let servers = 7
            var rounds = rounds(seed, servers: servers, present: servers, delay: .milliseconds(10), rules)
            let leaders = rounds.world.leaders(of: 2 * servers)
            rounds.hears = { sender, receiver, view in
                guard view.number > 0, view.number <= UInt64(2 * servers) else { return true }
                let place = Int(view.number) - 1
                return sender != leaders[place] && ![sender, receiver].contains(place / 2)
            }
            rounds.start()
            rounds.run(until: .origin + .seconds(120)) { $0.actors.allSatisfy { $0.core.position.view.number > 14 } }
            rounds.hears = { _, _, _ in true }
            return recovers(&rounds, blocks: 2, within: .seconds(120))
        }, seeds: 2)

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
}
