import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness

/// A whole node on a simulated machine: the real core, and around it what the real shell does, with its files on a
/// simulated disk.
struct NodeServer: Sendable {
    typealias Effect = NodeProcess.Effect

    enum Due: Sendable {
        case consensus(ConsensusTimer)
        case node(NodeTimer)
        case question(UInt64)
        case transmit(Transmission)
        case scrub
        case late(UInt64)
        case pieceQuestion(UInt64)
        case askPiece(UInt64, PieceQuestion)
        case audit(AuditTimer)
        /// The time has come at which this node is set up.
        case join(DiskImage)
        /// Greets those that have not answered yet.
        case greet
    }

    /// A transaction that a user waits for an answer to.
    struct Admission: Sendable {
        let transaction: Verified<Transaction>
        let user: ProcessID
    }

    struct Question: Sendable {
        let request: HistoryRequest
        let peer: ProcessID
    }

    let world: NodeWorld
    let id: ProcessID
    let incarnation: UInt32
    var core: NodeCore<MixHash>
    var chain: NodeChain
    /// Of the epoch the chain is in, and of the one before where that was left while the node ran.
    var plans: [EpochPlan]
    var verifier: MessageVerifier<MixHash, KeyedHashScheme>
    var disk = NodeDisk()
    var lie: NodeLie?
    var random: SeededRandom
    /// The files are read, their tails durable, and the core started.
    var isReady = false
    var recovered: Recovered?
    var restored: [Transaction] = []
    /// Where the network is one with radio.
    var gateway: Gateway<MixHash>?
    var promises: [Promise] = []
    /// Where the network is one with storage.
    var storage: NodeStorage?
    /// The ticket of the word that this node's custody waits for.
    var speaking: UInt64?
    /// What gateways said that was taken up here.
    var passedOn = BoundedMap<Digest, Instant>(capacity: 4_096, overflow: .dropLowest)
    var links = OrderedMap<ProcessID, UInt32>()
    var timers = OrderedMap<TimerID, Due>()
    var nextTimer: TimerID = 0
    var questions = OrderedMap<UInt64, Question>()
    var served = OrderedMap<UInt64, Question.Asker>()
    var users = OrderedMap<UInt64, Admission>()
    /// Names questions and tickets: other ones in every life, as a link that ended brings no more answers.
    var nextNumber: UInt64
    var inputs: [NodeInput] = []
    /// What this node has seen of validators that vote twice, until the chain has punished them.
    var evidence: [Contradiction] = []
    /// The wall clock of the event under way.
    var unixMilliseconds: UInt64 = 0

    static let questionTime = TimeSpan.seconds(5)
    /// Questions to one peer under one protocol, as the transport has it.
    static let questionsPerPeer = 2
    private static let greeting = TimeSpan.milliseconds(500)

    init(_ world: NodeWorld, _ setup: ProcessSetup) {
        self.world = world
        id = setup.id
        incarnation = setup.incarnation
        nextNumber = UInt64(setup.incarnation) << 32 + 1
        random = setup.random
        lie = world.liars[setup.id.index]
        chain = NodeChain(world)
        let (core, plan) = Self.core(world, setup.id, chain)
        self.core = core
        plans = [plan]
        verifier = world.verifier([plan])
        gateway = Self.gateway(world, setup.id)
        storage = Self.keeper(world, setup)
    }

    static func core(
        _ world: NodeWorld, _ id: ProcessID, _ chain: NodeChain
    ) -> (core: NodeCore<MixHash>, plan: EpochPlan) {
        do {
            let plan = try chain.executor.plan(after: chain.height, on: chain)
            let consensus = Consensus(
                chain: world.chain, key: world.members[id.index].vote.publicKey, plan: plan,
                parameters: world.parameters, hash: world.hash)
            let executed = try chain.executor.anchor(at: chain.height, chain)
            let core = NodeCore(
                chain: world.chain, consensus: consensus, executed: executed, coverage: chain.coveragePast,
                hash: world.hash)
            return (core, plan)
        } catch {
            fatalError("the executed chain has what its next block needs: \(error)")
        }
    }

