public import CairnBase
import CairnConsensus

/// Runs twins scenarios: attacked rounds, then synchrony. No two honest servers may differ, and all must go on.
public struct TwinsStudy {
    public struct Outcome: Sendable {
        public let servers: Int
        public let byzantine: Int
        /// How many scenarios there are, up to symmetry, and how many of them were run.
        public let scenarios: Int
        public let runs: Int
        public let failure: String?
        /// How long after the network was whole the slowest run had gone on.
        public let slowest: TimeSpan
    }

    private let scenarios: TwinsScenarios
    private let rules: Rules
    // ORDER: looked up, never walked.
    private var worlds: [LeaderSchedule: (world: ConsensusWorld, seats: [Int])] = [:]

    private static let delay = TimeSpan.milliseconds(10)
    /// The cuts end after the time of two failed views.
    private static let attack = TimeSpan.milliseconds(700)
    private static let bound = TimeSpan.seconds(10)
    /// Final blocks after the attack that show that a run goes on.
    private static let progress = 2

    public init(servers: Int, rounds: Int, liftedRule: String? = nil) {
        scenarios = TwinsScenarios(servers: servers, rounds: rounds)
        rules = Rules.named.first { $0.name == liftedRule }.map { Rules.all.lifting($0.rule) } ?? .all
    }

    /// Runs all scenarios, or as many as `limit` spread evenly over them.
    public mutating func run(limit: Int) -> Outcome {
        let runs = min(limit, scenarios.count)
        var slowest = TimeSpan.zero
        for run in 0..<runs {
            let number = run * scenarios.count / runs
            switch self.run(scenario: number) {
            case .success(let span): slowest = max(slowest, span)
            case .failure(let failure): return outcome(run + 1, "scenario \(number): \(failure.what)", slowest)
            }
        }
        return outcome(runs, nil, slowest)
    }

    private func outcome(_ runs: Int, _ failure: String?, _ slowest: TimeSpan) -> Outcome {
        Outcome(
            servers: scenarios.servers, byzantine: scenarios.byzantine, scenarios: scenarios.count, runs: runs,
            failure: failure, slowest: slowest)
    }

    struct Failure: Error {
        let what: String
    }

    /// One scenario by its number; how long it took to go on after the attack.
    mutating func run(scenario number: Int) -> Result<TimeSpan, Failure> {
        let scenario = scenarios[number]
        let (world, seats) = world(of: scenario.schedule)
        let liars = Array(seats.prefix(1) + seats.suffix(scenarios.byzantine - 1))
        let honest = seats.filter { !liars.contains($0) }
        let first = liars.map { LoneCore(world, server: $0, rules: Lie.rules) }
        let second = liars.map { LoneCore(world, server: $0, rules: Lie.rules) }
        var rounds = Rounds(
            world, actors: honest.map { LoneCore(world, server: $0) } + first + second, delay: Self.delay)
        let sides = scenario.honest + first.map { _ in 0 } + second.map { _ in scenario.secondCores }
        let count = scenarios.rounds
        rounds.hears = { sender, receiver, view in
            guard view.number <= UInt64(count), view.number > 0 else { return true }
            let round = Int(view.number) - 1
            return scenario.isRight(sides[sender], in: round) == scenario.isRight(sides[receiver], in: round)
        }
        rounds.start()
        rounds.run(until: .origin + Self.attack)
        rounds.hears = { _, _, _ in true }
        let healedAt = rounds.now
        let goal = honest.indices.map { rounds.committed[$0].count }.max() ?? 0
        rounds.run(until: healedAt + Self.bound) { rounds in
            honest.indices.allSatisfy { rounds.committed[$0].count >= goal + Self.progress }
        }
        let longest = honest.indices.map { rounds.committed[$0] }.max { $0.count < $1.count } ?? []
        for index in honest.indices where !longest.starts(with: rounds.committed[index]) {
            return .failure(Failure(what: "two histories, leaders \(scenario.schedule.text)"))
        }
        guard honest.indices.allSatisfy({ rounds.committed[$0].count >= goal + Self.progress }) else {
            return .failure(Failure(what: "no progress after the attack, leaders \(scenario.schedule.text)"))
        }
        return .success(rounds.now.since(healedAt))
    }

    private mutating func world(of schedule: LeaderSchedule) -> (world: ConsensusWorld, seats: [Int]) {
        if let known = worlds[schedule] { return known }
        let parameters = ConsensusParameters(pace: .milliseconds(30), epochLength: 10_000, delay: .milliseconds(100))
        let made = schedule.world(servers: scenarios.servers, rules: rules, parameters: parameters)
        worlds[schedule] = made
        return made
    }
}
