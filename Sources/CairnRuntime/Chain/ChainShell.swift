import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads
import CairnWire
import CairnWitness

/// A node's part in a chain, in the real world: carries out what the node's core wants done.
///
/// The loop owns the core. Two threads stand beside it: one executes final blocks in the database, one signs and syncs.
/// Their answers come back as inputs. Messages go to peers at once; a vote leaves only when its signature has come back
/// from the signing thread, which is after it is durable. A failure of either disk stops the node with a sentence.
public final class ChainShell {
    typealias Core = NodeCore<Blake2b>
    private typealias Checker = Worker<VerifyDesk.Question, VerifyDesk.Reply>

    let loop: EventLoop
    let network: PeerNetwork
    let configuration: ChainConfiguration
    let chain: ChainID
    let hash = Blake2b()
    let log: Logger
    var core: Core
    var verifier: MessageVerifier<Blake2b, SodiumConsensus>
    /// Messages of peers that wait to be checked.
    private var backlog = VerifyBacklog()
    /// How often something was dropped because too much waited to be checked.
    private(set) var unchecked: [VerifyDesk.Subject: UInt64] = [:]
    /// What votes wait for, and the rest.
    private var checkers: (urgent: Checker?, other: Checker?)
    private var signer: Worker<SignDesk.Job, SignDesk.Answer>?
    private var store: Worker<StoreDesk.Job, StoreDesk.Answer>?
    private(set) var snapshots: Snapshots?
    private let recovered: Recovered?
    /// What the journal of the pool held at the start.
    private var journaled: [Transaction]
    private var effects: [NodeEffect] = []
    private var isBusy = false
    private var waiting: [NodeInput] = []
    private(set) var isStopped = false
    /// Which rows of the database are known to be damaged.
    var scrub: ChainScrub

    /// The peers of this chain that are connected.
    var peers: OrderedSet<NodeID> = []
    private var tickets = Tickets<SubmissionAnswer>()
    private var questions = Tickets<JSON?>()
    /// Peers that wait for a part of the past, and blocks that we wait for.
    var served = ServedQuestions<HistoryAnswer?>()
    var fetches: [BlockFetch] = []
    var publications = Tickets<VerifyDesk.PublishedVerdict>()
    var pubSub: PubSubShell?
    /// The calendar, for what is said to others.
    var wall: () -> WallTime = { Clock.wall() }
    /// Whether it is tested here that others catch a validator that votes twice.
    var equivocates: () -> Bool = { false }
    /// How often another validator was seen to contradict itself.
    var contradictions: UInt64 = 0
    var evidence: EvidenceKeeper
    /// Carries votes by datagram.
    var mesh: MeshShell?
    /// The highest block whose finality was announced by topic.
    var announced = Height.genesis
    private var recent: [BlockSummary] = []
    var adopted = AdoptedVerdicts()
    private var headSince: Instant
    private var rate = BlockRate()
    private(set) var blockClock = BlockClock()
    private(set) var tally = BlockTally()
    /// The keys of this node's devices, whose pay it tells of.
    var devices: [PublicKey] = [] { didSet { lookUpPay() } }
    var pay = OwnPayTotals()
    private var stopReason: String?
    private var hasVoted = false
    /// Called once when the node cannot go on; the sentence is for the operator.
    public var onFailure: ((ChainFailure) -> Void)?
    /// Called for every block that was executed here.
    public var onBlock: ((BlockSummary) -> Void)?

    /// Called for every block that was executed here, before `onBlock`: what a gateway follows the chain by.
    var onCoverage: ((ExecutedBlock) -> Void)?
    /// Called when it is a witness's turn in a round of storage.
    var onAudit: ((AuditEffect) -> Void)?
    /// Called for the verdicts that a block adopted, before `onBlock`.
    var onVerdicts: (([Verdict], Height) -> Void)?
    /// Called for every block that was executed here: the clock of whoever keeps shards for the chain.
    var onExecuted: ((Height) -> Void)?
    /// Called with what the chain says of this node's shards, when that has changed.
    var onHoldings: ((HolderView) -> Void)?
    var onSealed: ((SealedView) -> Void)?
    /// What a gateway must know when it starts.
    let coverage: CoveragePast

