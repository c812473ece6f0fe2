/// A first-in, first-out queue that never holds more than its capacity and counts what it had to drop.
///
/// The storage is a ring that grows by doubling up to the capacity, so an idle queue with a generous limit costs
/// nothing. Which element is lost when the queue is full is the owner's choice, made once.
@frozen
public struct BoundedQueue<Element> {
    public enum Overflow: Sendable {
        /// The element waiting longest makes room: for news that replaces older news.
        case dropOldest
        /// The new element is turned away: for work already promised to those who came first.
        case refuseNewest
    }

    public let capacity: Int
    public let overflow: Overflow
    public private(set) var count = 0
    /// How many elements were lost since the queue was made.
    public private(set) var dropped: UInt64 = 0
    private var ring: [Element?] = []
    private var head = 0

    public init(capacity: Int, overflow: Overflow) {
        invariant(capacity > 0, "a queue holds at least one element")
        self.capacity = capacity
        self.overflow = overflow
    }

    public var isEmpty: Bool { count == 0 }
    public var isFull: Bool { count == capacity }
    public var first: Element? { isEmpty ? nil : ring[head] }

    /// Adds an element at the end and returns the one that was lost for it, which may be the new one itself.
    @discardableResult
    public mutating func append(_ element: Element) -> Element? {
        var lost: Element?
        if isFull {
            dropped += 1
            guard overflow == .dropOldest else { return element }
            lost = popFirst()
        }
        if count == ring.count { grow() }
        ring[slot(count)] = element
        count += 1
        return lost
    }

    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head]
        ring[head] = nil
        head = slot(1)
        count -= 1
        return element
    }

    /// Empties the queue. What is removed this way does not count as dropped.
    public mutating func removeAll() {
        ring = []
        head = 0
        count = 0
    }

    private func slot(_ offset: Int) -> Int {
        let index = head + offset
        return index < ring.count ? index : index - ring.count
    }

    private mutating func grow() {
        let size = Swift.min(Swift.max(4, 2 * ring.count), capacity)
        var larger: [Element?] = []
        larger.reserveCapacity(size)
        for offset in 0..<count { larger.append(ring[slot(offset)]) }
        while larger.count < size { larger.append(nil) }
        ring = larger
        head = 0
    }
}

extension BoundedQueue: Sequence {
    /// From the element waiting longest to the newest.
    public func makeIterator() -> some IteratorProtocol<Element> {
        (0..<count).lazy.compactMap { ring[slot($0)] }.makeIterator()
    }
}

extension BoundedQueue: Sendable where Element: Sendable {}

extension BoundedQueue: Equatable where Element: Equatable {
    /// Equal queues hold equal elements in the same order, whatever they dropped before.
    public static func == (left: Self, right: Self) -> Bool {
        left.elementsEqual(right)
    }
}
