import CairnBase
import CairnCrypto
import CairnStorage
import CairnStore
import CairnWire

/// The shelf of a node, on a thread of its own: the only one that touches it.
final class PieceDesk {
    enum Job: Sendable {
        case answer(PieceQuestion, for: NodeID, ticket: UInt64)
        case scrub(after: Digest?)
        case custody(CustodyJob, ticket: UInt64)
    }

    enum Outcome: Sendable {
        case answered(PieceStatus, [UInt8], ticket: UInt64)
        /// Nil behind the last piece.
        case scrubbed(ScrubStep?)
        /// The next piece behind that root could not be looked for.
        case failed(PieceRefusal, after: Digest?)
        case custody(CustodyAnswer, ticket: UInt64)
    }

    /// What came of a job, and how full the shelf is after it.
    struct Report: Sendable {
        let outcome: Outcome
        let fill: ShelfFill
    }

    private var shelf: PieceShelf
    /// For whom pieces are kept that the chain has given it.
    private let node: NodeID
    private let chain: ChainID
    private let device: SharedDeviceKeys

    /// - Parameter device: signs what is shown of shards, on this chain.
    init(_ shelf: PieceShelf, of node: NodeID, on chain: ChainID, _ device: SharedDeviceKeys) {
        self.shelf = shelf
        self.node = node
        self.chain = chain
        self.device = device
    }

    func handle(_ job: Job) -> Report {
        let outcome: Outcome
        switch job {
        case .answer(let question, let client, let ticket):
            let (status, bytes) = shelf.answer(
                question, for: client, at: Clock.monotonic(), on: chain, using: Blake2b()
            ) { [chain, device] body in
                device.identity.key.sign(body, tag: WalkQuestion.answerTag, chain: chain)
            }
            outcome = .answered(status, bytes, ticket: ticket)
        case .scrub(let root): outcome = scrub(after: root)
        case .custody(let job, let ticket): outcome = .custody(perform(job), ticket: ticket)
        }
        return Report(outcome: outcome, fill: ShelfFill(shelf))
    }

    /// What the shelf refuses is not there: whoever asked tries again in its time.
    private func perform(_ job: CustodyJob) -> CustodyAnswer {
        shelf.perform(job, of: node, at: Clock.monotonic(), using: TableKernel())
    }

    private func scrub(after root: Digest?) -> Outcome {
        do throws(PieceRefusal) {
            return .scrubbed(try shelf.scrub(after: root))
        } catch {
            return .failed(error, after: root)
        }
    }
}

/// How full a shelf is.
struct ShelfFill: Sendable, Equatable {
    let offer: PieceOffer
    let pieces: UInt64
    /// Pieces that are being written.
    let drafts: Int

    init(_ shelf: PieceShelf) {
        (offer, pieces, drafts) = (shelf.offer, shelf.pieceCount, shelf.draftCount)
    }
}
