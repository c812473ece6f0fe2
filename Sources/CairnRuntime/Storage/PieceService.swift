import CairnBase
import CairnStorage
public import CairnStore
import CairnThreads
import CairnTransport
import CairnWire

/// Keeps pieces for the members of the network: answers their questions, and looks over what it keeps.
///
/// A peer may have a few questions waiting and ask so many in a second; whoever asks more is told that the node is busy and
/// may ask again. All bytes of a question were already bounded before it came here.
final class PieceService {
    private let network: PeerNetwork
    private let limits: Limits.Pieces
    private let log: Logger
    private var worker: Worker<PieceDesk.Job, PieceDesk.Report>?
    private var waiting = ServedQuestions<(PieceStatus, [UInt8])>()
    /// Questions that were told at once that the node is busy, because too many waited.
    var unserved: UInt64 { waiting.refused }
    private var jobs = Tickets<CustodyAnswer?>()
    private var budget: ClientBudget<NodeID>
    private(set) var fill: ShelfFill
    private(set) var counters = Counters()
    /// Answers witnesses of sealed partitions, where this node has some.
    var sealed: SealedService?
    /// Called for every piece that was found changed.
    var onDamage: ((Digest) -> Void)?

    struct Counters {
        /// By the status they were answered with.
        var answers: [PieceStatus: UInt64] = [:]  // ORDER: looked up by status only
        /// Answers that nobody waited for any more.
        var unwanted: UInt64 = 0
        var scrubbed: UInt64 = 0
        /// Pieces whose turn it was and that could not be read just then.
        var unread: UInt64 = 0
        var damaged: UInt64 = 0
    }

    /// Opens the shelf, and answers from now on.
    init(
        _ network: PeerNetwork, of node: NodeID, on chain: ChainID, _ configuration: StorageConfiguration, log: Logger
    ) throws(PieceServiceFailure) {
        self.network = network
        self.log = log
        limits = network.settings.limits.pieces
        budget = ClientBudget(
            atOnce: limits.questionsAtOnce, perSecond: limits.questionsPerSecond, clients: limits.clients)
        let shelf: PieceShelf
        do throws(StoreError) {
            var settings = PieceShelf.Settings(capacity: configuration.capacity)
            settings.space = configuration.space
            shelf = try PieceShelf(directory: configuration.directory, settings)
        } catch {
            throw .store(configuration.directory, error)
        }
        fill = ShelfFill(shelf)
        let desk = HandedOver(PieceDesk(shelf, of: node, on: chain, configuration.device))
        do throws(SystemError) {
            worker = try Worker(
                name: "pieces", on: network.loop, capacity: limits.waiting, makeWork: { { desk.value.handle($0) } },
                complete: { [weak self] in self?.take($0) })
        } catch {
            throw .system(error)
        }
        network.serve(.pieces) { [weak self] in self?.hear($0) }
        scrub(after: nil)
    }

    /// Does what was asked, then lets go of the shelf.
    func close() {
        worker?.finish()
        worker = nil
    }

    /// Has something done for the node's own custody; nil is told when too much waits.
    func perform(_ job: CustodyJob, _ done: @escaping (CustodyAnswer?) -> Void) {
        guard let ticket = jobs.open(done) else { return done(nil) }
        if worker?.submit(.custody(job, ticket: ticket)) != true { jobs.close(ticket)?(nil) }
    }

    private func hear(_ question: PeerQuestion) {
        guard budget.take(from: question.node, at: network.loop.now) else { return answer(question, .busy) }
        guard let asked = try? PieceQuestion.decode(question.bytes, limit: PieceQuestion.byteLimit) else {
            return answer(question, .malformed)
        }
        switch asked {
        case .walk, .leaves, .check:
            guard let sealed else { return answer(question, .unknown) }
            return sealed.answer(asked, for: question.node) { [weak self] in self?.answer(question, $0, $1) }
        default: break
        }
        let ticket = waiting.open(for: question.node) { [weak self] status, bytes in
            self?.answer(question, status, bytes)
        }
        guard let ticket else { return answer(question, .busy) }
        guard worker?.submit(.answer(asked, for: question.node, ticket: ticket)) == true else {
            waiting.close(ticket)?((.busy, []))
            return
        }
    }

    private func answer(_ question: PeerQuestion, _ status: PieceStatus, _ bytes: [UInt8] = []) {
        counters.answers[status, default: 0] += 1
        if !network.answer(question, status: status.rawValue, bytes) { counters.unwanted += 1 }
    }

    private func take(_ report: PieceDesk.Report) {
        fill = report.fill
        switch report.outcome {
        case .answered(let status, let bytes, let ticket): waiting.close(ticket)?((status, bytes))
        case .scrubbed(let step):
            if let step { tell(step) }
            scrub(after: step?.name.root)
        case .failed(let refusal, let root):
            log.error("the store cannot be read", ["reason": .text("\(refusal)")])
            scrub(after: root)
        case .custody(let answer, let ticket): jobs.close(ticket)?(answer)
        }
    }

    private func tell(_ step: ScrubStep) {
        if let unread = step.unread {
            counters.unread += 1
            return log.warn(
                "a piece could not be looked at", ["piece": .id(step.name.root), "reason": .text("\(unread)")])
        }
        counters.scrubbed += 1
        guard let damage = step.damage else { return }
        counters.damaged += 1
        log.error(
            "a piece has changed on the disk",
            ["piece": .id(damage.name.root), "units": .text(damage.units.map(String.init).joined(separator: ","))])
        onDamage?(damage.name.root)
    }

    /// Looks at the piece behind a root, after a while; from the start again behind the last one.
    private func scrub(after root: Digest?) {
        network.loop.after(limits.scrubPause) { [weak self] in
            guard let self, let worker else { return }
            if !worker.submit(.scrub(after: root)) { scrub(after: root) }
        }
    }
}

/// Why a node cannot keep pieces.
public enum PieceServiceFailure: Error, Equatable, Sendable {
    case store(String, StoreError)
    case system(SystemError)
}
