import CairnBase
import CairnCrypto
import CairnErasure
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

/// Putting an object, and going on with a put that was stopped.
extension StorageClient {
    /// Seals a file, codes it and puts every piece with a holder of its own; an object only when all are durable.
    ///
    /// A put of the same file that was stopped is gone on with: sealed under the same header it gives the same pieces, and
    /// those that are durable already do not leave again. One of a file that has changed since is undone first.
    func put(
        _ source: borrowing ObjectSource, as name: String, _ code: ErasureCode, with known: [PeerAddress],
        by orders: ObjectOrders?
    ) throws(Failure) -> StoredObject {
        guard StoredObject.fits(source.byteCount ?? 0, code) else { throw .tooLong(source.path) }
        var earlier: (draft: PutDraft, lock: PutLock)?
        if source.mark != nil { earlier = try shelf.unfinished(source.path, isPaid: orders != nil) }
        let before = earlier?.draft.object.holders ?? []
        let all = before.filter { old in !known.contains { $0.node == old.node } } + known
        let there = Set(try connect(all, enough: code.total))  // ORDER: asked for membership only
        if let (draft, _) = earlier, draft.mark != source.mark || draft.object.code != code {
            undo(draft, [], orders)
            earlier = nil
        }
        // In an order of chance: nobody is preferred. Who was asked first at an earlier time is asked first again.
        let others = all.filter { new in !before.contains { $0.node == new.node } }.shuffled()
        let holders = ((earlier == nil ? [] : before) + (earlier == nil ? all.shuffled() : others))
        guard holders.count(where: { there.contains($0.node) }) >= code.total else {
            throw Failure.tooFewHolders(there.count, of: all.count, for: code)
        }
        var run = try PutRun(self, source, as: name, code, holders, earlier, isPaid: orders != nil)
        let progress = showProgress("putting", of: source.byteCount, code.total, of: code)
        defer { end(progress) }
        do throws(Failure) {
            while var segment = try run.sealed.next(from: source) {
                try put(&segment, &run, there, by: orders)
                guard StoredObject.fits(run.sealed.readCount, code) else { throw .tooLong(source.path) }
            }
            try source.checkUnchanged(read: run.sealed.readCount)
            run.draft.object.byteCount = run.sealed.readCount
            let used = Set(run.draft.object.pieces.map(\.holder))  // ORDER: asked for membership only
            run.draft.object.holders = holders.filter { used.contains($0.node) }
            try shelf.add(run.draft.object)
        } catch {
            undo(run.draft, run.placed, orders)
            throw error
        }
        shelf.remove(run.draft)
        return run.draft.object
    }

    /// Has holders let go of all that was put, and the chain of what it holds.
    private func undo(_ draft: PutDraft, _ placed: [PlacedPiece], _ orders: ObjectOrders?) {
        let known = Set(draft.object.pieces)  // ORDER: asked for membership only
        _ = try? pieces.remove(draft.object.pieces + placed.filter { !known.contains($0) })
        for order in draft.object.segments.compactMap(\.order) { try? orders?.close(order) }
        // What was on its way may have gone under another number, and that number to another object.
        if let order = draft.order, let list = draft.underWay.flatMap({ PieceList($0) }) {
            try? orders?.close(order, ifItIs: list)
        }
        shelf.remove(draft)
    }

    private func put(
        _ segment: inout [UInt8], _ run: inout PutRun, _ there: Set<NodeID>, by orders: ObjectOrders?
    ) throws(Failure) {
        let (code, length) = (run.draft.object.code, segment.count)
        let kernel = VectorKernel()
        guard let coder = SegmentShards(length: length, code), coder.pad(&segment),
            let names = coder.names(of: segment, using: kernel, Blake2b())
        else { throw Failure(.objectUnreadable, "a segment cannot be coded as \(code.needed) of \(code.total)") }
        guard try run.begin(names, on: shelf) else { return }
        let data = segment
        let bytes = { (number: Int, range: Range<Int>) in
            coder.portion(range, of: number, from: data, using: kernel) ?? []
        }
        let (order, pieces) = try place(names, bytes, &run, there, by: orders)
        try run.end(StoredObject.Segment(length: length, pieces: pieces, order: order), on: shelf)
    }

