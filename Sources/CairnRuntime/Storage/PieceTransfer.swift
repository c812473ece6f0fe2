import CairnBase
import CairnCrypto
public import CairnStorage
import CairnTransport
import CairnWire

/// Why a holder did not do what it was asked for a piece.
public enum PieceTrouble: Sendable, Hashable {
    /// It is not connected, or was not any more.
    case away
    /// It took longer than a piece may.
    case slow
    case refused(PieceStatus)
    /// What it handed out is not what the name says, or no answer at all.
    case lied
}

/// One piece on its way to one holder or from it: a question after the other, until it is over, once.
final class PieceTransfer {
    enum Work {
        /// Gives those bytes of the piece when their turn comes.
        case write((Range<Int>) -> [UInt8])
        case read
        case check
        case remove
        /// The list of the object that the piece is of.
        case tell(PieceList)
    }

    /// Between two tries while the holder says that it is busy.
    private static let pause = TimeSpan.milliseconds(100)

    private let network: PeerNetwork
    private let holder: NodeID
    private let name: PieceName
    private let work: Work
    private var received: [UInt8] = []
    private var digest = PieceDigest()
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
        self.name = name
        self.work = work
        self.done = done
    }

    func start(within time: TimeSpan) {
        timer = network.loop.after(time) { [weak self] in self?.end(.failure(Refusal(why: .slow))) }
        switch work {
        case .write: ask(.resume(name))
        case .read: ask(readQuestion)
        case .check: ask(.have(name))
        case .remove: ask(.remove(name))
        case .tell(let list): ask(.tell(list))
        }
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
        case .answered(let number, let bytes):
            switch PieceStatus(rawValue: number) {
            case .well: go(on: asked, bytes)
            case .busy: network.loop.after(Self.pause) { [weak self] in self?.ask(asked) }
            case .some(let status): end(.failure(Refusal(why: .refused(status))))
            case nil: end(.failure(Refusal(why: .lied)))
            }
        case .failed(.tooLate): end(.failure(Refusal(why: .slow)))
        case .failed(.malformed): end(.failure(Refusal(why: .lied)))
        case .failed(.refused), .disconnected: end(.failure(Refusal(why: .away)))
        }
    }

    private func go(on asked: PieceQuestion, _ answer: [UInt8]) {
        switch (asked, work) {
        case (.resume, .write(let bytes)):
            var reader = ByteReader(answer.span.bytes)
            guard let there = try? reader.u32(), reader.remaining == 0, Int(there) <= name.byteCount else {
                return end(.failure(Refusal(why: .lied)))
            }
            write(bytes, from: Int(there))
        case (.write(_, let offset, let portion), .write(let bytes)):
            moved?(portion.count)
            write(bytes, from: Int(offset) + portion.count)
        case (.read(_, _, let count), _):
            guard answer.count == Int(count) else { return end(.failure(Refusal(why: .lied))) }
            take(answer)
        default: end(.success([]))
        }
    }

    private func write(_ bytes: (Range<Int>) -> [UInt8], from offset: Int) {
        guard offset < name.byteCount else { return end(.success([])) }
        let range = offset..<min(offset + PieceQuestion.portion, name.byteCount)
        // Within a piece, whose length fits.
        ask(.write(name, offset: UInt32(clamping: offset), bytes(range)))
    }

    private func take(_ portion: [UInt8]) {
        // At once, for growing by halves would need twice the memory on the way.
        received.reserveCapacity(name.byteCount)
        received += portion
        moved?(portion.count)
        digest.update(portion.span.bytes, using: Blake2b())
        guard received.count == name.byteCount else { return ask(readQuestion) }
        end(digest.name(using: Blake2b()) == name ? .success(received) : .failure(Refusal(why: .lied)))
    }

    private var readQuestion: PieceQuestion {
        let count = min(PieceQuestion.portion, name.byteCount - received.count)
        return .read(name, offset: UInt32(clamping: received.count), count: UInt32(clamping: count))
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