    private static let recentCount = 16

    /// Opens what is on disk, blocking; nothing is sent before `start`.
    public init(
        on loop: EventLoop, network: PeerNetwork, _ configuration: ChainConfiguration, log: Logger
    ) throws(ChainFailure) {
        self.loop = loop
        self.network = network
        self.configuration = configuration
        self.log = log
        headSince = loop.now
        let opened = try OpenedChain(configuration)
        chain = opened.chain
        recent = opened.head.map { [$0] } ?? []
        recovered = opened.recovered
        journaled = opened.journal.entries.map(\.transaction)
        if let missing = opened.missing {
            log.warn(
                "the database ends before a block that the sign log knows to be final: fetching what is missing",
                [
                    "height": .ordinal(opened.executed.height), "epoch": .ordinal(missing.epoch),
                    "view": .ordinal(missing.view),
                ])
        }
        let parameters = configuration.genesis.parameters
        let consensus = Consensus(
            chain: opened.chain, key: configuration.keys?.vote, plan: opened.plan,
            parameters: ConsensusParameters(
                pace: .milliseconds(parameters[.blockPace]), epochLength: parameters[.epochBlocks]),
            hash: Blake2b())
        core = Core(
            chain: opened.chain, consensus: consensus, executed: opened.executed, coverage: opened.coverage,
            hash: Blake2b())
        coverage = opened.coverage
        verifier = Self.verifier(chain: opened.chain, epochs: opened.knownEpochs)
        scrub = ChainScrub(
            configuration.scrub,
            Self.scrubFile(in: configuration.directory, log: log)
                .read(ScrubPosition.self, limit: ScrubPosition.byteLimit))
        evidence = EvidenceKeeper(EvidenceFile(home: configuration.directory))
        try startWorkers(opened)
        network.handler = self
    }

    /// Enters consensus. Peers may be connected before or after.
    public func start() {
        log.info("chain ready", ["height": .ordinal(core.executed), "chain": .id(chain)])
        handle(.consensus(.start(recovered: recovered, nonce: SecureRandom.seed())))
        for transaction in journaled { receive(transaction, byteCount: transaction.encoded.count, from: nil) }
        journaled = []
        lookUpPay()
        scrubLater()
    }

    /// Finishes what is being written, and does nothing more.
    public func stop() {
        guard !isStopped else { return }
        // Refused only where too much waits, and then a later start writes it.
        _ = ask(.settle)
        saveScrub()
        isStopped = true
        checkers.urgent?.finish()
        checkers.other?.finish()
        signer?.finish()
        store?.finish()
        snapshots?.finish()
    }

    /// Nil when this node is with the others.
    var progress: SyncProgress? {
        SyncProgress(
            to: core.syncTarget(at: loop.now), from: core.executed,
            rate: rate.perThousandSeconds(at: core.executed, loop.now))
    }

    /// The shortest time between two blocks.
    var pace: TimeSpan { core.consensus.parameters.pace }

    public var status: ChainStatus {
        ChainStatus(
            chain: chain, network: configuration.genesis.network, isValidator: configuration.keys != nil,
            hasVoted: hasVoted, stopped: stopReason, epoch: core.consensus.position.epoch,
            view: core.consensus.position.view,
            recent: recent, connected: peers.count, height: core.executed, poolCount: core.pool.count,
            committeeSize: core.consensus.committee.count, headSince: headSince)
    }

    /// Offers a transaction, as its bytes; the answer comes with a later turn.
    public func submit(_ bytes: [UInt8], _ answer: @escaping (SubmissionAnswer) -> Void) {
        guard let transaction = try? Transaction.decode(bytes, limit: Limits.Ledger().transaction) else {
            return answer(.malformed)
        }
        guard transaction.chainPrefix == chain.prefix else { return answer(.otherChain) }
        guard let ticket = tickets.open(answer) else { return answer(.busy) }
        let job = VerifyDesk.Job.transaction(transaction, byteCount: bytes.count, ticket: ticket)
        if !verify(job, bytes.count, from: nil) { self.answer(ticket, .busy) }
    }

