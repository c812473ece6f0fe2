/// A set that is always walked in ascending order. The reasons and the costs are those of `OrderedMap`.
@frozen
public struct OrderedSet<Element: Comparable> {
    @usableFromInline var map = OrderedMap<Element, Void>()

    public init() {}

    @inlinable
    public init(_ elements: some Sequence<Element>) {
        for element in elements { map.updateValue((), forKey: element) }
    }

    @inlinable public var count: Int { map.count }
    @inlinable public var isEmpty: Bool { map.isEmpty }
    @inlinable public var first: Element? { map.first?.key }
    @inlinable public var last: Element? { map.last?.key }
    @inlinable public var elements: [Element] { map.keys }

    @inlinable
    public func contains(_ element: Element) -> Bool { map.contains(element) }

    /// True when the element was not there before.
    @inlinable
    @discardableResult
    public mutating func insert(_ element: Element) -> Bool { map.updateValue((), forKey: element) == nil }

    /// True when the element was there.
    @inlinable
    @discardableResult
    public mutating func remove(_ element: Element) -> Bool { map.removeValue(forKey: element) != nil }

    @inlinable
    public mutating func popFirst() -> Element? { map.popFirst()?.key }

    @inlinable
    public mutating func removeAll(below element: Element) { map.removeAll(below: element) }

    public mutating func removeAll() { map.removeAll() }
}

extension OrderedSet: Sequence {
    @inlinable
    public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
    @inlinable public var underestimatedCount: Int { count }
}

extension OrderedSet: Sendable where Element: Sendable {}

extension OrderedSet: Equatable {
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.elements == right.elements }
}

extension OrderedSet: ExpressibleByArrayLiteral {
    @inlinable
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}
