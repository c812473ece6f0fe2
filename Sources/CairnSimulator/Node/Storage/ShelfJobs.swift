import CairnBase
import CairnNode
import CairnStorage
import CairnWire

/// What a simulated shelf is asked, one after the other: the real one has a thread of its own for it.
struct ShelfJobs: Sendable {
    enum Job: Sendable {
        case answer(PieceQuestion, for: NodeID, to: ProcessID, number: UInt64)
        case custody(CustodyJob)
        case scrub(PieceName)
        /// The files of all pieces go.
        case lose
    }

    /// What the job at the head waits for.
    enum Stage: Sendable {
        case idle
        case reading(PieceName)
        case writing(left: Int, hasFailed: Bool)
        case indexing
    }

    var waiting: [Job] = []
    var stage = Stage.idle
    /// As it was before the job at the head.
    var before: SimulatedShelf?
    /// What came of it, to be told when everything is durable.
    var outcome: Outcome?
    var index: [UInt8]?
    var removed: [String] = []

    enum Outcome: Sendable {
        case answered(PieceStatus, [UInt8], to: ProcessID, number: UInt64)
        case custody(CustodyJob, CustodyAnswer)
        case scrubbed(PieceName, isWhole: Bool)
        case lost
    }

    static let waitingMax = Limits.Pieces().waiting
}

/// Who waits for an answer about a piece.
enum PieceCaller: Sendable {
    case probe(PieceName, object: Digest, shard: Int, node: NodeID, start: Digest)
    case list(Digest)
    case audit(UInt64)
    /// A piece that another is made from.
    case source(UInt64)
}

/// A question about a piece that is on its way.
struct OpenPieceQuestion: Sendable {
    let peer: ProcessID
    let question: PieceQuestion
    let caller: PieceCaller
}

/// One piece that is fetched from another holder.
struct Fetch: Sendable {
    let making: PieceName
    let source: Making.Source
    var errand: PieceErrand
}

/// A node's storage, as the real shell has it: its shelf, its custody, and its part as a witness.
struct NodeStorage: Sendable {
    var shelf: SimulatedShelf
    var jobs = ShelfJobs()
    var custody: Custody<MixHash>
    var audits: AuditDesk<MixHash>
    var words: HolderWords
    var view: HolderView?
    var custodyInputs: [CustodyInput] = []
    var auditInputs: [AuditDeskInput] = []
    var questions = OrderedMap<UInt64, OpenPieceQuestion>()
    /// By the roots of what is made.
    var rescues = OrderedMap<Digest, Rescue>()
    var fetches = OrderedMap<UInt64, Fetch>()
    var lastScrubbed: Digest?
    /// The answers that a slow holder has ready; when they go out is drawn.
    var late = OrderedMap<UInt64, (peer: ProcessID, message: NodeTraffic)>()
}
