public import CairnBase

/// What the node's own custody asks of its keeper of pieces.
public enum CustodyJob: Sendable {
    case look(root: Digest)
    case check(PieceName, of: Digest)
    case settle(roots: [Digest])
    /// Makes a piece from others and keeps it, with the list that names it.
    case make(Making, from: [(shard: Int, bytes: [UInt8])])
}

public enum CustodyAnswer: Sendable {
    case list(PieceList?)
    case isThere(Bool)
    case settled(Int)
    case refused(PieceStatus)
}

extension PieceKeeper {
    /// What is refused is not there: whoever asked tries again in its time.
    public mutating func perform(
        _ job: CustodyJob, of node: NodeID, at now: Instant, using kernel: some FieldKernel
    ) -> CustodyAnswer {
        do throws(Refusal) {
            switch job {
            case .look(let root): return .list(try list(of: root))
            case .check(let name, let object):
                try adopt(name, of: object, by: node)
                return .isThere(true)
            case .settle(let roots): return .settled(try settle(OrderedSet(roots), of: node))
            case .make(let making, let found):
                guard let bytes = making.bytes(from: found, using: kernel) else { return .isThere(false) }
                try keep(bytes, making, for: node, at: now)
                return .isThere(true)
            }
        } catch {
            return .refused(error.status)
        }
    }

    private mutating func keep(
        _ bytes: [UInt8], _ making: Making, for node: NodeID, at now: Instant
    ) throws(Refusal) {
        for offset in stride(from: 0, to: bytes.count, by: PieceQuestion.portion) {
            let portion = Array(bytes[offset..<min(offset + PieceQuestion.portion, bytes.count)])
            try write(portion, at: offset, of: making.name, for: node, at: now)
        }
        try keep(making.list)
        try adopt(making.name, of: making.root, by: node)
    }
}

extension Making {
    /// The piece out of others of its object; nil where they are not enough, or not as long.
    func bytes(from found: [(shard: Int, bytes: [UInt8])], using kernel: some FieldKernel) -> [UInt8]? {
        let size = name.byteCount
        guard found.allSatisfy({ $0.bytes.count == size }),
            let matrix = code.repair(of: [own], from: found.map(\.shard))
        else { return nil }
        let strips = found.flatMap(\.bytes)
        return code.combine(matrix, strips.span.bytes, stride: size, width: size, using: kernel)
    }
}
