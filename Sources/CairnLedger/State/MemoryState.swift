public import CairnBase

/// The whole state in memory: what tests, simulations and light tools build blocks on.
public struct MemoryState: StateReader, Sendable {
    // ORDER: both are asked by key; `entries` sorts.
    private var values: [StateKey: [UInt8]] = [:]
    private var pages: [TreePath: TreePage] = [:]
    public private(set) var root = Digest.zero

    public init() {}

    public func value(for key: StateKey) -> [UInt8]? { values[key] }

    public func page(at path: TreePath) -> TreePage? { pages[path] }

    public mutating func commit(_ outcome: BlockOutcome) {
        for change in outcome.changes {
            values[change.key] = change.value
        }
        for change in outcome.pages {
            pages[change.path] = change.page
        }
        root = outcome.root
    }

    /// Every entry in key order.
    public var entries: [StateChange] {
        values.keys.sorted().map { StateChange(key: $0, value: values[$0]) }
    }
}
