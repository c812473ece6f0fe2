/// Bytes appended at the back and consumed at the front.
///
/// The consumed part is dropped when it outweighs the rest, so a byte is moved at most once and the memory stays in
/// proportion to what is waiting. Whoever fills the queue keeps its limit.
public struct ByteQueue: Sendable {
    /// What a drained queue may keep, and what may be spent before the rest is moved to the front.
    private static let keptCapacity = 4 << 10
    private static let spentBeforeMove = 4 << 10

    private var storage: [UInt8] = []
    private var head = 0

    public init() {}

    public var count: Int { storage.count - head }
    public var isEmpty: Bool { head == storage.count }

    /// What is waiting, front first.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { storage.span.bytes.extracting(droppingFirst: head) }
    }

    public mutating func append(_ bytes: [UInt8]) {
        // Into an empty queue the bytes go as they are, without a copy.
        if storage.isEmpty { storage = bytes } else { storage.append(contentsOf: bytes) }
    }

    /// Lets `fill` write up to `limit` bytes at the back; it answers how many it wrote.
    package mutating func append(upTo limit: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        storage.append(addingCapacity: limit) { room in
            // SAFETY: the buffer is valid for the call; what is counted in was written, and not more than there is room.
            unsafe room.withUnsafeMutableBufferPointer { buffer, initialized in
                let free = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[..<limit])
                initialized = min(max(unsafe fill(free), 0), limit)
            }
        }
    }

    // SAFETY: the array lends its buffer for the call; the body does not keep it.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe storage[head...].withUnsafeBytes(body)
    }

    /// Takes up to `limit` bytes off the front.
    public mutating func take(_ limit: Int) -> [UInt8] {
        let taken = Array(storage[head..<head + clamped(limit)])
        consume(taken.count)
        return taken
    }

    /// Moves up to `limit` bytes off the front onto the end of `destination`.
    public mutating func move(_ limit: Int, to destination: inout [UInt8]) {
        let taken = clamped(limit)
        destination.append(contentsOf: storage[head..<head + taken])
        consume(taken)
    }

    /// Drops up to `limit` bytes off the front.
    public mutating func consume(_ limit: Int) {
        head += clamped(limit)
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= Self.keptCapacity)
            head = 0
        } else if head > Self.spentBeforeMove, head > storage.count / 2 {
            storage.removeFirst(head)
            head = 0
        }
    }

    private func clamped(_ limit: Int) -> Int { min(max(limit, 0), count) }
}
