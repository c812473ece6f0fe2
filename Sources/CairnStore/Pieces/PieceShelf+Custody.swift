public import CairnBase
import CairnCrypto
public import CairnStorage

/// Pieces that are kept because the chain says so, and what holders of one object show each other.
extension PieceShelf {
    public func list(of object: Digest) throws(PieceRefusal) -> PieceList? {
        try guarded { () throws(StoreError) in try index.list(of: object) }
    }

    /// Keeps the list of an object with a piece of it that is here.
    public func keep(_ list: PieceList) throws(PieceRefusal) {
        let object = list.root(using: Blake2b())
        let isKept = try guarded { () throws(StoreError) -> Bool? in
            for root in list.roots where try index.row(of: root) != nil {
                return try index.add(list, object: object, piece: root)
            }
            return nil
        }
        guard let isKept else { throw .refused(.unknown) }
        guard isKept else { throw .refused(.full) }
    }

    /// Whether a piece is here; if so it is kept for the chain from now on.
    public func adopt(_ name: PieceName, of object: Digest, by keeper: NodeID) throws(PieceRefusal) {
        try check(name)
        try guarded { () throws(StoreError) in try index.adopt(name.root, of: object, by: keeper) }
    }

    /// Lets go of what was kept for the chain and is of none of these objects; the number of pieces that went.
    public func settle(_ objects: OrderedSet<Digest>, of keeper: NodeID) throws(PieceRefusal) -> Int {
        let freed = try guarded { () throws(StoreError) in try index.settle(objects) }
        var gone = 0
        for root in freed {
            let row = try guarded { () throws(StoreError) in try index.row(of: root) }
            guard let row else { continue }
            try remove(row.name, for: keeper)
            gone += 1
        }
        return gone
    }

    /// Eight leaves of a piece with their paths. Every unit that is read for them is compared with its top, so a
    /// piece that changed there is found out.
    public func prove(_ name: PieceName, from start: Digest) throws(PieceRefusal) -> HotAnswer {
        try check(name)
        guard let row = try guarded({ () throws(StoreError) in try index.row(of: name.root) }) else {
            throw .refused(.unknown)
        }
        let size = StorageUnits.unitBytes
        let answer = try HotAnswer.showing(name, from: start, unitTops: row.unitTops, using: Blake2b()) {
            (number) throws(PieceRefusal) in
            try read(size, at: number * size, of: name)
        }
        guard let answer else {
            try damage(name)
            throw .refused(.damaged)
        }
        return answer
    }
}

extension PieceShelf: PieceKeeper {
    public typealias Refusal = PieceRefusal
}
