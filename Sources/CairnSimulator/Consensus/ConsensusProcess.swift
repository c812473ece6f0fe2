import CairnBase
public import CairnConsensus
import CairnWire

/// A node of the simulated chain: the real core, and around it what the real shell does, on simulated disks and links.
///
/// Honest and lying servers are the same process. What makes a liar is a `Lie`, which stands between its core and the
/// network; its core runs without a disk, because a liar owes nobody its memory.
public struct ConsensusProcess: SimulatedProcess {
    public typealias Message = ConsensusTraffic

    /// What checkers are told, which no peer sees.
    public enum Observation: Sendable {
        /// With the body of the block it is for, where the process has seen it.
        case signed(Vote, of: Payload?)
        case archived(VerifiedCertificate)
        case committed([Block], VerifiedCertificate)
        case epochBegan(EpochPlan)
        case evidence(Evidence)
        case stopped(StopReason)
        case position(ChainPosition)
    }

    let world: ConsensusWorld
    let id: ProcessID
    var core: Consensus<MixHash>
    var verifier: MessageVerifier<MixHash, KeyedHashScheme>
    var chain = SimulatedChain()
    var disk: ConsensusDisk
    var lie: Lie?
    var random: SeededRandom
    /// Blocks seen in proposals and in the log, for those who ask.
    var known = OrderedMap<Digest, Block>()
    var timers = OrderedMap<TimerID, ConsensusTimer>()
    var nextTimer: TimerID = 0
    var twin: Twin?
    private var inputs: [ConsensusInput] = []
    /// The wall clock of the event under way.
    var unixMilliseconds: UInt64 = 0

    init(world: ConsensusWorld, setup: ProcessSetup) {
        self.world = world
        id = setup.id
        random = setup.random
        lie = world.liars[setup.id.index]
        core = Self.core(world, setup.id, world.firstPlan, rules: world.rules)
        verifier = world.verifier(around: Epoch(0))
        disk = ConsensusDisk()
    }

