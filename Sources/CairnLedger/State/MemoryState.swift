public import CairnBase

/// The whole state in memory: what tests, simulations and light tools build blocks on.
public struct MemoryState: StateReader, Sendable {
    // ORDER: asked by key; `entries` sorts.
    private var values: [StateKey: [UInt8]] = [:]
    public private(set) var tree = CommittedTree()

    public init() {}

    public var root: Digest { tree.hash }

    public func value(for key: StateKey) -> [UInt8]? { values[key] }

    /// The tree of a state in memory holds all of its buckets, so this one was lost.
    public func bucket(at place: TreePath) throws(StateError) -> TreeBucket { throw .damagedBucket(place) }

    public mutating func commit(_ outcome: BlockOutcome) {
        for change in outcome.changes { values[change.key] = change.value }
        tree.take(outcome.tree)
    }

    /// Every entry in key order.
    public var entries: [StateChange] {
        values.keys.sorted().map { StateChange(key: $0, value: values[$0]) }
    }
}
