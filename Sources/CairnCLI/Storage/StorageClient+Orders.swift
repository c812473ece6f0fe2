import CairnBase
import CairnCrypto
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

/// Objects that the chain has held: their pieces go to the holders that were drawn, and are fetched from those who have
/// them now.
extension StorageClient {
    /// Puts each piece with the holder that was drawn for it, and tells all of them the list. A few may be away: they make
    /// theirs from the others' when they are back, or are replaced.
    func place(
        _ names: [PieceName], _ bytes: @escaping (Int, Range<Int>) -> [UInt8], _ code: ErasureCode,
        by orders: ObjectOrders, earlier: Digest?, begun: (Digest) throws(Failure) -> Void,
        placed: inout [PlacedPiece]
    ) throws(Failure) -> (order: Digest, pieces: [PlacedPiece]) {
        guard let list = PieceList(names.map(\.root)), let units = names.first?.units else {
            throw Failure(.objectUnreadable, "a segment has no pieces")
        }
        let (id, holders) = try orders.open(code, list, units: units, earlier: earlier, begun: begun)
        var troubles: [HolderTrouble] = []
        let done = try running { () throws(SystemError) in
            try pieces.place(names, bytes: bytes, withDrawn: holders, troubles: &troubles)
        }
        placed += done
        let told = try running { () throws(SystemError) in try pieces.tell(list, to: done) }.count { $0 == nil }
        for trouble in troubles { session.note("\(trouble.holder.peerID): \(trouble.why.sentence)") }
        guard told >= code.durable else {
            throw Failure(
                .holdersMissing, "\(told) of \(code.total) drawn holders took their piece, \(code.durable) must",
                tried: troubles.map { Hint($0.holder.peerID, $0.why.sentence) })
        }
        return (id, zip(names, holders).map { PlacedPiece($0, with: $1) })
    }

    /// The object with the holders that the chain names now, where a node can be asked.
    func current(_ object: StoredObject) throws(Failure) -> StoredObject {
        guard object.segments.contains(where: { $0.order != nil }), let client = try? NodeFinder(session).find() else {
            return object
        }
        var (object, known) = (object, try client.pieceHolders())
        for number in object.segments.indices {
            guard let id = object.segments[number].order, let state = try client.object(id) else { continue }
            object.segments[number] = object.segments[number].moved(to: state)
        }
        known += object.holders.filter { old in !known.contains { $0.node == old.node } }
        let used = Set(object.pieces.map(\.holder))  // ORDER: asked for membership only
        object.holders = known.filter { used.contains($0.node) }
        return object
    }
}

extension StoredObject.Segment {
    /// The same pieces with whoever holds them now.
    func moved(to state: ObjectState) -> Self {
        guard state.holders.count == pieces.count else { return self }
        let moved = zip(pieces, state.holders).map { piece, holder in
            PlacedPiece(piece.name, with: holder.node ?? piece.holder)
        }
        return Self(length: length, pieces: moved, order: order)
    }
}
