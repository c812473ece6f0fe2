import CairnBase
import CairnConsensus

/// A small world in which the first views are led as wanted.
///
/// Leaders come from the chain's seed, so a world with the wanted leaders is looked for, not made: nothing in the core
/// is bent. A schedule names leaders by labels; equal labels mean the same server.
struct LeaderSchedule: Sendable, Hashable {
    let labels: [Int]

    /// Label 0 is the Byzantine server, 1, 2, … honest ones in the order in which they first lead.
    static let byzantine = 0

    /// Every schedule of so many views that differs in more than the names of honest servers.
    static func all(views: Int, honest: Int) -> [LeaderSchedule] {
        var schedules: [[Int]] = [[]]
        for _ in 0..<views {
            schedules = schedules.flatMap { labels in
                (0...min(honest, (labels.max() ?? 0) + 1)).map { labels + [$0] }
            }
        }
        return schedules.map(LeaderSchedule.init)
    }

    /// A world with this schedule, and which server has which label: the Byzantine one first, then the leaders, then
    /// those who lead nothing.
    func world(servers: Int, rules: Rules, parameters: ConsensusParameters) -> (world: ConsensusWorld, seats: [Int]) {
        var seed: UInt64 = 0
        while true {
            let world = ConsensusWorld(
                cluster: Cluster(servers: servers, clients: 0), random: SeededRandom(seed: seed), rules: rules,
                parameters: parameters, stakes: .equal)
            if let seats = seats(in: world) { return (world, seats) }
            seed += 1
        }
    }

    private func seats(in world: ConsensusWorld) -> [Int]? {
        let leaders = world.leaders(of: labels.count)
        var servers = [Int?](repeating: nil, count: (labels.max() ?? 0) + 1)
        for (label, leader) in zip(labels, leaders) {
            if let known = servers[label] {
                guard known == leader else { return nil }
            } else {
                guard !servers.contains(leader) else { return nil }
                servers[label] = leader
            }
        }
        var rest = (0..<world.cluster.servers).filter { !servers.contains($0) }[...]
        let named = servers.map { $0 ?? rest.removeFirst() }
        return named + rest
    }

    /// `B` leads, or an honest server by its letter.
    var text: String {
        String(labels.map { $0 == Self.byzantine ? "B" : Character(UnicodeScalar(UInt8(96 + $0))) })
    }
}

extension ConsensusWorld {
    /// The servers that lead the first views of the first epoch.
    func leaders(of views: Int) -> [Int] {
        let plan = firstPlan
        let seed = Randomness.seed(chain: chain, epoch: plan.epoch, middle: plan.middle, using: hash)
        return (1...views).map { view in
            let index = plan.committee.leader(of: View(UInt64(view)), seed: seed, using: hash)
            return plan.committee[index].flatMap { process(of: $0.key) }?.index ?? 0
        }
    }
}
