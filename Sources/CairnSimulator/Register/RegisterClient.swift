import CairnBase

/// Reads and writes in turn, each in two rounds to a majority (Attiya, Bar-Noy, Dolev 1995): learn the highest stamp,
/// then store the new value, or the read one, at that stamp.
struct RegisterClient: Sendable {
    private enum Phase {
        case idle
        case learning(best: StampedValue)
        case storing(StampedValue)
    }

    private static let retryAfter = TimeSpan.milliseconds(600)

    private let id: ProcessID
    private let servers: Int
    private let bug: RegisterBug?
    private var random: SeededRandom
    /// Some clients hurry, some leave the register alone for a while.
    private let restLimit: TimeSpan
    private var phase = Phase.idle
    private var isWrite = false
    /// Numbers phases; an answer to an earlier one is stale, and so is its retry timer.
    private var round: UInt64 = 0
    private var answered: [Bool]

    init(_ setup: ProcessSetup, bug: RegisterBug?) {
        id = setup.id
        servers = setup.cluster.servers
        self.bug = bug
        var random = setup.random
        restLimit = .milliseconds(50 << random.below(7))
        self.random = random
        answered = Array(repeating: false, count: servers)
    }

    private var quorum: Int { bug == .quorumOffByOne ? servers / 2 : servers / 2 + 1 }

    mutating func handle(
        _ event: RegisterProcess.Event, at now: Instant, into effects: inout [RegisterProcess.Effect]
    ) {
        switch event {
        case .started:
            rest(now, &effects)
        case .timer(round):
            if case .idle = phase {
                begin(now, &effects)
            } else if bug != .neverRetry {
                ask(now, &effects)
            }
        case .message(let server, .held(round, let held)):
            guard case .learning(let best) = phase, counts(server) else { return }
            learn(held.stamp > best.stamp ? held : best, now, &effects)
        case .message(let server, .stored(round)):
            guard case .storing(let held) = phase, counts(server), hasQuorum else { return }
            finish(held, now, &effects)
        case .message, .timer, .disk:
            break
        }
    }

    private mutating func rest(_ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        phase = .idle
        round += 1
        effects.append(.setTimer(round, at: now + random.span(.zero, restLimit)))
    }

    private mutating func begin(_ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        isWrite = random.flip()
        effects.append(.observe(isWrite ? .writeBegan : .readBegan))
        enter(.learning(best: .initial), now, &effects)
    }

    private mutating func learn(_ best: StampedValue, _ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        phase = .learning(best: best)
        guard hasQuorum else { return }
        if isWrite {
            let stamp = Stamp(counter: best.stamp.counter + 1, writer: UInt64(id.index))
            let held = StampedValue(stamp: stamp, value: random.next() >> 16)
            effects.append(.observe(.storing(held)))
            enter(.storing(held), now, &effects)
        } else if bug == .noWriteBack {
            finish(best, now, &effects)
        } else {
            enter(.storing(best), now, &effects)
        }
    }

    private mutating func finish(_ held: StampedValue, _ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        effects.append(.observe(isWrite ? .writeFinished(held) : .readFinished(held)))
        effects.append(.note(isWrite ? "register.writes" : "register.reads", 1))
        rest(now, &effects)
    }

    private mutating func enter(_ next: Phase, _ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        phase = next
        round += 1
        answered = Array(repeating: false, count: servers)
        ask(now, &effects)
    }

    /// Asks whoever has not answered in this round.
    private mutating func ask(_ now: Instant, _ effects: inout [RegisterProcess.Effect]) {
        for index in 0..<servers where !answered[index] {
            switch phase {
            case .idle: break
            case .learning: effects.append(.send(to: ProcessID(index), .query(round: round)))
            case .storing(let held): effects.append(.send(to: ProcessID(index), .store(round: round, held)))
            }
        }
        effects.append(.setTimer(round, at: now + Self.retryAfter))
    }

    /// Notes an answer; false when this server's was counted before.
    private mutating func counts(_ server: ProcessID) -> Bool {
        guard server.index < servers, !answered[server.index] else { return false }
        answered[server.index] = true
        return true
    }

    private var hasQuorum: Bool { answered.count { $0 } >= quorum }
}
