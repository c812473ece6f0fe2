public import CairnBase

/// What is wrong with a snapshot. Nothing of it is kept then.
public enum SnapshotFault: Sendable, Equatable {
    case notASnapshot
    /// The file ends before what its header promises.
    case cutShort
    /// More follows than the header promises.
    case tooLong
    /// The hashes of the chunks are not those the header stands for.
    case chunkList
    case chunkTooLarge(UInt32, bytes: UInt64)
    case chunkAltered(UInt32)
    case chunkMalformed(UInt32)
    /// Entries do not rise, blocks do not follow each other, or one comes where it does not belong.
    case order(chunk: UInt32)
    case otherChain(ChainID)
    /// It is not a snapshot of the state that was asked for.
    case otherRoot(Digest)
    /// What it holds is not the state whose root it names.
    case entries(root: Digest, count: UInt64)
    /// Its last block is not the one it names.
    case lastBlock
    /// A block of the past is not what it says.
    case block(Height)
    /// The blocks begin behind one that a node needs which goes on from it.
    case blocksMissing(Height)
}

extension SnapshotFault {
    /// Whether whoever offered chunks with these hashes must have known. What the disk did to a file is nobody's lie.
    public var isLie: Bool {
        switch self {
        case .cutShort, .chunkAltered: false
        default: true
        }
    }
}

extension SnapshotFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notASnapshot: "it does not begin like a snapshot of this version"
        case .cutShort: "it ends too early"
        case .tooLong: "something follows its last chunk"
        case .chunkList: "the list of its chunks is not the one its header names"
        case .chunkTooLarge(let chunk, let bytes): "chunk \(chunk) says it has \(bytes) bytes"
        case .chunkAltered(let chunk): "chunk \(chunk) is not what was written"
        case .chunkMalformed(let chunk): "chunk \(chunk) cannot be read"
        case .order(let chunk): "chunk \(chunk) is out of order"
        case .otherChain(let chain): "it is of chain \(chain)"
        case .otherRoot(let root): "it is of state root \(root)"
        case .entries(let root, let count): "its \(count) entries have the root \(root)"
        case .lastBlock: "its last block is not the one it names"
        case .block(let height): "block \(height) is not what it says"
        case .blocksMissing(let height): "block \(height) is missing, without which nobody can go on"
        }
    }
}
