import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads
import CairnTransport
import CairnWire

/// Begins the chain of a new home from a snapshot that peers hand over, before the chain is opened.
final class SnapshotFetcher {
    typealias Core = SnapshotSync<Blake2b>

    private let loop: EventLoop
    private let network: PeerNetwork
    private let genesis: Genesis
    private let chain: ChainID
    private let log: Logger
    private var core: Core
    private var effects: [Core.Effect] = []
    private var desk: Worker<FetchDesk.Job, FetchDesk.Answer>?
    private let agent: String
    private let path: String
    private let hash = Blake2b()
    private var isOver = false
    private var toldTenths = 0
    /// Called once: with the head the chain begins with, or with why it begins with genesis.
    var onEnd: ((Result<ChainHead, Core.Ending>) -> Void)?

    init(
        on loop: EventLoop, network: PeerNetwork, _ configuration: ChainConfiguration, _ wish: SnapshotWish, log: Logger
    ) throws(ChainFailure) {
        self.loop = loop
        self.network = network
        self.log = log
        genesis = configuration.genesis
        agent = configuration.agent
        chain = genesis.chain(using: hash)
        let beginning: SnapshotImport.Beginning
        do throws(StateError) {
            var guide = try LightClient(genesis)
            if let checkpoint = configuration.checkpoint { guide.require(checkpoint, hash: hash) }
            core = Core(guide: guide, wish.terms(genesis), hash: hash)
            beginning = try SnapshotImport.Beginning(genesis)
        } catch {
            throw .store(StoreError(error))
        }
        path = SnapshotDraft.place(in: configuration.directory)
        let work = HandedOver(
            FetchDesk(home: configuration.directory, file: path, beginning, space: configuration.space))
        do throws(SystemError) {
            desk = try Worker(
                name: "snapshot", on: loop, capacity: 512, makeWork: { { work.value.handle($0) } },
                complete: { [weak self] in self?.answered($0) })
        } catch {
            throw .system(error)
        }
        network.handler = self
    }

    func start() { handle(.start) }

    /// Chunks that are here, and all there are.
    var progress: (done: Int, all: Int)? { core.progress }

    func close() {
        isOver = true
        desk?.finish()
        SnapshotDraft.remove(path)
    }

    private func handle(_ input: Core.Input) {
        guard !isOver else { return }
        core.handle(input, at: loop.now, into: &effects)
        let wanted = effects
        effects.removeAll(keepingCapacity: true)
        for effect in wanted { carryOut(effect) }
    }

    private func carryOut(_ effect: Core.Effect) {
        switch effect {
        case .ask(let request, let node): ask(request, of: node)
        case .follow(let guide, let handoffs, let node): hand(.follow(guide, handoffs, from: node))
        case .open(let contents):
            log.info(
                "fetching a snapshot of the state",
                ["height": .ordinal(contents.header.height), "chunks": .count(contents.chunks.count)])
            hand(.open(contents))
        case .write(let chunk): hand(.write(chunk))
        case .takeOver(let header, let handoff): hand(.takeOver(header, handoff))
        case .giveUp(let ending): end(.failure(ending))
        case .distrust(let node):
            log.warn("a peer lied about the past", ["peer": .id(node)])
            network.disconnect(node, because: "it sent a part of the chain that is not true")
        case .setTimer(let instant): loop.at(instant) { [weak self] in self?.handle(.timer) }
        }
    }

    private func hand(_ job: FetchDesk.Job) {
        let taken = desk?.submit(job) == true
        invariant(taken, "a fetch has fewer chunks on their way than its desk takes")
    }

    private func answered(_ answer: FetchDesk.Answer) {
        switch answer {
        case .followed(let check): handle(.followed(check))
        case .opened: handle(.opened)
        case .notOpened(let error):
            log.warn("a snapshot cannot be fetched", ["reason": .text("\(error)")])
            handle(.notOpened)
        case .written:
            handle(.written)
            if let (done, all) = core.progress, all > 0, done * 10 / all > toldTenths {
                toldTenths = done * 10 / all
                log.info("fetching a snapshot of the state", ["done": .count(done), "chunks": .count(all)])
            }
        case .tookOver(let head): end(.success(head))
        case .failed(let error):
            log.warn("nothing comes of a snapshot", ["reason": .text("\(error)")])
            handle(.failed(isLie: error.isLie))
        }
    }

    private func end(_ result: Result<ChainHead, Core.Ending>) {
        guard !isOver else { return }
        isOver = true
        onEnd?(result)
    }
}

// MARK: - Peers

