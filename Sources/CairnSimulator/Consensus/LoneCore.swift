import CairnBase
import CairnConsensus

/// A core whose disk and application answer at once: what searches and scripted rounds drive directly.
struct LoneCore: Sendable {
    let world: ConsensusWorld
    /// The validator it is, by its place among the servers.
    let server: Int
    private(set) var core: Consensus<MixHash>
    /// What its disk holds.
    private(set) var log = Recovered()
    /// The last timer set of each kind, and when it is due.
    private(set) var timers: [(timer: ConsensusTimer, at: Instant)] = []
    private var nonce: UInt64 = 1

    private let rules: Rules

    init(_ world: ConsensusWorld, server: Int, rules: Rules? = nil) {
        self.world = world
        self.server = server
        self.rules = rules ?? world.rules
        core = ConsensusProcess.core(world, ProcessID(server), world.firstPlan, rules: self.rules)
    }

    /// Handles an input, answers what disk and application are asked for, and returns what is left to do: what is to be
    /// sent, and the timers that were set.
    mutating func handle(_ input: ConsensusInput, at now: Instant) -> [ConsensusEffect] {
        var inputs = [input]
        var rest: [ConsensusEffect] = []
        while !inputs.isEmpty {
            var effects: [ConsensusEffect] = []
            core.handle(inputs.removeFirst(), at: now, into: &effects)
            for effect in effects {
                switch effect {
                case .persist(let persist): inputs.append(keep(persist))
                case .requestPayload(let request):
                    inputs.append(
                        .payloadReady(world.offer(request, by: server, unixMilliseconds: now.nanoseconds / 1_000_000)))
                case .validatePayload(let block, let digest):
                    inputs.append(.payloadValidated(digest, isValid: world.isValid(block.payload)))
                case .setTimer(let timer, let at):
                    timers.removeAll { $0.timer.kind == timer.kind }
                    timers.append((timer, at))
                    rest.append(effect)
                default: rest.append(effect)
                }
            }
        }
        return rest
    }

    private mutating func keep(_ persist: Persist) -> ConsensusInput {
        for record in persist.records {
            switch record {
            // A record that is there already adds nothing.
            case .certificate(let certificate):
                if !log.certificates.contains(certificate) { log.certificates.append(certificate) }
            case .block(let block): if !log.blocks.contains(block) { log.blocks.append(block) }
            case .retired: log.isRetired = true
            }
        }
        guard let statement = persist.sign, let seat = core.seat else {
            return .persisted(token: persist.token, signature: nil)
        }
        let signature = world.signingKeys[server].sign(statement.signedBytes(chain: world.chain))
        log.votes.append(Vote(statement: statement, voter: seat, signature: signature))
        return .persisted(token: persist.token, signature: signature)
    }

    /// Lets the last timer of a kind fire, whatever the time.
    mutating func fire(_ kind: ConsensusTimer.Kind, at now: Instant) -> [ConsensusEffect] {
        guard let due = timers.first(where: { $0.timer.kind == kind }) else { return [] }
        timers.removeAll { $0.timer == due.timer }
        return handle(.timer(due.timer), at: now)
    }

    /// Loses its memory and starts again from its disk, or from what someone has put in its place.
    mutating func reboot(from image: Recovered? = nil, at now: Instant) -> [ConsensusEffect] {
        core = ConsensusProcess.core(world, ProcessID(server), world.firstPlan, rules: rules)
        timers = []
        nonce += 1
        log = image ?? log
        return handle(.start(recovered: log, nonce: nonce), at: now)
    }

    /// As above, and has waited as long as a restarted validator waits.
    mutating func restart(at now: Instant) -> [ConsensusEffect] {
        var effects = reboot(at: now)
        effects += fire(.restart, at: now)
        effects += fire(.restart, at: now)
        return effects
    }
}
