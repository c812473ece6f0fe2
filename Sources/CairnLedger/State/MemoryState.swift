public import CairnBase

/// The whole state in memory: what tests, simulations and light tools build blocks on.
public struct MemoryState: StateReader, Sendable {
    // ORDER: both are asked by key; `entries` sorts.
    private var values: [StateKey: [UInt8]] = [:]
    private var buckets: [TreePath: TreeBucket] = [:]
    public private(set) var tree: TreeNode?

    public init() {}

    public var root: Digest { tree?.hash ?? .zero }

    public func value(for key: StateKey) -> [UInt8]? { values[key] }

    public func bucket(at place: TreePath) -> TreeBucket { buckets[place] ?? TreeBucket() }

    public mutating func commit(_ outcome: BlockOutcome) {
        for change in outcome.changes { values[change.key] = change.value }
        for (place, bucket) in outcome.tree.buckets { buckets[place] = bucket }
        tree = outcome.tree.tree
    }

    /// Every entry in key order.
    public var entries: [StateChange] {
        values.keys.sorted().map { StateChange(key: $0, value: values[$0]) }
    }
}
