import CairnBase
import CairnErasure
import CairnStorage
import CairnWire
import CairnWitness

extension FuzzTarget {
    /// How many coefficients and how many products of two bytes one run of `rs` may cost: the oracle makes a table for each
    /// coefficient. Enough for strips longer than any vector, and for 255 shards.
    private static let (erasureCoefficients, erasureProducts) = (256, 4096)

    /// Shards wanted, shards beside them, then data: every kernel codes alike, and the last `needed` shards give it back.
    static let erasure = FuzzTarget("rs", mutations: 200) { bytes in
        guard bytes.count > 2 else { return }
        let needed = 1 + Int(bytes[0] % 16)
        let spare = 1 + Int(bytes[1]) % min(erasureCoefficients / needed, 255 - needed)
        guard let code = ErasureCode(needed: needed, total: needed + spare) else {
            throw FuzzFinding("a code that fits was refused")
        }
        let width = min((bytes.count - 2) / code.needed, max(1, erasureProducts / (code.needed * code.total)))
        let data = Array(bytes.dropFirst(2).prefix(width * code.needed))
        let parity = code.encode(data.span.bytes, stride: width, width: width, using: VectorKernel())
        let oracle = code.encode(data.span.bytes, stride: width, width: width, using: TableKernel())
        try require(parity == oracle, "two kernels differ")
        guard let parity else { throw FuzzFinding("strips that fit were refused") }
        let last = Array((code.total - code.needed)..<code.total)
        guard let recovery = code.recovery(from: last) else { throw FuzzFinding("a selection has no inverse") }
        let kept = Array((data + parity).suffix(width * code.needed))
        let back = code.combine(recovery, kept.span.bytes, stride: width, width: width, using: VectorKernel())
        try require(back == data, "the data did not come back")
    }

    /// A question about a piece.
    static let piece = FuzzTarget("piece") { bytes in
        try requireCanonical(PieceQuestion.self, bytes)
        switch try? PieceQuestion.decode(bytes, limit: PieceQuestion.byteLimit) {
        case .write(let name, let offset, let portion):
            try require(!portion.isEmpty && Int(offset) + portion.count <= name.byteCount, "a portion beyond its piece")
        case .read(let name, let offset, let count):
            try require(
                count > 0 && Int(offset) + Int(count) <= name.byteCount, "bytes that no piece has are asked for")
            try require(count <= PieceQuestion.portion, "more is asked for than an answer may hold")
        default: break
        }
    }

    /// One byte for the number of steps, one for the height of the partition's tree, then an answer to a walk.
    static let walk = FuzzTarget("walk") { bytes in
        try requireCanonical(WalkReceipt.self, bytes)
        try requireCanonical(ShardAnswer.self, bytes)
        guard bytes.count > 2 else { return }
        let (steps, height, rest) = (Int(bytes[0] % 4), Int(bytes[1] % 19), Array(bytes[2...]))
        if let check = try? FullCheck.decode(rest, height: height) {
            try require(check.encoded == rest, "a full check has two encodings")
        }
        guard let answer = try? WalkAnswer.decode(rest, steps: steps, height: height) else { return }
        try require(answer.encoded == rest, "an answer has two encodings")
        guard let roots = PartitionRoots(units: 1 << height, packed: .zero, manifest: .zero) else { return }
        let question = WalkQuestion(
            chain: ChainID(.zero), challenge: .zero, provider: .zero, partition: 0, witness: .zero, nonce: .zero)
        let fault = answer.fault(
            answering: question, steps: steps, partition: roots, last: .zero, using: Mixing())
        try require(fault != nil, "a made-up answer was taken")
    }
}
