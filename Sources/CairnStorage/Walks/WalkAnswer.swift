public import CairnBase
public import CairnWire

/// The leaves a walk went over, in order, each with its path: what follows the signed end of the walk.
public struct WalkAnswer: Sendable, Equatable {
    public let leaves: [PackedLeaf]

    public init(leaves: [PackedLeaf]) { self.leaves = leaves }

    /// What is wrong with an answer.
    public enum Fault: Sendable, Hashable {
        case steps(want: Int, have: Int)
        /// The leaf at this step is not the one that the walk had come to.
        case place(step: Int)
        /// The leaf at this step does not lie in the partition.
        case path(step: Int)
        /// The walk ends elsewhere than was signed.
        case end
    }

    /// Walks again over the given leaves; nil if they are the partition's and lead from the question to `last`.
    public func fault(
        answering question: WalkQuestion, steps: Int, partition: PartitionRoots, last: Digest,
        using hash: some HashFunction
    ) -> Fault? {
        guard leaves.count == steps else { return .steps(want: steps, have: leaves.count) }
        guard var walk = Walk(from: question.start(using: hash), leaves: partition.leaves) else { return .end }
        for (step, leaf) in leaves.enumerated() {
            guard leaf.place == walk.place else { return .place(step: step) }
            guard leaf.lies(in: partition, using: hash), walk.step(over: leaf.bytes, using: hash) else {
                return .path(step: step)
            }
        }
        return walk.digest == last ? nil : .end
    }
}

extension WalkAnswer {
    /// Exactly `steps` leaves of a partition of 2^height units.
    public static func decode(_ bytes: [UInt8], steps: Int, height: Int) throws(DecodeError) -> WalkAnswer {
        var reader = ByteReader(bytes.span.bytes)
        var leaves: [PackedLeaf] = []
        for _ in 0..<steps { leaves.append(try PackedLeaf(from: &reader, height: height)) }
        try reader.end()
        return WalkAnswer(leaves: leaves)
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter()
        for leaf in leaves { leaf.encode(into: &writer) }
        return writer.bytes
    }
}
