import CairnLedger
public import CairnStore

/// Why a node cannot start, or cannot go on.
public enum ChainFailure: Error, Sendable, Equatable {
    case store(StoreError)
    case signLog(SignLogError)
    case system(SystemError)
    /// The directory holds another chain than the one asked for.
    case otherChain(found: String, expected: String)
    /// The chain that others hand out, or the one here, has another committee than the owner trusts.
    case otherThanCheckpoint(epoch: UInt64)
    /// The disk is so far behind that work piles up without bound.
    case overloaded
    /// The guard against signing twice has spoken.
    case doubleSignGuard(String)
}

extension ChainFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .store(let error): "the chain's database: \(error)"
        case .signLog(let error): "\(error)"
        case .system(let error): "\(error)"
        case .otherChain(let found, let expected): "this home holds chain \(found), the genesis names \(expected)"
        case .otherThanCheckpoint(let epoch):
            "this chain has another committee in epoch \(epoch) than chain.checkpoint: it is not the one that was trusted"
        case .overloaded: "the disk cannot keep up: too many writes are waiting"
        case .doubleSignGuard(let reason): "this validator must not sign again: \(reason)"
        }
    }
}
