/// An ordered map that never holds more than its capacity and counts what it had to drop.
///
/// It is read through `entries`; the few ways to change it keep the bound.
@frozen
public struct BoundedMap<Key: Comparable, Value> {
    public enum Overflow: Sendable {
        /// A new key is turned away while the map is full.
        case refuseNewest
        /// The lowest key makes room, be it the new one: for heights and views, where low means old.
        case dropLowest
        /// The highest key makes room, be it the new one: for what lies too far ahead.
        case dropHighest
    }

    public let capacity: Int
    public let overflow: Overflow
    public private(set) var entries = OrderedMap<Key, Value>()
    /// How many entries were lost since the map was made.
    public private(set) var dropped: UInt64 = 0

    public init(capacity: Int, overflow: Overflow) {
        invariant(capacity > 0, "a map holds at least one entry")
        self.capacity = capacity
        self.overflow = overflow
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    public var isFull: Bool { entries.count == capacity }

    public subscript(key: Key) -> Value? { entries[key] }

    /// Sets a value and returns the entry that was lost for it, which may be the new one itself. Replacing the value
    /// of a key that is there loses nothing.
    @discardableResult
    public mutating func updateValue(_ value: Value, forKey key: Key) -> (key: Key, value: Value)? {
        entries.updateValue(value, forKey: key)
        guard entries.count > capacity else { return nil }
        dropped += 1
        switch overflow {
        case .refuseNewest: return entries.removeValue(forKey: key).map { (key, $0) }
        case .dropLowest: return entries.popFirst()
        case .dropHighest: return entries.popLast()
        }
    }

    /// Changes the value of a key in place; nil when the key is absent.
    public mutating func mutate<Result, Failure: Error>(
        _ key: Key, _ change: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        try entries.mutate(key, change)
    }

    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? { entries.removeValue(forKey: key) }

    public mutating func removeAll(below key: Key) { entries.removeAll(below: key) }
    public mutating func removeAll(where matches: (Key, Value) -> Bool) { entries.removeAll(where: matches) }
    public mutating func popFirst() -> (key: Key, value: Value)? { entries.popFirst() }
    public mutating func removeAll() { entries.removeAll() }
}

extension BoundedMap: Sendable where Key: Sendable, Value: Sendable {}

extension BoundedMap: Equatable where Value: Equatable {
    /// Equal maps hold equal entries, whatever they dropped before.
    public static func == (left: Self, right: Self) -> Bool { left.entries == right.entries }
}