    func admit(_ transaction: Verified<Transaction>, byteCount: Int, ticket: UInt64) {
        if !ask(.admit(transaction, byteCount: byteCount, ticket: ticket)) { answer(ticket, .busy) }
    }

    /// Looks something up on the store's thread and answers with a later turn; nil when too much is being looked up.
    func read(
        _ question: @escaping @Sendable (ChainStore) throws(StoreError) -> JSON, _ answer: @escaping (JSON?) -> Void
    ) {
        guard let ticket = questions.open(answer) else { return answer(nil) }
        if !ask(.read(question, ticket: ticket)) { questions.close(ticket)?(nil) }
    }

    /// Has signatures checked; false when too much of this peer's, or of everyone's, waits already.
    @discardableResult
    func verify(_ job: VerifyDesk.Job, _ byteCount: Int, from peer: NodeID?) -> Bool {
        guard !isStopped, let checker = job.isUrgent ? checkers.urgent : checkers.other else { return false }
        if let peer, !backlog.take(byteCount, from: peer) {
            unchecked[job.subject, default: 0] += 1
            return false
        }
        let question = VerifyDesk.Question(job: job, peer: peer, byteCount: byteCount)
        if checker.submit(question) { return true }
        if let peer { backlog.done(byteCount, from: peer) }
        unchecked[job.subject, default: 0] += 1
        return false
    }

    func openTicket(_ answer: @escaping (SubmissionAnswer) -> Void) -> UInt64? { tickets.open(answer) }

    func answer(_ ticket: UInt64, _ answer: SubmissionAnswer) {
        let waiting = tickets.close(ticket)
        waiting?(answer)
    }

    /// Has a part of the past looked up by whoever has it; false when too much is being looked up.
    private func serve(_ request: HistoryRequest, _ ticket: UInt64) -> Bool {
        switch request {
        case .snapshot, .chunk: snapshots?.desk.submit(.serve(request, ticket: ticket)) == true
        default: ask(.serve(request, ticket: ticket))
        }
    }

    /// Hands work to the store's thread; false when it has too much already.
    @discardableResult
    func ask(_ job: StoreDesk.Job) -> Bool {
        guard !isStopped, let store, store.submit(job) else { return false }
        return true
    }

    /// Lets the core take one step, and the steps that its effects call for at once.
    func handle(_ input: NodeInput) {
        guard !isStopped else { return }
        waiting.append(input)
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        while !waiting.isEmpty, !isStopped {
            let next = waiting.removeFirst()
            core.handle(next, at: loop.now, into: &effects)
            let wanted = effects
            effects.removeAll(keepingCapacity: true)
            for effect in wanted { carryOut(effect) }
        }
    }

    private func carryOut(_ effect: NodeEffect) {
        switch effect {
        case .consensus(let effect): carryOut(effect)
        case .seal(let request, let payload): seal(request, payload)
        case .verify(let block, let transactions):
            // When too much waits, the proposal does too: it is judged no further, and its view may pass.
            verify(.payload(block: block, transactions), 0, from: nil)
        case .execute(let block):
            if let proof = block.proof { announce(proof.finalization) }
            if !ask(.execute(block)) { fail(.overloaded) }
        case .relay(let transaction): relay(transaction.value)
        case .answer(let ticket, let answer): self.answer(ticket, .pool(answer))
        case .send(let message, let node): send(message, to: node)
        case .ask(let request, let node): ask(request, of: node)
        case .reply(let answer, let ticket): reply(answer, ticket)
        case .serve(let request, let ticket): if !serve(request, ticket) { reply(nil, ticket) }
        case .follow(let guide, let handoffs, let node):
            guard !verify(.handoffs(guide, handoffs, from: node), 0, from: nil) else { break }
            // Too much waits to be checked: as if they had led nowhere, so that they are asked for again.
            handle(.followed(HandoffCheck([], by: node, after: guide, hash: hash, using: SodiumConsensus())))
        case .coverage(let effect): carryOut(effect)
        case .audit(let effect): carryOut(effect)
        case .refusedVerdicts(let block, let fault):
            log.warn("no vote for a block's verdicts", ["block": .id(block), "reason": .text("\(fault)")])
        case .distrust(let node):
            log.warn("a peer lied about the past", ["peer": .id(node)])
            network.disconnect(node, because: "it sent a part of the chain that is not true")
        case .repair(let block, let digest): ask(.repair(block, digest: digest))
        case .setTimer(let timer, let instant):
            loop.at(instant) { [weak self] in self?.handle(.timer(timer)) }
        }
    }