    mutating func handle(_ event: NodeProcess.Event, at now: ClockReading, into effects: inout [Effect]) {
        unixMilliseconds = now.unixMilliseconds
        switch event {
        case .started(let image):
            if incarnation == 0, let wait = world.joiners[id.index] {
                return set(.join(image), at: now.monotonic + wait, into: &effects)
            }
            start(from: image, at: now.monotonic, into: &effects)
        case .message(let sender, let message):
            guard isReady else { return }
            receive(message, from: sender, at: now.monotonic, into: &effects)
        case .timer(let timer):
            guard let due = timers.removeValue(forKey: timer) else { return }
            fire(due, at: now.monotonic, into: &effects)
        case .disk(let token, let result): finish(token, result, at: now.monotonic, into: &effects)
        }
    }

    private mutating func fire(_ due: Due, at now: Instant, into effects: inout [Effect]) {
        switch due {
        case .consensus(let timer): feed(.consensus(.timer(timer)), at: now, into: &effects)
        case .node(let timer): feed(.timer(timer), at: now, into: &effects)
        case .question(let number):
            guard let question = questions.removeValue(forKey: number) else { return }
            feed(.unanswered(question.request, by: node(question.peer)), at: now, into: &effects)
        case .transmit(let frame): transmit(frame, into: &effects)
        case .scrub: scrub(at: now, into: &effects)
        case .late(let number): sendLate(number, into: &effects)
        case .pieceQuestion(let number): pieceQuestionOver(number, at: now, into: &effects)
        case .askPiece(let number, let question): askAgain(number, question, at: now, into: &effects)
        case .audit(let timer): tellAudits(.timer(timer), at: now, into: &effects)
        case .greet: greet(at: now, into: &effects)
        case .join(let image):
            effects.append(.note("node.joined", 1))
            start(from: image, at: now, into: &effects)
        }
    }

    mutating func set(_ due: Due, at instant: Instant, into effects: inout [Effect]) {
        timers[nextTimer] = due
        effects.append(.setTimer(nextTimer, at: instant))
        nextTimer += 1
    }

    func node(_ process: ProcessID) -> NodeID { world.members[process.index].keys.node }

    // MARK: - Links

    mutating func greet(at now: Instant, into effects: inout [Effect]) {
        for index in 0..<world.cluster.servers where index != id.index && links[ProcessID(index)] == nil {
            effects.append(.send(to: ProcessID(index), .hello(incarnation: incarnation, isReply: false)))
        }
        set(.greet, at: now + Self.greeting, into: &effects)
    }

    /// Whoever greets with another life than before has lost all that was under way.
    mutating func greeted(
        by peer: ProcessID, _ life: UInt32, isReply: Bool, at now: Instant, into effects: inout [Effect]
    ) {
        guard world.cluster.isServer(peer) else { return }
        if !isReply { effects.append(.send(to: peer, .hello(incarnation: incarnation, isReply: true))) }
        guard links[peer].map({ $0 < life }) ?? true else { return }
        if links[peer] != nil {
            for (number, question) in questions where question.peer == peer {
                questions.removeValue(forKey: number)
                feed(.unanswered(question.request, by: node(peer)), at: now, into: &effects)
            }
            for (number, open) in storage?.questions ?? [:] where open.peer == peer {
                pieceQuestionOver(number, at: now, into: &effects)
            }
            feed(.peerLeft(node(peer)), at: now, into: &effects)
        }
        links[peer] = life
        feed(.peerJoined(node(peer)), at: now, into: &effects)
    }

    /// Everything a node says goes through here: a liar's lie decides what becomes of it.
    mutating func say(_ message: NodeTraffic, to peers: [ProcessID], into effects: inout [Effect]) {
        var message = message
        if let lie {
            guard let said = lie.twisted(message, using: &random) else { return }
            message = said
        }
        for peer in peers { effects.append(.send(to: peer, message)) }
        guard lie == .twoVotes, let second = contradicting(message) else { return }
        for peer in peers { effects.append(.send(to: peer, second)) }
    }

    // MARK: - The core

    /// Inputs that arise while effects are carried out wait until all of those are: what the core asked for first
    /// happens first.
    mutating func feed(_ input: NodeInput, at now: Instant, into effects: inout [Effect]) {
        inputs.append(input)
        guard inputs.count == 1 else { return }
        while let next = inputs.first {
            var wanted: [NodeEffect] = []
            core.handle(next, at: now, into: &wanted)
            for effect in wanted { carryOut(effect, at: now, into: &effects) }
            inputs.removeFirst()
        }
    }
}

extension NodeServer.Question {
    /// Who waits for an answer, and what it calls its question.
    struct Asker: Sendable {
        let peer: ProcessID
        let number: UInt64
    }
}
