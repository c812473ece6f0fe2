extension ByteReader {
    @inlinable
    public mutating func value<Value: Canonical>(_: Value.Type = Value.self) throws(DecodeError) -> Value {
        try Value(from: &self)
    }

    /// One byte, 0 or 1, then the value when it is 1.
    @inlinable
    public mutating func optional<Value>(
        _ read: (inout ByteReader) throws(DecodeError) -> Value
    ) throws(DecodeError) -> Value? {
        try bool() ? try read(&self) : nil
    }

    @inlinable
    public mutating func optional<Value: Canonical>(_: Value.Type = Value.self) throws(DecodeError) -> Value? {
        try bool() ? try Value(from: &self) : nil
    }

    /// A u32 count, at most `limit`, then that many items.
    ///
    /// Every item takes at least one byte, so a count above the bytes that are left is refused at once, and memory
    /// grows with the items that were really there.
    @inlinable
    public mutating func list<Item>(
        limit: Int, _ read: (inout ByteReader) throws(DecodeError) -> Item
    ) throws(DecodeError) -> [Item] {
        let count = try self.count(limit: limit)
        guard count <= remaining else { throw .truncated(need: count, have: remaining) }
        var items: [Item] = []
        for _ in 0..<count { items.append(try read(&self)) }
        return items
    }

    @inlinable
    public mutating func list<Item: Canonical>(
        of _: Item.Type = Item.self, limit: Int
    ) throws(DecodeError) -> [Item] {
        try list(limit: limit) { reader throws(DecodeError) in try Item(from: &reader) }
    }

    /// A list whose items must ascend strictly: the canonical form of a set, without order to choose or doubles.
    @inlinable
    public mutating func ascending<Item: Comparable>(
        limit: Int, _ read: (inout ByteReader) throws(DecodeError) -> Item
    ) throws(DecodeError) -> [Item] {
        var last: Item?
        return try list(limit: limit) { reader throws(DecodeError) in
            let item = try read(&reader)
            if let last, last >= item { throw .notCanonical("order of a set") }
            last = item
            return item
        }
    }
}