extension SnapshotFetcher: PeerNetworkHandler {
    var peerHello: PeerHello? {
        PeerHello(
            chain: chain, network: genesis.network, agent: agent, height: .genesis,
            time: Clock.wall().millisecondsSince1970)
    }

    func peerConnected(_ node: NodeID, _ hello: PeerHello) { handle(.peerJoined(node)) }

    func peerDisconnected(_ node: NodeID) { handle(.peerLeft(node)) }

    /// Whoever has no chain yet can make nothing of it.
    func peerSent(_ node: NodeID, _ message: [UInt8]) {}

    func peerAsked(_ question: PeerQuestion) { _ = network.answer(question, status: ChainShell.nothing, []) }

    private func ask(_ request: HistoryRequest, of node: NodeID) {
        let question = network.ask(ChainShell.kind(of: request), request.encoded, of: node) { [weak self] answer in
            self?.conclude(request, node, answer)
        }
        // Not in this turn: the core is in the middle of asking others.
        if question == nil { loop.after(.zero) { [weak self] in self?.handle(.unanswered(request, by: node)) } }
    }

    private func conclude(_ request: HistoryRequest, _ node: NodeID, _ answer: PeerAnswer) {
        guard case .answered(0, let bytes) = answer else { return handle(.unanswered(request, by: node)) }
        guard let answer = try? HistoryAnswer.decode(bytes, limit: HistoryAnswer.byteLimit) else {
            handle(.unanswered(request, by: node))
            return network.disconnect(node, because: "it sent an answer that cannot be read")
        }
        handle(.answered(answer, to: request, from: node))
    }
}

/// What takes the disk or many signatures, on a thread beside the loop.
final class FetchDesk {
    enum Job: Sendable {
        case follow(LightClient, [Handoff], from: NodeID)
        case open(SnapshotContents)
        case write([UInt8])
        case takeOver(SnapshotHeader, Handoff)
    }

    enum Answer: Sendable {
        case followed(HandoffCheck)
        case opened
        case notOpened(StoreError)
        case written
        case tookOver(ChainHead)
        case failed(StoreError)
    }

    private let home: String
    private let path: String
    private let beginning: SnapshotImport.Beginning
    private let space: DiskSpace
    private var draft: SnapshotDraft?

    init(home: String, file path: String, _ beginning: SnapshotImport.Beginning, space: DiskSpace) {
        self.space = space
        self.home = home
        self.path = path
        self.beginning = beginning
    }

    func handle(_ job: Job) -> Answer {
        do throws(StoreError) {
            switch job {
            case .follow(let guide, let handoffs, let node):
                return .followed(
                    HandoffCheck(handoffs, by: node, after: guide, hash: Blake2b(), using: SodiumConsensus()))
            case .open(let contents):
                return open(contents)
            case .write(let chunk):
                try draft?.append(chunk)
                return .written
            case .takeOver(let header, let handoff):
                draft = nil
                defer { SnapshotDraft.remove(path) }
                return .tookOver(
                    try SnapshotImport(into: home, beginning, space: space).run(
                        path, root: header.root, certificate: handoff.encoded))
            }
        } catch {
            draft = nil
            SnapshotDraft.remove(path)
            return .failed(error)
        }
    }
}

extension FetchDesk {
    private func open(_ contents: SnapshotContents) -> Answer {
        draft = nil
        SnapshotDraft.remove(path)
        do throws(StoreError) {
            draft = try SnapshotDraft(
                contents, at: path, keeping: Limits.Store().diskReserve, space: space)
            return .opened
        } catch {
            return .notOpened(error)
        }
    }
}

extension StoreError {
    /// Whether those who offered a snapshot must have known; what the disk did is nobody's lie.
    fileprivate var isLie: Bool {
        guard case .snapshot(_, let fault) = self else { return false }
        return fault.isLie
    }
}

extension LightClient {
    /// Starts where the chain starts: the founders may sign its first epoch.
    init(_ genesis: Genesis) throws(StateError) {
        let chain = genesis.chain(using: Blake2b())
        var state = MemoryState()
        state.commit(try Ledger(chain: chain, hash: Blake2b()).begin(genesis))
        let executor = ChainExecutor(chain: chain, genesisTime: genesis.time, hash: Blake2b())
        let plan = try executor.plan(after: .genesis, on: Unstarted(state: state))
        self.init(chain: chain, epochLength: genesis.parameters[.epochBlocks], founders: plan.committee)
    }

    /// A chain of which nothing but genesis is executed.
    private struct Unstarted: ExecutedChain {
        let state: MemoryState
        func header(at _: Height) -> Header? { nil }
        func root(at height: Height) -> Digest? { height == .genesis ? state.root : nil }
    }
}
