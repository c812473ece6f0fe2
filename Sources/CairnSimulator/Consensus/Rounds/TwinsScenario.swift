import CairnBase

/// One way to set the first rounds up, after "Twins: BFT Systems Made Robust" (Bano et al., 2021).
///
/// Every Byzantine server is two cores under one key, and in each round the network is cut in two. A scenario says who
/// leads each round, on which side of each round's cut every honest server stands, and on which the second cores; the
/// first cores stand on the left, which loses nothing, because the sides have no names. Honest servers that lead nothing
/// are alike, so only how many stand where counts.
struct TwinsScenario: Sendable {
    let schedule: LeaderSchedule
    /// Bit r is the side in round r + 1: of the second cores.
    let secondCores: Int
    /// Of the honest servers: first the leaders in the order of their labels, then the rest.
    let honest: [Int]

    func isRight(_ sides: Int, in round: Int) -> Bool { sides >> round & 1 == 1 }
}

/// All scenarios for so many servers, numbered.
struct TwinsScenarios: Sendable {
    let servers: Int
    let rounds: Int
    /// As many as there can be: the most that stay below a third.
    let byzantine: Int
    private let groups: [(schedule: LeaderSchedule, leaders: Int, rest: [[Int]], count: Int)]
    let count: Int

    init(servers: Int, rounds: Int) {
        self.servers = servers
        self.rounds = rounds
        let byzantine = (servers - 1) / 3
        self.byzantine = byzantine
        let sides = 1 << rounds
        groups = LeaderSchedule.all(views: rounds, honest: servers - byzantine).map { schedule in
            let leaders = schedule.labels.max() ?? 0
            let rest = Self.choices(of: servers - byzantine - leaders, from: sides)
            var count = rest.count * sides
            for _ in 0..<leaders { count *= sides }
            return (schedule, leaders, rest, count)
        }
        count = groups.reduce(0) { $0 + $1.count }
    }

    subscript(index: Int) -> TwinsScenario {
        var number = index
        for group in groups {
            if number >= group.count {
                number -= group.count
                continue
            }
            func digit(_ base: Int) -> Int {
                defer { number /= base }
                return number % base
            }
            let second = digit(1 << rounds)
            let leaders = (0..<group.leaders).map { _ in digit(1 << rounds) }
            return TwinsScenario(schedule: group.schedule, secondCores: second, honest: leaders + group.rest[number])
        }
        fatalError("there are \(count) scenarios")
    }

    /// Every way to give `size` servers that are alike one of `kinds` each.
    private static func choices(of size: Int, from kinds: Int) -> [[Int]] {
        var choices: [[Int]] = [[]]
        for _ in 0..<size {
            choices = choices.flatMap { choice in ((choice.last ?? 0)..<kinds).map { choice + [$0] } }
        }
        return choices
    }
}
