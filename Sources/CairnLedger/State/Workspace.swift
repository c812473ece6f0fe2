import CairnBase
import CairnWire

/// The state while a block is applied: what was committed, overlaid by what the block changed so far.
///
/// A transaction that fails is undone to its mark, so each either happens whole or leaves only its fee and nonce.
struct Workspace<Base: StateReader> {
    /// What was committed before this block.
    let base: Base
    // ORDER: asked by key; `changes` sorts.
    private var places: [StateKey: Int] = [:]
    /// What the block has read or written, one place for each key in all three.
    private var keys: [StateKey] = []
    /// Nil until it is read, so that no entry is read twice for one block.
    private var originals: [[UInt8]??] = []
    /// Nil while nothing is written.
    private var currents: [[UInt8]??] = []
    private var undo: [(place: Int, previous: [UInt8]??)] = []

    init(over base: Base) {
        self.base = base
    }

    /// Reads what a block is going to ask for, all of it at once.
    mutating func read(_ wanted: [StateKey]) throws(StateError) {
        places.reserveCapacity(places.count + wanted.count)
        for key in wanted { _ = place(of: key) }
        let new = keys.indices.filter { originals[$0] == nil }
        for (place, value) in zip(new, try base.values(for: new.map { keys[$0] })) { originals[place] = .some(value) }
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
        let place = place(of: key)
        if let current = currents[place] { return current }
        return try original(at: place)
    }

    private mutating func place(of key: StateKey) -> Int {
        if let known = places[key] { return known }
        places[key] = keys.count
        keys.append(key)
        originals.append(nil)
        currents.append(nil)
        return keys.count - 1
    }

    private mutating func original(at place: Int) throws(StateError) -> [UInt8]? {
        if let known = originals[place] { return known }
        let value = try base.value(for: keys[place])
        originals[place] = .some(value)
        return value
    }

    mutating func store<Value: Record>(_ key: RecordKey<Value>, _ value: Value) {
        set(key.key, value.encoded)
    }

    mutating func remove<Value: Record>(_ key: RecordKey<Value>) {
        set(key.key, nil)
    }

    private mutating func set(_ key: StateKey, _ value: [UInt8]?) {
        let place = place(of: key)
        undo.append((place, currents[place]))
        currents[place] = .some(value)
    }

    /// A point to come back to, until the next. What is kept for it is no more than one transaction wrote.
    mutating func mark() { undo.removeAll(keepingCapacity: true) }

    mutating func rollBack() {
        while let last = undo.popLast() {
            currents[last.place] = last.previous
        }
    }

    /// What the block changed, in key order. Entries that ended as they began are left out.
    mutating func changes() throws(StateError) -> [StateChange] {
        var changes: [StateChange] = []
        changes.reserveCapacity(keys.count)
        for place in keys.indices {
            guard let current = currents[place], try original(at: place) != current else { continue }
            changes.append(StateChange(key: keys[place], value: current))
        }
        changes.sort { $0.key < $1.key }
        return changes
    }
}
