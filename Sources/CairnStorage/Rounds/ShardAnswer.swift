public import CairnBase
public import CairnWire

/// What a provider shows: which piece of the object it has, eight leaves of it, and its signature under both.
public struct ShardAnswer: Sendable, Hashable {
    public let piece: Digest
    /// The way of the piece's root to the object's.
    public let path: MerklePath
    public let shown: HotAnswer
    /// `cn/sig.walk` over the question and where the leaves lead from its start.
    public let signature: Signature

    public init(piece: Digest, path: MerklePath, shown: HotAnswer, signature: Signature) {
        self.piece = piece
        self.path = path
        self.shown = shown
        self.signature = signature
    }

    /// Shows what is asked for; nil where the list is not the object's or has no such shard.
    ///
    /// - Parameters:
    ///   - prove: the leaves of a piece from a start.
    ///   - sign: signs a body under `WalkQuestion.answerTag`.
    public static func showing<Refusal: Error>(
        _ question: ShardQuestion, of list: PieceList, on chain: ChainID, using hash: some HashFunction,
        prove: (PieceName, Digest) throws(Refusal) -> HotAnswer, sign: ([UInt8]) -> Signature
    ) throws(Refusal) -> ShardAnswer? {
        let leaves = list.roots.map { MerkleList.leaf($0.raw.bytes.span.bytes, using: hash) }
        let tree = MerkleList(leaves: leaves, using: hash)
        guard tree.root == question.root, let path = tree.path(to: Int(question.shard)),
            let name = PieceName(root: list.roots[Int(question.shard)], units: Int(question.units))
        else { return nil }
        let walk = question.round.walk(on: chain)
        let start = walk.start(using: hash)
        let shown = try prove(name, start)
        return ShardAnswer(
            piece: name.root, path: path, shown: shown,
            signature: sign(walk.signedBody(last: shown.end(from: start, using: hash))))
    }

    /// What a witness makes of it, by what the chain says of the shard, apart from the signature and the time it took.
    public func result(
        answering question: ShardQuestion, ofShards count: Int, on chain: ChainID, using hash: some HashFunction
    ) -> WalkResult {
        let leaf = MerkleList.leaf(piece.raw.bytes.span.bytes, using: hash)
        guard let name = PieceName(root: piece, units: Int(question.units)),
            path.shows(leaf, at: UInt64(question.shard), of: UInt64(clamping: count), in: question.root, using: hash)
        else { return .badPath }
        return shown.shows(name, from: question.round.walk(on: chain).start(using: hash), using: hash)
            ? .good : .badLeaf
    }
}

extension ShardAnswer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        piece = try reader.identifier()
        path = try reader.value()
        shown = try reader.value()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(piece)
        writer.value(path)
        writer.value(shown)
        writer.signature(signature)
    }
}
