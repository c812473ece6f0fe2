import CairnBase
import CairnConsensus
import CairnCrypto
import CairnSimulator

/// One core on a stage: the test plays everyone else, and the disk.
struct Stage {
    let bench: Bench
    let seat: Int
    var core: Consensus<Blake2b>
    var now = Instant.origin
    /// Everything the core asked for since it was last looked at.
    var effects: [ConsensusEffect] = []
    /// What a disk that never fails would hold.
    var log = Recovered()
    var unanswered: [Persist] = []
    var persistsAtOnce = true
    var validatesAtOnce = true
    var timers: [(timer: ConsensusTimer, at: Instant)] = []

    init(
        _ bench: Bench, seat: Int, rules: Rules = .all, pace: TimeSpan = .zero, epochLength: UInt64 = 600,
        starting: Bool = true
    ) {
        self.bench = bench
        self.seat = seat
        core = bench.core(seat, rules: rules, pace: pace, epochLength: epochLength)
        if starting { handle(.start(recovered: nil, nonce: 1)) }
    }

    mutating func handle(_ input: ConsensusInput) {
        var batch: [ConsensusEffect] = []
        core.handle(input, at: now, into: &batch)
        for effect in batch {
            effects.append(effect)
            switch effect {
            case .persist(let persist):
                unanswered.append(persist)
                if persistsAtOnce { settle() }
            case .validatePayload(_, let digest) where validatesAtOnce:
                handle(.payloadValidated(digest, isValid: true))
            case .requestPayload(let request):
                let key = bench.seat(seat).randomnessKey
                let (output, proof) = bench.keys.prove(request.randomnessInput, as: key)
                handle(
                    .payloadReady(
                        PayloadOffer(
                            epoch: request.epoch, view: request.view, payload: Payload(bytes: [7]), time: 5_000,
                            output: output, proof: proof)))
            case .setTimer(let timer, let at): timers.append((timer, at))
            default: break
            }
        }
    }

    /// The disk is done with everything it was given.
    mutating func settle() {
        while !unanswered.isEmpty {
            let persist = unanswered.removeFirst()
            for record in persist.records {
                switch record {
                case .certificate(let certificate): log.certificates.append(certificate)
                case .block(let block): log.blocks.append(block)
                case .retired: log.isRetired = true
                }
            }
            let vote = persist.sign.map { bench.sign($0, by: seat) }
            if let vote { log.votes.append(vote) }
            handle(.persisted(token: persist.token, signature: vote?.signature))
        }
    }

    mutating func receive(_ body: ConsensusMessage.Body, from sender: Int, at position: ChainPosition? = nil) throws {
        let message = ConsensusMessage(position: position ?? core.position, body: body)
        handle(.message(try bench.verifier.verify(message), from: bench.seat(sender).node))
    }

    mutating func receive(_ certificates: Certificate...) throws {
        try receive(.certificates(certificates), from: seat == 0 ? 1 : 0)
    }

    mutating func receive(_ votes: Vote...) throws {
        for vote in votes { try receive(.votes([vote]), from: Int(vote.voter.number)) }
    }

    mutating func receive(_ block: Block, certificates: [Certificate] = []) throws {
        try receive(
            .proposal(bench.proposal(block, certificates: certificates)), from: Int(block.header.leader.number))
    }

    /// Lets time pass, firing the timers that fall due, in order.
    mutating func pass(_ span: TimeSpan) {
        let end = now + span
        while let next = timers.filter({ $0.at <= end }).min(by: { $0.at < $1.at }) {
            timers.removeAll { $0.timer == next.timer && $0.at == next.at }
            now = max(now, next.at)
            handle(.timer(next.timer))
        }
        now = end
    }

    /// The statements it asked to have signed.
    var signed: [VoteStatement] {
        effects.compactMap { if case .persist(let persist) = $0 { persist.sign } else { nil } }
    }

    func hasSigned(_ kind: VoteKind, _ view: UInt64) -> Bool {
        signed.contains { $0.kind == kind && $0.view == View(view) }
    }

    /// Every vote that left the node.
    var sent: [Vote] {
        effects.flatMap { effect -> [Vote] in
            switch effect {
            case .broadcast(.votes(let votes)), .scatter(.votes(let votes)), .send(.votes(let votes), _):
                votes.map(\.vote)
            default: []
            }
        }
    }

    var committed: [Block] {
        effects.flatMap { if case .commit(let commit) = $0 { commit.blocks } else { [Block]() } }
    }

    var evidence: [Evidence] {
        effects.compactMap { if case .evidence(let evidence) = $0 { evidence } else { nil } }
    }

    var persists: [Persist] {
        effects.compactMap { if case .persist(let persist) = $0 { persist } else { nil } }
    }

    var epochEnds: [EpochEnd] {
        effects.compactMap { if case .epochEnded(let end) = $0 { end } else { nil } }
    }

    var statusAnswers: [StatusAnswer] {
        effects.compactMap { if case .answerStatus(let answer, _) = $0 { answer } else { nil } }
    }

    var stopReason: StopReason? {
        effects.compactMap { if case .stopVoting(let reason) = $0 { reason } else { nil } }.first
    }

    var certificateRequests: [CertificateRequest] {
        effects.compactMap { if case .broadcast(.certificateRequest(let request)) = $0 { request } else { nil } }
    }

    /// The node is killed and starts again from what its disk holds.
    mutating func restart(
        rules: Rules = .all, epochLength: UInt64 = 600, loses: (inout Recovered) -> Void = { _ in }
    ) {
        var recovered = log
        loses(&recovered)
        core = bench.core(seat, rules: rules, epochLength: epochLength)
        effects = []
        timers = []
        unanswered = []
        handle(.start(recovered: recovered, nonce: 2))
    }
}