    private func carryOut(_ effect: ConsensusEffect) {
        switch effect {
        case .persist(let persist):
            if signer?.submit(.persist(persist)) != true { fail(.overloaded) }
        case .send(let outbound, let node):
            send(.consensus(outbound.message(at: core.consensus.position)), to: node)
        case .broadcast(let outbound): broadcast(.consensus(outbound.message(at: core.consensus.position)))
        case .scatter(let outbound):
            let message = outbound.message(at: core.consensus.position)
            scatter(message)
            if equivocates() { contradict(message) }
        case .answerStatus(let answer, let node): _ = signer?.submit(.status(answer, to: node))
        case .setTimer(let timer, let instant):
            loop.at(instant) { [weak self] in self?.handle(.consensus(.timer(timer))) }
        case .serveHistory(let request, let node): ask(.epochEnd(request.epoch, to: node))
        case .evidence(let evidence): keep(evidence)
        case .penalise(let node, let misbehaviour):
            log.warn("bad proposal", ["peer": .id(node), "reason": .text("\(misbehaviour)")])
        case .stopVoting(let reason): stopVoting(reason)
        case .archive, .epochEnded: break
        case .requestPayload, .validatePayload, .commit, .fetchBlock, .synchronise:
            invariant(false, "the node's core answers this itself")
        }
    }

    /// Adds to a block that we lead what the core cannot know: the time and the proof of its randomness.
    private func seal(_ request: PayloadRequest, _ payload: Payload) {
        guard let keys = configuration.keys else { return }
        blockClock.lead(request.epoch, request.view)
        let (proof, output) = keys.identity.vrf.prove(request.randomnessInput)
        handle(
            .consensus(
                .payloadReady(
                    PayloadOffer(
                        epoch: request.epoch, view: request.view, payload: payload,
                        time: wall().millisecondsSince1970,
                        output: output, proof: RandomnessProof(proof)))))
    }

    private func stopVoting(_ reason: StopReason) {
        stopReason = "\(reason)"
        log.error("this validator votes no more", ["reason": .text("\(reason)")])
        onFailure?(.doubleSignGuard("\(reason)"))
    }

    private func verifying(_ name: String) throws(SystemError) -> Checker {
        try Worker(
            name: name, on: loop, capacity: 16_384,
            makeWork: { [chain] in
                let desk = VerifyDesk(chain: chain)
                return { desk.reply(to: $0) }
            },
            complete: { [weak self] reply in
                if let peer = reply.peer { self?.backlog.done(reply.byteCount, from: peer) }
                self?.answered(reply.answer)
            })
    }

    private func startWorkers(_ opened: OpenedChain) throws(ChainFailure) {
        do throws(SystemError) {
            checkers = (try verifying("verify"), try verifying("verify-other"))
            let desk = HandedOver(
                StoreDesk(
                    opened.store, journal: opened.journal, executor: opened.executor,
                    home: configuration.makesSnapshots ? configuration.directory : nil))
            store = try Worker(
                name: "store", on: loop, capacity: 4_096, makeLateWork: { { desk.value.handle($0) } },
                complete: { [weak self] in self?.answered($0) })
            snapshots = try openSnapshots(of: opened.chain)
            if let log = opened.signLog, let keys = configuration.keys {
                let desk = HandedOver(SignDesk(chain: opened.chain, keys: keys, log: log))
                signer = try Worker(
                    name: "sign", on: loop, capacity: 1_024, makeWork: { { desk.value.handle($0) } },
                    complete: { [weak self] in self?.answered($0) })
            }
        } catch {
            throw .system(error)
        }
    }

