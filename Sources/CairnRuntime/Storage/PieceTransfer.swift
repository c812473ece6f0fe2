import CairnBase
import CairnCrypto
import CairnStorage
import CairnTransport
import CairnWire

/// One piece on its way to one holder or from it, in the real world: a question after the other, until it is over,
/// once.
final class PieceTransfer {
    enum Work {
        /// Gives those bytes of the piece when their turn comes.
        case write((Range<Int>) -> [UInt8])
        case read
        case check
        case remove
        /// The list of the object that the piece is of.
        case tell(PieceList)

        var kind: PieceErrand.Work {
            switch self {
            case .write: .write
            case .read: .read
            case .check: .check
            case .remove: .remove
            case .tell(let list): .tell(list)
            }
        }
    }

    private let network: PeerNetwork
    private let holder: NodeID
    private let work: Work
    private var errand: PieceErrand
    private var question: PeerNetwork.OpenQuestion?
    private var timer: TimerID?
    private var done: ((PieceTransfer, Result<[UInt8], Refusal>) -> Void)?
    /// Told how many bytes have gone over, portion by portion.
    var moved: ((Int) -> Void)?

    struct Refusal: Error {
        let why: PieceTrouble
    }

    init(
        _ network: PeerNetwork, _ work: Work, _ name: PieceName, with holder: NodeID,
        done: @escaping (PieceTransfer, Result<[UInt8], Refusal>) -> Void
    ) {
        self.network = network
        self.holder = holder
        self.work = work
        self.done = done
        errand = PieceErrand(work.kind, name)
    }

    func start(within time: TimeSpan) {
        timer = network.loop.after(time) { [weak self] in self?.end(.failure(Refusal(why: .slow))) }
        ask(errand.first)
    }

    /// Nobody wants it any more; nothing is told.
    func cancel() {
        done = nil
        settle()
    }

    private func ask(_ next: PieceQuestion) {
        guard done != nil else { return }
        question = network.ask(.pieces, next.encoded, of: holder) { [weak self] in self?.hear($0, to: next) }
        if question == nil { end(.failure(Refusal(why: .away))) }
    }

    private func hear(_ answer: PeerAnswer, to asked: PieceQuestion) {
        question = nil
        switch answer {
        case .answered(let status, let bytes):
            let step = errand.hear(status, bytes, to: asked, using: Blake2b())
            if case .failed = step {} else { tellMoved(status, bytes, asked) }
            carryOut(step, after: asked)
        case .failed(.tooLate): end(.failure(Refusal(why: .slow)))
        case .failed(.malformed): end(.failure(Refusal(why: .lied)))
        case .failed(.refused), .disconnected: end(.failure(Refusal(why: .away)))
        }
    }

    private func tellMoved(_ status: UInt8, _ answer: [UInt8], _ asked: PieceQuestion) {
        guard status == PieceStatus.well.rawValue else { return }
        switch asked {
        case .write(_, _, let portion): moved?(portion.count)
        case .read: moved?(answer.count)
        default: break
        }
    }

    private func carryOut(_ step: PieceErrand.Step, after asked: PieceQuestion) {
        switch step {
        case .ask(let next): ask(next)
        case .write(let range):
            guard case .write(let bytes) = work else { return }
            ask(errand.question(writing: bytes(range), at: range))
        case .again: network.loop.after(PieceErrand.pause) { [weak self] in self?.ask(asked) }
        case .done(let bytes): end(.success(bytes))
        case .failed(let trouble): end(.failure(Refusal(why: trouble)))
        }
    }

    private func end(_ result: Result<[UInt8], Refusal>) {
        let done = done
        self.done = nil
        settle()
        done?(self, result)
    }

    private func settle() {
        if let timer { network.loop.cancel(timer) }
        timer = nil
        if let question { network.cancel(question) }
        question = nil
    }
}
