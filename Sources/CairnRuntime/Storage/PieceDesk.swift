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

    let shelf: PieceShelf
    /// The node, for whom pieces are kept that the chain has given it.
    let node: NodeID
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
            let (status, bytes) = answer(question, for: client)
            outcome = .answered(status, bytes, ticket: ticket)
        case .scrub(let root): outcome = scrub(after: root)
        case .custody(let job, let ticket): outcome = .custody(answer(job), ticket: ticket)
        }
        return Report(outcome: outcome, fill: ShelfFill(shelf))
    }

    private func answer(_ question: PieceQuestion, for client: NodeID) -> (PieceStatus, [UInt8]) {
        do throws(PieceRefusal) {
            return (.well, try bytes(of: question, for: client))
        } catch .outOfOrder(let next) {
            return (.outOfOrder, Self.place(next))
        } catch {
            return (error.status, [])
        }
    }

    private func bytes(of question: PieceQuestion, for client: NodeID) throws(PieceRefusal) -> [UInt8] {
        switch question {
        case .offer: return shelf.offer.encoded
        case .have(let name): try shelf.check(name)
        case .resume(let name): return Self.place(try shelf.resume(name, for: client, at: Clock.monotonic()))
        case .write(let name, let offset, let bytes):
            try shelf.write(bytes, at: Int(offset), of: name, for: client, at: Clock.monotonic())
        case .read(let name, let offset, let count): return try shelf.read(Int(count), at: Int(offset), of: name)
        case .remove(let name): try shelf.remove(name, for: client)
        case .prove(let name, let start): return try shelf.prove(name, from: start).encoded
        case .list(let root):
            guard let list = try shelf.list(of: root) else { throw .refused(.unknown) }
            return list.encoded
        case .tell(let list): try shelf.keep(list)
        case .show(let question): return try show(question)
        case .walk, .leaves, .check: throw .refused(.unknown)
        }
        return []
    }

    private func show(_ question: ShardQuestion) throws(PieceRefusal) -> [UInt8] {
        guard let list = try shelf.list(of: question.root) else { throw .refused(.unknown) }
        let answer = try ShardAnswer.showing(question, of: list, on: chain, using: Blake2b()) {
            (name, start) throws(PieceRefusal) in
            try shelf.prove(name, from: start)
        } sign: { body in
            device.identity.key.sign(body, tag: WalkQuestion.answerTag, chain: chain)
        }
        guard let answer else { throw .refused(.unknown) }
        return answer.encoded
    }

    private func scrub(after root: Digest?) -> Outcome {
        do throws(PieceRefusal) {
            return .scrubbed(try shelf.scrub(after: root))
        } catch {
            return .failed(error, after: root)
        }
    }

    /// A place in a piece: at most `PieceName.unitsMax` units, which fits.
    private static func place(_ offset: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.u32(UInt32(clamping: offset))
        return writer.bytes
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
