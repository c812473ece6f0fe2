public import CairnBase
import CairnCrypto
public import CairnStorage
import CairnTransport

/// A piece, and who is to have it.
public struct PlacedPiece: Sendable, Hashable {
    public let name: PieceName
    public let holder: NodeID

    public init(_ name: PieceName, with holder: NodeID) {
        self.name = name
        self.holder = holder
    }
}

/// A holder that did not do its part, and why.
public struct HolderTrouble: Error, Sendable, Hashable {
    public let holder: NodeID
    public let why: PieceTrouble
}

/// The pieces of one segment together: all of them to their holders, or enough of them back.
extension PieceClient {
    /// Puts each piece with a holder of its own: the first with the first, and those who fail are replaced by those behind.
    ///
    /// `bytes` gives a part of the piece with that number when it is its turn, so that no piece need be in memory. Nil when
    /// too few holders are left; what was put is told in any case, so that it can be removed.
    public func place(
        _ names: [PieceName], bytes: @escaping (Int, Range<Int>) -> [UInt8], with holders: [NodeID],
        placed: inout [PlacedPiece], troubles: inout [HolderTrouble]
    ) throws(SystemError) -> [PlacedPiece]? {
        let run = Placing(names: names, bytes: bytes, holders: holders)
        for _ in 0..<min(Self.writtenAtOnce, names.count) { placeNext(run) }
        if run.open > 0 { try loop.run() }
        placed += run.done.compactMap(\.self)
        troubles += run.troubles
        let all = run.done.compactMap(\.self)
        return all.count == names.count ? all : nil
    }

    /// Puts each piece with the holder that was drawn for it, and with no other; what was put is told.
    public func place(
        _ names: [PieceName], bytes: @escaping (Int, Range<Int>) -> [UInt8], withDrawn holders: [NodeID],
        troubles: inout [HolderTrouble]
    ) throws(SystemError) -> [PlacedPiece] {
        guard names.count == holders.count else { return [] }
        let run = Placing(names: names, bytes: bytes, holders: holders, isDrawn: true)
        for _ in 0..<min(Self.writtenAtOnce, names.count) { placeNext(run) }
        if run.open > 0 { try loop.run() }
        troubles += run.troubles
        return run.done.compactMap(\.self)
    }

    /// Each has a portion on the way, and copies of it in the connection.
    private static let writtenAtOnce = 16

    private func placeNext(_ run: Placing) {
        guard let number = run.waiting.popFirst() else { return }
        place(number, run)
    }

    private func place(_ number: Int, _ run: Placing) {
        guard let holder = run.nextHolder(for: number) else { return }
        run.open += 1
        let name = run.names[number]
        start(.write { run.bytes(number, $0) }, name, with: holder) { [weak self] result in
            run.open -= 1
            switch result {
            case .success:
                run.done[number] = PlacedPiece(name, with: holder)
                self?.placeNext(run)
            case .failure(let refusal):
                run.troubles.append(HolderTrouble(holder: holder, why: refusal.why))
                if run.isDrawn { self?.placeNext(run) } else { self?.place(number, run) }
            }
            if run.open == 0 { self?.loop.stop() }
        }
    }

    /// Fetches any `needed` of the pieces, by their numbers; fewer when no more can be had.
    public func fetch(
        _ needed: Int, of pieces: [PlacedPiece], troubles: inout [HolderTrouble]
    ) throws(SystemError) -> [(number: Int, bytes: [UInt8])] {
        let run = Fetching(pieces: pieces, needed: needed)
        // Those who are not connected come last: nobody waits for them while others have enough.
        let there = Set(network.members)  // ORDER: asked for membership only
        run.waiting = pieces.indices.sorted { left, right in
            let (isLeft, isRight) = (there.contains(pieces[left].holder), there.contains(pieces[right].holder))
            return isLeft == isRight ? left < right : isLeft
        }
        for _ in 0..<min(needed, pieces.count) { fetchNext(run) }
        hurry(run)
        if run.open > 0 { try loop.run() }
        run.waiting = []
        cancelAll()
        troubles += run.troubles
        // The timer that would have asked for more still holds the run, for a while.
        defer { run.found = [] }
        return run.found
    }

    /// Asks one more holder every few seconds: some may never say anything.
    private func hurry(_ run: Fetching) {
        loop.after(setting.patience) { [weak self] in
            guard let self, !run.waiting.isEmpty else { return }
            fetchNext(run)
            hurry(run)
        }
    }

    private func fetchNext(_ run: Fetching) {
        guard !run.waiting.isEmpty else { return }
        let number = run.waiting.removeFirst()
        let piece = run.pieces[number]
        run.open += 1
        start(.read, piece.name, with: piece.holder) { [weak self] result in
            run.open -= 1
            switch result {
            case .success(let bytes): run.found.append((number, bytes))
            case .failure(let refusal):
                run.troubles.append(HolderTrouble(holder: piece.holder, why: refusal.why))
                self?.fetchNext(run)
            }
            if run.found.count == run.needed || run.open == 0 { self?.loop.stop() }
        }
    }

    /// Asks every holder whether it has its piece; nil for those that have.
    public func check(_ pieces: [PlacedPiece]) throws(SystemError) -> [PieceTrouble?] {
        try each(pieces, .check)
    }

    /// Hands every holder of a piece the list of its object; nil for those that took it.
    public func tell(_ list: PieceList, to pieces: [PlacedPiece]) throws(SystemError) -> [PieceTrouble?] {
        try each(pieces, .tell(list))
    }

    /// Has every holder let go of its piece; nil for those that did.
    public func remove(_ pieces: [PlacedPiece]) throws(SystemError) -> [PieceTrouble?] {
        try each(pieces, .remove)
    }

    /// One at a time: what is asked is small, and a holder may have pieces of many segments.
    private func each(_ pieces: [PlacedPiece], _ work: PieceTransfer.Work) throws(SystemError) -> [PieceTrouble?] {
        var troubles: [PieceTrouble?] = []
        for piece in pieces {
            var trouble: PieceTrouble?
            start(work, piece.name, with: piece.holder) { [loop] result in
                if case .failure(let refusal) = result { trouble = refusal.why }
                loop.stop()
            }
            try loop.run()
            troubles.append(trouble)
        }
        return troubles
    }

    private final class Placing {
        let names: [PieceName]
        let isDrawn: Bool
        let bytes: (Int, Range<Int>) -> [UInt8]
        var waiting: Range<Int>
        private var holders: ArraySlice<NodeID>
        var done: [PlacedPiece?]
        var troubles: [HolderTrouble] = []
        var open = 0

        init(
            names: [PieceName], bytes: @escaping (Int, Range<Int>) -> [UInt8], holders: [NodeID],
            isDrawn: Bool = false
        ) {
            self.names = names
            self.isDrawn = isDrawn
            self.bytes = bytes
            waiting = names.indices
            self.holders = holders[...]
            done = names.map { _ in nil }
        }

        func nextHolder(for number: Int) -> NodeID? { isDrawn ? holders[number] : holders.popFirst() }
    }

    private final class Fetching {
        let pieces: [PlacedPiece]
        let needed: Int
        var waiting: [Int] = []
        var found: [(number: Int, bytes: [UInt8])] = []
        var troubles: [HolderTrouble] = []
        var open = 0

        init(pieces: [PlacedPiece], needed: Int) {
            self.pieces = pieces
            self.needed = needed
        }
    }
}
