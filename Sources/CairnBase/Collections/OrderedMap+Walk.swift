/// Walking the map, always in ascending order, and cutting ranges off it.
extension OrderedMap: Sequence {
    @frozen
    public struct Iterator: IteratorProtocol {
        @usableFromInline let map: OrderedMap
        @usableFromInline var leaf: Int
        @usableFromInline var index: Int

        @inlinable
        init(map: OrderedMap, leaf: Int, index: Int) {
            self.map = map
            self.leaf = leaf
            self.index = index
        }

        @inlinable
        public mutating func next() -> OrderedMap.Element? {
            if leaf < map.leaves.count, index == map.leaves[leaf].keys.count {
                leaf += 1
                index = 0
            }
            guard let entry = map.entry(leaf: leaf, index: index) else { return nil }
            index += 1
            return entry
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(map: self, leaf: 0, index: 0) }

    @inlinable public var underestimatedCount: Int { count }

    /// The entries whose keys are not below `key`.
    @inlinable
    public func entries(from key: Key) -> IteratorSequence<Iterator> {
        let place = place(of: key)
        return IteratorSequence(Iterator(map: self, leaf: place.leaf, index: place.index))
    }

    /// The entries whose keys lie in `range`.
    @inlinable
    public func entries(in range: Range<Key>) -> some Sequence<Element> {
        entries(from: range.lowerBound).lazy.prefix { $0.key < range.upperBound }
    }

    /// The last entry whose key is not above `key`.
    @inlinable
    public func entry(atOrBefore key: Key) -> Element? {
        let place = place(of: key)
        if place.found || place.index > 0 {
            return entry(leaf: place.leaf, index: place.found ? place.index : place.index - 1)
        }
        return nil
    }

    @inlinable public var keys: [Key] { leaves.flatMap(\.keys) }
    @inlinable public var values: [Value] { leaves.flatMap(\.values) }

    /// Removes every entry whose key is below `key`, as when views or heights behind a floor no longer matter.
    @inlinable
    public mutating func removeAll(below key: Key) {
        let place = place(of: key)
        guard !leaves.isEmpty else { return }
        leaves[place.leaf].keys.removeSubrange(..<place.index)
        leaves[place.leaf].values.removeSubrange(..<place.index)
        leaves.removeSubrange(..<(leaves[place.leaf].keys.isEmpty ? place.leaf + 1 : place.leaf))
        recount()
    }

    /// Removes the entries that match, asking in ascending order.
    @inlinable
    public mutating func removeAll(where matches: (Key, Value) -> Bool) {
        var kept: [Leaf] = []
        for leaf in leaves {
            let staying = leaf.keys.indices.filter { !matches(leaf.keys[$0], leaf.values[$0]) }
            if staying.count == leaf.keys.count {
                kept.append(leaf)
            } else if !staying.isEmpty {
                kept.append(Leaf(keys: staying.map { leaf.keys[$0] }, values: staying.map { leaf.values[$0] }))
            }
        }
        leaves = kept
        recount()
    }

    /// Changes every value in place, in ascending order of the keys.
    @inlinable
    public mutating func mutateAll(_ change: (Key, inout Value) -> Void) {
        for leaf in leaves.indices {
            for index in leaves[leaf].keys.indices {
                change(leaves[leaf].keys[index], &leaves[leaf].values[index])
            }
        }
    }

    @usableFromInline
    mutating func recount() {
        size = leaves.reduce(0) { $0 + $1.keys.count }
    }
}
