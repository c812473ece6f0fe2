public import CairnBase

/// Why a sign log cannot be used. None of these is worked around: signing without its log is how validators are slashed.
public enum SignLogError: Error, Equatable, Sendable {
    /// The key has no log. It was signed with elsewhere, or the log was deleted: either way it must never sign again.
    case missing(directory: String)
    /// The log is there but not whole: records that others may have seen cannot be read back.
    case lost(SignLogDamage)
    /// There is a log already; a new one would forget what it says.
    case exists(directory: String)
    /// Another process signs with this log.
    case locked(path: String, pid: Int32?)
    /// The log belongs to another key.
    case otherKey(PublicKey)
    /// The log belongs to another chain.
    case otherChain(ChainID)
    /// More than fits into one batch.
    case tooLarge(byteCount: Int, limit: Int)
    /// A system call failed; the node stops.
    case file(operation: String, path: String, errno: Int32)
    /// An earlier write failed; nothing more is written by this process.
    case stopped
}

/// What is wrong with a log that is not whole.
public enum SignLogDamage: Equatable, Sendable {
    /// No segment begins as one must.
    case header(segment: UInt32)
    /// Something readable stands behind something that is not.
    case gap(segment: UInt32, slot: Int)
    /// The log names a next segment that is not there.
    case successor(segment: UInt32)
    /// The bytes are what was written, but no record this version knows.
    case record(segment: UInt32)
}

extension SignLogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let directory):
            "there is no sign log in \(directory), but there is a vote key: a key without its log never signs again"
        case .lost(let damage): "the sign log is damaged (\(damage)); this vote key never signs again"
        case .exists(let directory): "there is a sign log in \(directory) already"
        case .locked(let path, let pid?): "\(path) is in use by process \(pid)"
        case .locked(let path, nil): "\(path) is in use by another process"
        case .otherKey(let key): "the sign log belongs to the key \(key)"
        case .otherChain(let chain): "the sign log belongs to the chain \(chain)"
        case .tooLarge(let size, let limit): "\(size) bytes for the sign log at once; the limit is \(limit)"
        case .file(let operation, let path, let errno): "\(operation) failed on \(path): error \(errno)"
        case .stopped: "an earlier write to the sign log failed; restart the node"
        }
    }
}

extension SignLogDamage: CustomStringConvertible {
    public var description: String {
        switch self {
        case .header(let segment): "segment \(segment) has no readable beginning"
        case .gap(let segment, let slot): "segment \(segment) is unreadable at slot \(slot) but not behind it"
        case .successor(let segment): "segment \(segment) is announced but missing"
        case .record(let segment): "segment \(segment) holds a record of unknown form"
        }
    }
}