    private func place(
        _ names: [PieceName], _ bytes: @escaping (Int, Range<Int>) -> [UInt8], _ run: inout PutRun,
        _ there: Set<NodeID>, by orders: ObjectOrders?
    ) throws(Failure) -> (order: Digest?, pieces: [PlacedPiece]) {
        let code = run.draft.object.code
        if let orders {
            var (draft, placed) = (run.draft, run.placed)
            defer { (run.draft, run.placed) = (draft, placed) }
            let isKept = run.isKept
            let (order, pieces) = try place(
                names, bytes, code, by: orders, earlier: draft.order,
                begun: { order throws(Failure) in
                    draft.order = order
                    if isKept { try shelf.save(draft) }
                }, placed: &placed)
            return (order, pieces)
        }
        var troubles: [HolderTrouble] = []
        let holders = run.draft.object.holders.map(\.node).filter { there.contains($0) }
        let found = try running { () throws(SystemError) in
            try pieces.place(names, bytes: bytes, with: holders, placed: &run.placed, troubles: &troubles)
        }
        for trouble in troubles { session.note("\(trouble.holder.peerID): \(trouble.why.sentence)") }
        guard let found, found.count == code.total else {
            throw Failure(
                .holdersMissing, "not every piece found a holder",
                tried: troubles.map { Hint($0.holder.peerID, $0.why.sentence) })
        }
        return (nil, found)
    }
}

/// How far a put has come: in memory, and where its file can be read again, in its draft.
private struct PutRun: ~Copyable {
    var sealed: SealedSegments
    var draft: PutDraft
    var placed: [PlacedPiece] = []
    /// What comes from standard input cannot be gone on with.
    let isKept: Bool
    private let lock: PutLock?
    /// So many segments were durable at an earlier time.
    private let earlier: Int
    private var number = 0

    init(
        _ client: borrowing StorageClient, _ source: borrowing ObjectSource, as name: String, _ code: ErasureCode,
        _ holders: [PeerAddress], _ earlier: (draft: PutDraft, lock: PutLock)?, isPaid: Bool
    ) throws(Failure) {
        isKept = source.mark != nil
        if let (draft, lock) = earlier {
            let object = draft.object
            (self.draft, self.lock, self.earlier) = (draft, lock, object.segments.count)
            sealed = SealedSegments(key: client.identity.key(of: object.id), code, again: object.header)
            self.draft.object.holders = holders
            client.session.note("\(object.segments.count) segments are durable from an earlier put")
            return
        }
        let id = SecureRandom.bytes32()
        sealed = SealedSegments(key: client.identity.key(of: id), code)
        var object = StoredObject(id: id, name: name, byteCount: 0, code: code, header: sealed.header)
        object.holders = holders
        let mark = source.mark ?? SourceMark(path: "", byteCount: 0, inode: 0, seconds: 0, nanoseconds: 0)
        draft = PutDraft(mark, isPaid: isPaid, object)
        lock = source.mark == nil ? nil : try client.shelf.lock(object)
        self.earlier = 0
    }

    /// Notes what the pieces of the next segment are called before one of them leaves. False when all are durable already.
    mutating func begin(_ names: [PieceName], on shelf: ObjectShelf) throws(Failure) -> Bool {
        if number < earlier {
            guard draft.object.segments[number].pieces.map(\.name) == names else { throw .changed(draft.mark.path) }
            number += 1
            return false
        }
        if let roots = draft.underWay {
            guard roots == names.map(\.root) else { throw .changed(draft.mark.path) }
        } else {
            draft.underWay = names.map(\.root)
            if isKept { try shelf.save(draft) }
        }
        return true
    }

    mutating func end(_ segment: StoredObject.Segment, on shelf: ObjectShelf) throws(Failure) {
        draft.object.segments.append(segment)
        (draft.underWay, draft.order) = (nil, nil)
        if isKept { try shelf.save(draft) }
    }
}

extension Failure {
    fileprivate static func changed(_ path: String) -> Failure {
        Failure(
            .cannotRead, "\(path) is not what an earlier put read, and was put in part; that is undone",
            do: Hint("the same command", "puts it from its beginning"))
    }

    fileprivate static func tooLong(_ path: String) -> Failure {
        Failure(
            .badValue,
            "\(path) is too long for one object: the list of its pieces would have more than "
                + "\(StoredObject.fileLimit >> 20) MiB", do: Hint("split", "cuts a file into several"))
    }

    fileprivate static func tooFewHolders(_ count: Int, of known: Int, for code: ErasureCode) -> Failure {
        Failure(
            .holdersMissing,
            "\(code.total) holders are needed for \(code.needed) of \(code.total), and \(count) of \(known) that are "
                + "known could be reached")
    }
}
