/// The two-level tree below the map's interface.
extension OrderedMap {
    @inlinable
    func entry(leaf: Int, index: Int) -> Element? {
        guard leaf < leaves.count, index < leaves[leaf].keys.count else { return nil }
        return (leaves[leaf].keys[index], leaves[leaf].values[index])
    }

    @inlinable
    func place(of key: Key) -> Place {
        // The leaf that may hold the key is the last one that begins at or before it.
        var low = 0
        var high = leaves.count
        while low < high {
            let middle = (low + high) / 2
            if key < leaves[middle].keys[0] { high = middle } else { low = middle + 1 }
        }
        let leaf = Swift.max(0, low - 1)
        guard leaf < leaves.count else { return Place(leaf: 0, index: 0, found: false) }

        low = 0
        high = leaves[leaf].keys.count
        while low < high {
            let middle = (low + high) / 2
            if leaves[leaf].keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        let found = low < leaves[leaf].keys.count && leaves[leaf].keys[low] == key
        return Place(leaf: leaf, index: low, found: found)
    }

    /// Inserts an absent key at the place found for it and returns the place it finally took.
    @inlinable
    mutating func insert(_ value: Value, forKey key: Key, at place: Place) -> Place {
        var place = place
        size += 1
        if leaves.isEmpty { leaves.append(Leaf(keys: [], values: [])) }
        if leaves[place.leaf].keys.count == Self.leafCapacity {
            place = split(for: place)
        }
        leaves[place.leaf].keys.insert(key, at: place.index)
        leaves[place.leaf].values.insert(value, at: place.index)
        place.found = true
        return place
    }

    /// Makes room in a full leaf and says where `place` went. Ascending insertions, the common case, leave full
    /// leaves behind instead of half-empty ones.
    @inlinable
    mutating func split(for place: Place) -> Place {
        let isAppend = place.leaf == leaves.count - 1 && place.index == Self.leafCapacity
        let cut = isAppend ? Self.leafCapacity : Self.leafCapacity / 2
        let upper = Leaf(
            keys: Array(leaves[place.leaf].keys[cut...]), values: Array(leaves[place.leaf].values[cut...]))
        leaves[place.leaf].keys.removeSubrange(cut...)
        leaves[place.leaf].values.removeSubrange(cut...)
        leaves.insert(upper, at: place.leaf + 1)
        guard place.index > cut || isAppend else { return place }
        return Place(leaf: place.leaf + 1, index: place.index - cut, found: false)
    }

    @inlinable
    mutating func remove(at place: Place) -> Element {
        size -= 1
        let key = leaves[place.leaf].keys.remove(at: place.index)
        let value = leaves[place.leaf].values.remove(at: place.index)
        if leaves[place.leaf].keys.isEmpty { leaves.remove(at: place.leaf) }
        return (key, value)
    }
}
