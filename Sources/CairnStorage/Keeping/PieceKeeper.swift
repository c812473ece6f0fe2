public import CairnBase
import CairnWire

/// Why a keeper of pieces did not do what it was asked.
public protocol PieceRefusing: Error {
    static func refused(_ status: PieceStatus) -> Self
    var status: PieceStatus { get }
    /// Where the next portion of a piece begins, for one that began elsewhere.
    var next: Int? { get }
}

/// Keeps pieces for others, on whatever disk: the real shelf, or one of the simulator.
///
/// What a client or the node's own custody asks is answered from these in `answer` and `perform`.
public protocol PieceKeeper {
    associatedtype Refusal: PieceRefusing

    var offer: PieceOffer { get }
    /// Whether the piece is there, whole as far as is known.
    mutating func check(_ name: PieceName) throws(Refusal)
    mutating func resume(_ name: PieceName, for client: NodeID, at now: Instant) throws(Refusal) -> Int
    mutating func write(
        _ bytes: [UInt8], at offset: Int, of name: PieceName, for client: NodeID, at now: Instant) throws(Refusal)
    mutating func read(_ count: Int, at offset: Int, of name: PieceName) throws(Refusal) -> [UInt8]
    mutating func remove(_ name: PieceName, for client: NodeID) throws(Refusal)
    mutating func prove(_ name: PieceName, from start: Digest) throws(Refusal) -> HotAnswer
    mutating func list(of object: Digest) throws(Refusal) -> PieceList?
    mutating func keep(_ list: PieceList) throws(Refusal)
    mutating func adopt(_ name: PieceName, of object: Digest, by keeper: NodeID) throws(Refusal)
    mutating func settle(_ objects: OrderedSet<Digest>, of keeper: NodeID) throws(Refusal) -> Int
}

extension PieceKeeper {
    /// Answers a client.
    ///
    /// - Parameter sign: signs what is shown of shards, under `WalkQuestion.answerTag`.
    public mutating func answer(
        _ question: PieceQuestion, for client: NodeID, at now: Instant, on chain: ChainID,
        using hash: some HashFunction, sign: ([UInt8]) -> Signature
    ) -> (status: PieceStatus, bytes: [UInt8]) {
        do throws(Refusal) {
            return (.well, try bytes(of: question, for: client, at: now, on: chain, using: hash, sign: sign))
        } catch {
            return (error.status, error.next.map { Self.place($0) } ?? [])
        }
    }

    private mutating func bytes(
        of question: PieceQuestion, for client: NodeID, at now: Instant, on chain: ChainID,
        using hash: some HashFunction, sign: ([UInt8]) -> Signature
    ) throws(Refusal) -> [UInt8] {
        switch question {
        case .offer: return offer.encoded
        case .have(let name): try check(name)
        case .resume(let name): return Self.place(try resume(name, for: client, at: now))
        case .write(let name, let offset, let bytes):
            try write(bytes, at: Int(offset), of: name, for: client, at: now)
        case .read(let name, let offset, let count): return try read(Int(count), at: Int(offset), of: name)
        case .remove(let name): try remove(name, for: client)
        case .prove(let name, let start): return try prove(name, from: start).encoded
        case .list(let root):
            guard let list = try list(of: root) else { throw .refused(.unknown) }
            return list.encoded
        case .tell(let list): try keep(list)
        case .show(let question): return try show(question, on: chain, using: hash, sign: sign)
        case .walk, .leaves, .check: throw .refused(.unknown)
        }
        return []
    }

    private mutating func show(
        _ question: ShardQuestion, on chain: ChainID, using hash: some HashFunction, sign: ([UInt8]) -> Signature
    ) throws(Refusal) -> [UInt8] {
        guard let list = try list(of: question.root) else { throw .refused(.unknown) }
        let answer = try ShardAnswer.showing(question, of: list, on: chain, using: hash) {
            (name, start) throws(Refusal) in
            try prove(name, from: start)
        } sign: { body in
            sign(body)
        }
        guard let answer else { throw .refused(.unknown) }
        return answer.encoded
    }

    /// A place in a piece: at most `PieceName.unitsMax` units, which fits.
    private static func place(_ offset: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.u32(UInt32(clamping: offset))
        return writer.bytes
    }
}
