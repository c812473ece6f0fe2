public import CairnBase
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

/// One piece on its way to one holder or from it: what is asked next, until it is over.
public struct PieceErrand: Sendable {
    public enum Work: Sendable, Hashable {
        case write
        case read
        case check
        case remove
        /// The list of the object that the piece is of.
        case tell(PieceList)
    }

    public enum Step: Sendable {
        case ask(PieceQuestion)
        /// Ask to write those bytes of the piece.
        case write(Range<Int>)
        /// The holder is busy: the same question after a while.
        case again
        /// With the piece, where it was read.
        case done([UInt8])
        case failed(PieceTrouble)
    }

    /// Between two tries while the holder says that it is busy.
    public static let pause = TimeSpan.milliseconds(100)

    public let name: PieceName
    private let work: Work
    private var received: [UInt8] = []
    private var digest = PieceDigest()

    public init(_ work: Work, _ name: PieceName) {
        self.work = work
        self.name = name
    }

    public var first: PieceQuestion {
        switch work {
        case .write: .resume(name)
        case .read: nextRead
        case .check: .have(name)
        case .remove: .remove(name)
        case .tell(let list): .tell(list)
        }
    }

    /// What comes of an answer to a question of this errand.
    public mutating func hear(
        _ status: UInt8, _ bytes: [UInt8], to asked: PieceQuestion, using hash: some HashFunction
    ) -> Step {
        switch PieceStatus(rawValue: status) {
        case .well: go(on: asked, bytes, using: hash)
        case .busy: .again
        case .some(let status): .failed(.refused(status))
        case nil: .failed(.lied)
        }
    }

    private mutating func go(
        on asked: PieceQuestion, _ answer: [UInt8], using hash: some HashFunction
    ) -> Step {
        switch (asked, work) {
        case (.resume, .write):
            var reader = ByteReader(answer.span.bytes)
            guard let there = try? reader.u32(), reader.remaining == 0, Int(there) <= name.byteCount else {
                return .failed(.lied)
            }
            return write(from: Int(there))
        case (.write(_, let offset, let portion), .write): return write(from: Int(offset) + portion.count)
        case (.read(_, _, let count), _):
            guard answer.count == Int(count) else { return .failed(.lied) }
            return take(answer, using: hash)
        default: return .done([])
        }
    }

    private func write(from offset: Int) -> Step {
        guard offset < name.byteCount else { return .done([]) }
        return .write(offset..<min(offset + PieceQuestion.portion, name.byteCount))
    }

    /// The question that writes those bytes.
    public func question(writing bytes: [UInt8], at range: Range<Int>) -> PieceQuestion {
        // Within a piece, whose length fits.
        .write(name, offset: UInt32(clamping: range.lowerBound), bytes)
    }

    private mutating func take(_ portion: [UInt8], using hash: some HashFunction) -> Step {
        // At once, for growing by halves would need twice the memory on the way.
        received.reserveCapacity(name.byteCount)
        received += portion
        digest.update(portion.span.bytes, using: hash)
        guard received.count == name.byteCount else { return .ask(nextRead) }
        return digest.name(using: hash) == name ? .done(received) : .failed(.lied)
    }

    private var nextRead: PieceQuestion {
        let count = min(PieceQuestion.portion, name.byteCount - received.count)
        return .read(name, offset: UInt32(clamping: received.count), count: UInt32(clamping: count))
    }
}