    static func core(
        _ world: ConsensusWorld, _ id: ProcessID, _ plan: EpochPlan, rules: Rules
    ) -> Consensus<MixHash> {
        Consensus(
            chain: world.chain, key: world.validators[id.index].key, plan: plan, parameters: world.parameters,
            hash: world.hash, rules: rules)
    }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        unixMilliseconds = now.unixMilliseconds
        switch event {
        case .started(let image): start(from: image, at: now.monotonic, into: &effects)
        case .message(let sender, let message): receive(message, from: sender, at: now.monotonic, into: &effects)
        case .timer(let timer):
            if var twin, twin.owns(timer) {
                twin.fire(timer, as: self, at: now.monotonic, into: &effects)
                self.twin = twin
                return
            }
            guard let due = timers.removeValue(forKey: timer) else { return }
            feed(.timer(due), at: now.monotonic, into: &effects)
        case .disk(let token, let result): finish(token, result, at: now.monotonic, into: &effects)
        }
    }

    // MARK: - Messages

    private mutating func receive(
        _ message: ConsensusTraffic, from sender: ProcessID, at now: Instant, into effects: inout [Effect]
    ) {
        guard disk.isReady else { return }
        if lie != nil { overhear(message, into: &effects) }
        switch message {
        case .consensus(let message): receive(message, from: sender, at: now, into: &effects)
        case .wantBlock(let digest):
            if let block = known[digest] ?? chain.block(digest) { effects.append(.send(to: sender, .block(block))) }
        case .block(let block): feed(.blocks([block]), at: now, into: &effects)
        case .wantHistory(let height):
            if let episode = chain.history(from: height, epochLength: world.parameters.epochLength) {
                effects.append(.send(to: sender, .history(episode)))
            }
        case .history(let episode): catchUp(episode, at: now, into: &effects)
        }
    }

    private mutating func receive(
        _ message: ConsensusMessage, from sender: ProcessID, at now: Instant, into effects: inout [Effect]
    ) {
        let node = world.validators[sender.index].node
        // What the core would not use, or has seen checked, costs nothing: as at the real edge.
        let lean = core.lean(message)
        // ORDER: asked for members only.
        let held = Set(core.held(of: lean))
        if world.cost.verify > .zero {
            effects.append(.compute(world.cost.verify * UInt64(lean.signatureCount - held.count)))
        }
        do {
            let verified = try verifier.verify(lean) { held.contains($0) }
            if case .proposal(let proposal) = verified.body { known[proposal.digest] = proposal.block }
            feed(.message(verified, from: node), at: now, into: &effects)
        } catch {
            if case .unknownEpoch = error { feed(.position(message.position, from: node), at: now, into: &effects) }
        }
    }

    // MARK: - The core

    /// Inputs that arise while effects are carried out wait until all of those are: what the core asked for first
    /// happens first.
    mutating func feed(_ input: ConsensusInput, at now: Instant, into effects: inout [Effect]) {
        inputs.append(input)
        guard inputs.count == 1 else { return }
        while let next = inputs.first {
            var wanted: [ConsensusEffect] = []
            core.handle(next, at: now, into: &wanted)
            if var twin {
                twin.overhear(next, as: self, at: now, into: &effects)
                self.twin = twin
            }
            perform(wanted, at: now, into: &effects)
            inputs.removeFirst()
        }
    }

    private mutating func perform(_ wanted: [ConsensusEffect], at now: Instant, into effects: inout [Effect]) {
        for effect in wanted {
            switch effect {
            case .persist(let persist): self.persist(persist, at: now, into: &effects)
            case .send(let outbound, let node):
                guard let target = world.process(of: node) else { continue }
                speak(outbound.message(at: core.position), to: [target], into: &effects)
            case .broadcast(let outbound), .scatter(let outbound):
                speak(outbound.message(at: core.position), to: committee, into: &effects)
            case .answerStatus(let answer, let node):
                guard let target = world.process(of: node) else { continue }
                let signature = sign(answer.statement.signedBytes(chain: world.chain))
                let message = ConsensusMessage(position: core.position, body: .status(answer.signed(signature)))
                speak(message, to: [target], into: &effects)
            case .setTimer(let timer, let at):
                timers[nextTimer] = timer
                effects.append(.setTimer(nextTimer, at: at))
                nextTimer += 1
            case .requestPayload(let request): feed(.payloadReady(offer(request)), at: now, into: &effects)
            case .validatePayload(let block, let digest):
                feed(.payloadValidated(digest, isValid: world.isValid(block.payload)), at: now, into: &effects)
            case .fetchBlock(let digest): fetch(digest, at: now, into: &effects)
            case .synchronise(let from, _): broadcast(.wantHistory(from: from.height.next), into: &effects)
            case .archive(let certificate): effects.append(.observe(.archived(certificate)))
            case .commit(let commit):
                execute(commit.blocks, commit.finalization, path: commit.path, into: &effects)
            case .epochEnded: beginEpoch(at: now, into: &effects)
            case .serveHistory(let request, let node):
                guard let target = world.process(of: node), let end = chain.ends[request.epoch] else { continue }
                let message = ConsensusMessage(position: core.position, body: .certificates([end]))
                speak(message, to: [target], into: &effects)
            case .evidence(let evidence): effects.append(.observe(.evidence(evidence)))
            case .penalise: effects.append(.note("penalised", 1))
            case .stopVoting(let reason): effects.append(.observe(.stopped(reason)))
            }
        }
        effects.append(.observe(.position(core.position)))
    }

    var committee: [ProcessID] {
        world.committee(of: core.position.epoch).members.compactMap { world.process(of: $0.node) }.filter { $0 != id }
    }

    func sign(_ message: [UInt8]) -> Signature {
        world.signingKeys[id.index].sign(message)
    }

    func offer(_ request: PayloadRequest) -> PayloadOffer {
        world.offer(request, by: id.index, unixMilliseconds: unixMilliseconds)
    }

    var isHonest: Bool { lie == nil }

    /// Everything a node says goes through here: a liar's lie decides what becomes of it.
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], into effects: inout [Effect]) {
        guard var lie else {
            let traffic = ConsensusTraffic.consensus(message)
            for target in targets { effects.append(.send(to: target, traffic)) }
            return
        }
        lie.speak(message, to: targets, as: self, random: &random, into: &effects)
        self.lie = lie
    }

    private mutating func overhear(_ message: ConsensusTraffic, into effects: inout [Effect]) {
        guard var lie, case .consensus(let message) = message else { return }
        lie.overhear(message, as: self, random: &random, into: &effects)
        self.lie = lie
    }

    func broadcast(_ message: ConsensusTraffic, into effects: inout [Effect]) {
        for index in 0..<world.cluster.servers where index != id.index {
            effects.append(.send(to: ProcessID(index), message))
        }
    }

    private mutating func fetch(_ digest: Digest, at now: Instant, into effects: inout [Effect]) {
        if let block = known[digest] ?? chain.block(digest) {
            feed(.blocks([block]), at: now, into: &effects)
        } else {
            broadcast(.wantBlock(digest), into: &effects)
        }
    }
}

extension ConsensusMessage {
    var signatureCount: Int {
        switch body {
        case .proposal(let proposal): 2 + proposal.certificates.reduce(0) { $0 + $1.signatures.count }
        case .votes(let votes): votes.count
        case .certificates(let certificates): certificates.reduce(0) { $0 + $1.signatures.count }
        case .certificateRequest, .statusRequest: 0
        case .status(let status): 1 + (status.entry?.signatures.count ?? 0) + status.votesOfAsker.count
        }
    }
}
