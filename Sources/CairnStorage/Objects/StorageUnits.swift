public import CairnBase

/// The sizes that everything stored is made of.
public enum StorageUnits {
    /// What one Merkle leaf covers, and what one step of a walk reads.
    public static let leafBytes = 1 << 10
    /// What is sealed, drawn and paid as one.
    public static let unitBytes = 1 << 20
    public static let leavesPerUnit = 1 << 10
    /// What of a file is coded at once; a file is as many segments as it takes.
    public static let segmentBytes = 64 << 20

    /// The Merkle tree over the leaves of some whole units; nil for a ragged length.
    public static func tree(_ bytes: [UInt8], using hash: some HashFunction) -> MerkleList? {
        guard bytes.count % leafBytes == 0 else { return nil }
        return MerkleList(leaves: MerkleList.leaves(bytes.span.bytes, each: leafBytes, using: hash), using: hash)
    }
}