    private func answered(_ answer: SignDesk.Answer) {
        switch answer {
        case .durable(let token, let signature):
            if signature != nil { hasVoted = true }
            handle(.consensus(.persisted(token: token, signature: signature)))
        case .status(let status, let node):
            send(.consensus(ConsensusMessage(position: core.consensus.position, body: .status(status))), to: node)
        case .failed(let error): fail(.signLog(error))
        }
    }

    private func answered(_ answer: StoreDesk.Answer) {
        switch answer {
        case .executed(let block, let summary, let snapshot):
            executed(block, summary)
            if let snapshot { makeSnapshot(snapshot) }
        case .history(let answer, let ticket): reply(answer, ticket)
        case .epochEnd(let certificate, let node): serveEnd(certificate, to: node)
        case .admitted(let submission): handle(.submit(submission))
        case .refused(let ticket): self.answer(ticket, .busy)
        case .read(let found, let ticket): questions.close(ticket)?(found)
        case .holdings(let view): onHoldings?(view)
        case .sealed(let view): onSealed?(view)
        case .unread(let row, let ticket):
            log.error("a question met a damaged row and has no answer", ["row": .text(row)])
            questions.close(ticket)?(nil)
        case .scrubbed(let step): scrubbed(step)
        case .repaired(let height, let repair): repaired(height, repair)
        case .nothing: break
        case .failed(let error): fail(.store(error))
        }
    }

    private func executed(_ block: ExecutedBlock, _ summary: BlockSummary) {
        recent.append(summary)
        if recent.count > Self.recentCount { recent.removeFirst() }
        headSince = loop.now
        rate.reach(summary.height, at: loop.now)
        blockClock.note(
            summary, at: wall().millisecondsSince1970,
            isNews: core.syncTarget(at: loop.now).map { $0.proven <= summary.height } ?? true)
        if let plan = block.nextEpoch {
            if let checkpoint = configuration.checkpoint, checkpoint.contradicts(plan, using: Blake2b()) {
                return fail(.otherThanCheckpoint(epoch: plan.epoch.number))
            }
            verifier = Self.verifier(
                chain: chain,
                epochs: verifier.epochs.suffix(1) + [.init(epoch: plan.epoch, committee: plan.committee)])
        }
        log.debug(
            "committed",
            [
                "height": .ordinal(summary.height), "view": .ordinal(summary.view),
                "txs": .count(summary.transactionCount), "block": .id(summary.digest),
            ])
        if let stretch = tally.add(summary) {
            log.info(
                "blocks committed",
                [
                    "height": .ordinal(summary.height), "blocks": .count(stretch.blocks),
                    "txs": .count(stretch.transactions), "block": .id(summary.digest),
                ])
        }
        handle(.executed(block))
        writeEvidence()
        if block.nextEpoch != nil { lookUpPay() }
        adopted.add(block.verdicts)
        onCoverage?(block)
        onExecuted?(block.height)
        onVerdicts?(block.verdicts, block.height)
        onBlock?(summary)
    }

    private func serveEnd(_ certificate: Certificate, to node: NodeID) {
        send(
            .consensus(ConsensusMessage(position: core.consensus.position, body: .certificates([certificate]))),
            to: node)
    }

    func fail(_ failure: ChainFailure) {
        guard !isStopped else { return }
        isStopped = true
        log.error("the node stops", ["reason": .text("\(failure)")])
        onFailure?(failure)
    }

    private static func verifier(
        chain: ChainID, epochs: [MessageVerifier<Blake2b, SodiumConsensus>.KnownEpoch]
    ) -> MessageVerifier<Blake2b, SodiumConsensus> {
        MessageVerifier(chain: chain, hash: Blake2b(), cryptography: SodiumConsensus(), epochs: epochs)
    }
}
