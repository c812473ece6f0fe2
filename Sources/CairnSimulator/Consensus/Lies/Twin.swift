import CairnBase
import CairnConsensus

/// The first of two nodes under one key: it speaks to one half. The other half hears its twin.
struct TwinSpeaker: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        liar.say(message, to: liar.halves(targets).left)
    }
}

/// The second core of a twin. It hears what the first hears and knows nothing of what the first has signed.
struct Twin: Sendable {
    private var core: Consensus<MixHash>
    private var timers = OrderedMap<TimerID, ConsensusTimer>()
    /// Far from the first core's numbers.
    private var nextTimer: TimerID = 1 << 40

    init(_ core: Consensus<MixHash>) {
        self.core = core
    }

    mutating func overhear(
        _ input: ConsensusInput, as process: ConsensusProcess, at now: Instant,
        into effects: inout [ConsensusProcess.Effect]
    ) {
        switch input {
        case .start, .message, .met, .position, .blocks, .synchronised, .epochReady:
            handle(input, as: process, at: now, into: &effects)
        case .timer, .persisted, .payloadReady, .payloadValidated: break
        }
    }

    func owns(_ timer: TimerID) -> Bool { timers.contains(timer) }

    mutating func fire(
        _ timer: TimerID, as process: ConsensusProcess, at now: Instant, into effects: inout [ConsensusProcess.Effect]
    ) {
        guard let due = timers.removeValue(forKey: timer) else { return }
        handle(.timer(due), as: process, at: now, into: &effects)
    }

    private mutating func handle(
        _ input: ConsensusInput, as process: ConsensusProcess, at now: Instant,
        into effects: inout [ConsensusProcess.Effect]
    ) {
        var inputs = [input]
        while !inputs.isEmpty {
            var wanted: [ConsensusEffect] = []
            core.handle(inputs.removeFirst(), at: now, into: &wanted)
            for effect in wanted {
                inputs += answers(to: effect, as: process)
                perform(effect, as: process, into: &effects)
            }
        }
    }

    /// What the twin's core is told at once, because a twin has neither disk nor scruples.
    private func answers(to effect: ConsensusEffect, as process: ConsensusProcess) -> [ConsensusInput] {
        switch effect {
        case .persist(let persist):
            let signature = persist.sign.map { process.sign($0.signedBytes(chain: process.world.chain)) }
            return [.persisted(token: persist.token, signature: signature)]
        case .requestPayload(let request):
            let offer = process.offer(request)
            return [
                .payloadReady(
                    PayloadOffer(
                        epoch: offer.epoch, view: offer.view, payload: Payload(bytes: offer.payload.bytes + [2]),
                        time: offer.time, output: offer.output, proof: offer.proof))
            ]
        case .validatePayload(let block, let digest):
            return [.payloadValidated(digest, isValid: process.world.isValid(block.payload))]
        case .fetchBlock(let digest):
            guard let block = process.known[digest] ?? process.chain.block(digest) else { return [] }
            return [.blocks([block])]
        default: return []
        }
    }

    private mutating func perform(
        _ effect: ConsensusEffect, as process: ConsensusProcess, into effects: inout [ConsensusProcess.Effect]
    ) {
        switch effect {
        case .send(let outbound, let node):
            guard let target = process.world.process(of: node) else { return }
            say(outbound, to: [target], as: process, into: &effects)
        case .broadcast(let outbound), .scatter(let outbound):
            say(outbound, to: process.committee, as: process, into: &effects)
        case .setTimer(let timer, let at):
            timers[nextTimer] = timer
            effects.append(.setTimer(nextTimer, at: at))
            nextTimer += 1
        default: break
        }
    }

    private func say(
        _ outbound: Outbound, to targets: [ProcessID], as process: ConsensusProcess,
        into effects: inout [ConsensusProcess.Effect]
    ) {
        let stage = Liar(process: process, random: process.random)
        for target in stage.halves(targets).right {
            effects.append(.send(to: target, .consensus(outbound.message(at: core.position))))
        }
    }
}
