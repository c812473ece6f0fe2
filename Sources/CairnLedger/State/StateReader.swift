import CairnWire

/// Where the ledger reads the state it builds on: memory in tests and simulations, SQLite in a node.
///
/// Both answers are as of the newest committed block. The ledger never writes; it returns what must be written.
public protocol StateReader {
    /// The canonical bytes under a key, or nil where the state has no such entry.
    func value(for key: StateKey) throws(StateError) -> [UInt8]?

    /// The same for several keys: what is far away is waited for once and not for each.
    func values(for keys: [StateKey]) throws(StateError) -> [[UInt8]?]

    /// The tree over the state, down to its buckets.
    var tree: CommittedTree { get }

    /// The entries of a bucket that the tree does not hold.
    func bucket(at place: TreePath) throws(StateError) -> TreeBucket
}

/// Why state could not be read. None of these is caused by a transaction; a node that sees one stops.
public enum StateError: Error, Equatable, Sendable {
    /// The entry is there, but its bytes are not what was written.
    case damaged(StateKey)
    /// The entries in a bucket of the state tree are not those it was made of.
    case damagedBucket(TreePath)
    /// The chain has gone over to rules that this program does not know.
    case unsupportedVersion(UInt32)
    /// The storage layer failed with this result code.
    case unreadable(code: Int32, detail: String)
}

/// One entry of the state as a block leaves it; nil removes it.
public struct StateChange: Sendable, Equatable {
    public let key: StateKey
    public let value: [UInt8]?

    public init(key: StateKey, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

extension StateReader {
    public func values(for keys: [StateKey]) throws(StateError) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        for key in keys { values.append(try value(for: key)) }
        return values
    }

    /// Decodes the record under a key.
    public func load<Value: Record>(_ key: RecordKey<Value>) throws(StateError) -> Value? {
        guard let bytes = try value(for: key.key) else { return nil }
        return try decodeRecord(bytes, under: key)
    }
}

func decodeRecord<Value: Record>(_ bytes: [UInt8], under key: RecordKey<Value>) throws(StateError) -> Value {
    do {
        return try Value.decode(bytes, limit: bytes.count)
    } catch {
        throw .damaged(key.key)
    }
}
