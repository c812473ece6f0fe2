/// A map that is always walked in ascending order of its keys.
///
/// The order of a `Dictionary` differs from process to process; a core that walked one would not be replayable. This
/// is a B-tree of two levels: leaves of at most `leafCapacity` sorted entries, in one array. A lookup is two binary
/// searches, an insertion moves at most one leaf, and the layout depends on nothing but the calls made, which is fast
/// enough up to about a million entries.
///
/// Invariants: no leaf is empty or larger than `leafCapacity`; keys ascend strictly within a leaf and from leaf to
/// leaf; `size` is the sum of the leaves' sizes.
@frozen
public struct OrderedMap<Key: Comparable, Value> {
    @frozen @usableFromInline
    struct Leaf {
        @usableFromInline var keys: [Key]
        @usableFromInline var values: [Value]

        @inlinable
        init(keys: [Key], values: [Value]) {
            self.keys = keys
            self.values = values
        }
    }

    /// Where a key is, or where it would have to be inserted.
    @frozen @usableFromInline
    struct Place {
        @usableFromInline var leaf: Int
        @usableFromInline var index: Int
        @usableFromInline var found: Bool

        @inlinable
        init(leaf: Int, index: Int, found: Bool) {
            self.leaf = leaf
            self.index = index
            self.found = found
        }
    }

    public typealias Element = (key: Key, value: Value)

    @usableFromInline static var leafCapacity: Int { 128 }
    @usableFromInline var leaves: [Leaf] = []
    @usableFromInline var size = 0

    public init() {}

    @inlinable public var count: Int { size }
    @inlinable public var isEmpty: Bool { size == 0 }
    @inlinable public var first: Element? { entry(leaf: 0, index: 0) }
    @inlinable public var last: Element? {
        guard let leaf = leaves.last else { return nil }
        return entry(leaf: leaves.count - 1, index: leaf.keys.count - 1)
    }

    /// The value of a key; nil removes it. To change a large value in place use `mutate` or the subscript with a default.
    @inlinable
    public subscript(key: Key) -> Value? {
        get {
            let place = place(of: key)
            return place.found ? leaves[place.leaf].values[place.index] : nil
        }
        set {
            if let newValue { updateValue(newValue, forKey: key) } else { removeValue(forKey: key) }
        }
    }

    /// The value of a key, which is inserted with the default when a change begins.
    @inlinable
    public subscript(key: Key, default make: @autoclosure () -> Value) -> Value {
        get { self[key] ?? make() }
        _modify {
            var place = place(of: key)
            if !place.found { place = insert(make(), forKey: key, at: place) }
            yield &leaves[place.leaf].values[place.index]
        }
    }

    @inlinable
    public func contains(_ key: Key) -> Bool { place(of: key).found }

    /// Sets a value and returns the one it replaced.
    @inlinable
    @discardableResult
    public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        let place = place(of: key)
        guard place.found else {
            _ = insert(value, forKey: key, at: place)
            return nil
        }
        let old = leaves[place.leaf].values[place.index]
        leaves[place.leaf].values[place.index] = value
        return old
    }

    /// Changes the value of a key in place; nil when the key is absent.
    @inlinable
    public mutating func mutate<Result, Failure: Error>(
        _ key: Key, _ change: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let place = place(of: key)
        guard place.found else { return nil }
        return try change(&leaves[place.leaf].values[place.index])
    }

    @inlinable
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        let place = place(of: key)
        return place.found ? remove(at: place).value : nil
    }

    @inlinable
    public mutating func popFirst() -> Element? {
        isEmpty ? nil : remove(at: Place(leaf: 0, index: 0, found: true))
    }

    @inlinable
    public mutating func popLast() -> Element? {
        guard let leaf = leaves.last else { return nil }
        return remove(at: Place(leaf: leaves.count - 1, index: leaf.keys.count - 1, found: true))
    }

    public mutating func removeAll() {
        leaves = []
        size = 0
    }
}

extension OrderedMap: Sendable where Key: Sendable, Value: Sendable {}
extension OrderedMap.Leaf: Sendable where Key: Sendable, Value: Sendable {}

extension OrderedMap: Equatable where Value: Equatable {
    @inlinable
    public static func == (left: Self, right: Self) -> Bool {
        left.count == right.count
            && left.elementsEqual(right) { $0.key == $1.key && $0.value == $1.value }
    }
}

extension OrderedMap: ExpressibleByDictionaryLiteral {
    /// Later values of a repeated key win.
    @inlinable
    public init(dictionaryLiteral elements: (Key, Value)...) {
        for (key, value) in elements { updateValue(value, forKey: key) }
    }
}
