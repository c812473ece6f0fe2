import CairnBase
import CairnWire

/// The state while a block is applied: what was committed, overlaid by what the block changed so far.
///
/// A transaction that fails is undone to its mark, so each either happens whole or leaves only its fee and nonce.
struct Workspace<Base: StateReader> {
    /// What was committed before this block.
    let base: Base
    // ORDER: asked by key; `changes` sorts.
    private var overlay: [StateKey: [UInt8]?] = [:]
    // ORDER: only asked by key. What was read of the base, so that no entry is read twice for one block.
    private var originals: [StateKey: [UInt8]?] = [:]
    private var undo: [(key: StateKey, previous: [UInt8]??)] = []

    init(over base: Base) {
        self.base = base
    }

    mutating func load<Value: Record>(_ key: RecordKey<Value>) throws(StateError) -> Value? {
        guard let bytes = try bytes(for: key.key) else { return nil }
        return try decodeRecord(bytes, under: key)
    }

    /// A record that genesis wrote and nothing removes.
    mutating func require<Value: Record>(_ key: RecordKey<Value>) throws(StateError) -> Value {
        guard let value = try load(key) else { throw .damaged(key.key) }
        return value
    }

    private mutating func bytes(for key: StateKey) throws(StateError) -> [UInt8]? {
        if let changed = overlay[key] { return changed }
        return try original(of: key)
    }

    private mutating func original(of key: StateKey) throws(StateError) -> [UInt8]? {
        if let known = originals[key] { return known }
        let value = try base.value(for: key)
        originals[key] = .some(value)
        return value
    }

    mutating func store<Value: Record>(_ key: RecordKey<Value>, _ value: Value) {
        set(key.key, value.encoded)
    }

    mutating func remove<Value: Record>(_ key: RecordKey<Value>) {
        set(key.key, nil)
    }

    private mutating func set(_ key: StateKey, _ value: [UInt8]?) {
        undo.append((key, overlay.updateValue(value, forKey: key)))
    }

    /// A point to come back to.
    func mark() -> Int { undo.count }

    mutating func rollBack(to mark: Int) {
        while undo.count > mark, let last = undo.popLast() {
            overlay[last.key] = last.previous
        }
    }

    /// What the block changed, in key order. Entries that ended as they began are left out.
    mutating func changes() throws(StateError) -> [StateChange] {
        var changes: [StateChange] = []
        changes.reserveCapacity(overlay.count)
        for key in overlay.keys.sorted() {
            guard let value = overlay[key] else { continue }
            if try original(of: key) != value {
                changes.append(StateChange(key: key, value: value))
            }
        }
        return changes
    }
}
