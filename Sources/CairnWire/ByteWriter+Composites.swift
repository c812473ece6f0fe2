public import CairnBase

extension ByteWriter {
    @inlinable
    public mutating func value(_ value: some Canonical) { value.encode(into: &self) }

    /// One byte, 0 or 1, then the value when there is one.
    @inlinable
    public mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        bool(value != nil)
        if let value { write(&self, value) }
    }

    @inlinable
    public mutating func optional(_ value: (some Canonical)?) {
        optional(value) { $1.encode(into: &$0) }
    }

    /// A u32 count, then the items.
    @inlinable
    public mutating func list<Item>(_ items: [Item], _ write: (inout ByteWriter, Item) -> Void) {
        count(items.count)
        for item in items { write(&self, item) }
    }

    @inlinable
    public mutating func list(_ items: [some Canonical]) {
        list(items) { $1.encode(into: &$0) }
    }

    /// A u32 count, then items that must already ascend strictly: the canonical form of a set.
    @inlinable
    public mutating func ascending<Item: Comparable>(_ items: [Item], _ write: (inout ByteWriter, Item) -> Void) {
        for index in items.indices.dropFirst() {
            invariant(items[index - 1] < items[index], "the items of a set ascend strictly")
        }
        list(items, write)
    }
}
