public import CairnBase
public import CairnWire

/// The proposer's share in the chain's randomness: an output of its VRF on the value before, and the proof of it.
///
/// The proposer cannot choose the output, only withhold a whole block. `previous` is carried so that the proof can be
/// checked from the header alone; the core checks that it is the value of the parent.
public struct RandomnessStep: Sendable, Hashable, Canonical {
    public let previous: Digest
    public let output: Digest
    public let proof: RandomnessProof

    public init(previous: Digest, output: Digest, proof: RandomnessProof) {
        self.previous = previous
        self.output = output
        self.proof = proof
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        previous = try reader.identifier()
        output = try reader.identifier()
        proof = try RandomnessProof(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(previous)
        writer.identifier(output)
        proof.encode(into: &writer)
    }

    /// The chain value after this block.
    public func next(using hash: some HashFunction) -> Digest {
        var writer = ByteWriter(capacity: 64)
        writer.identifier(previous)
        writer.identifier(output)
        return hash.digest(DomainTag("cn/R"), writer.bytes)
    }
}

/// A VRF proof: a point of 32 bytes, a challenge of 16, a scalar of 32.
public struct RandomnessProof: Sendable, Hashable, Canonical {
    public let point: Bytes32
    public let challenge: (low: UInt64, high: UInt64)
    public let scalar: Bytes32

    public init(point: Bytes32, challenge: (low: UInt64, high: UInt64), scalar: Bytes32) {
        self.point = point
        self.challenge = challenge
        self.scalar = scalar
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        point = try reader.bytes32()
        challenge = (try reader.u64(), try reader.u64())
        scalar = try reader.bytes32()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.bytes32(point)
        writer.u64(challenge.low)
        writer.u64(challenge.high)
        writer.bytes32(scalar)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.point == right.point && left.challenge == right.challenge && left.scalar == right.scalar
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(point)
        hasher.combine(challenge.low)
        hasher.combine(challenge.high)
        hasher.combine(scalar)
    }
}

/// The values drawn from the chain's randomness that consensus itself needs.
public enum Randomness {
    /// R before the first block.
    public static func origin(of chain: ChainID, using hash: some HashFunction) -> Digest {
        hash.digest(DomainTag("cn/R0"), chain.raw.bytes)
    }

    /// What the proposer of `height` puts into its VRF. It does not name the view: a second attempt at a height
    /// gives no second number.
    public static func input(
        chain: ChainID, height: Height, previous: Digest, using hash: some HashFunction
    ) -> Digest {
        var writer = ByteWriter(capacity: 72)
        writer.identifier(chain)
        writer.ordinal(height)
        writer.identifier(previous)
        return hash.digest(DomainTag("cn/a.rnd"), writer.bytes)
    }

    /// The seed of an epoch's leaders, from R at the finalized middle height of the epoch before. Its committee was
    /// fixed earlier, so nobody can fit stake to seed.
    public static func seed(
        chain: ChainID, epoch: Epoch, middle: Digest, using hash: some HashFunction
    ) -> Digest {
        var writer = ByteWriter(capacity: 72)
        writer.identifier(chain)
        writer.ordinal(epoch)
        writer.identifier(middle)
        return hash.digest(DomainTag("cn/seed"), writer.bytes)
    }
}
