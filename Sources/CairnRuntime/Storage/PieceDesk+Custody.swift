import CairnBase
import CairnCrypto
import CairnStorage
import CairnStore

/// What the node's own custody asks of the shelf.
enum CustodyJob: Sendable {
    case look(root: Digest)
    case check(PieceName, of: Digest)
    case settle(roots: [Digest])
    /// Makes a piece from others and keeps it, with the list that names it.
    case make(Making, from: [(shard: Int, bytes: [UInt8])])
}

enum CustodyAnswer: Sendable {
    case list(PieceList?)
    case isThere(Bool)
    case settled(Int)
    case refused(PieceRefusal)
}

extension PieceDesk {
    /// What the shelf refuses is not there: whoever asked tries again in its time.
    func answer(_ job: CustodyJob) -> CustodyAnswer {
        do throws(PieceRefusal) {
            switch job {
            case .look(let root): return .list(try shelf.list(of: root))
            case .check(let name, let object):
                try shelf.adopt(name, of: object, by: node)
                return .isThere(true)
            case .settle(let roots): return .settled(try shelf.settle(OrderedSet(roots), of: node))
            case .make(let making, let found):
                guard let bytes = bytes(of: making, from: found) else { return .isThere(false) }
                try keep(bytes, making)
                return .isThere(true)
            }
        } catch {
            return .refused(error)
        }
    }

    private func bytes(of making: Making, from found: [(shard: Int, bytes: [UInt8])]) -> [UInt8]? {
        let size = making.name.byteCount
        guard found.allSatisfy({ $0.bytes.count == size }),
            let matrix = making.code.repair(of: [making.own], from: found.map(\.shard))
        else { return nil }
        let strips = found.flatMap(\.bytes)
        return making.code.combine(matrix, strips.span.bytes, stride: size, width: size, using: TableKernel())
    }

    private func keep(_ bytes: [UInt8], _ making: Making) throws(PieceRefusal) {
        for offset in stride(from: 0, to: bytes.count, by: PieceQuestion.portion) {
            let portion = Array(bytes[offset..<min(offset + PieceQuestion.portion, bytes.count)])
            try shelf.write(portion, at: offset, of: making.name, for: node, at: Clock.monotonic())
        }
        try shelf.keep(making.list)
        try shelf.adopt(making.name, of: making.root, by: node)
    }
}
