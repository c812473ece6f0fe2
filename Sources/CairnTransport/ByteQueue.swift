/// Bytes waiting to leave, taken from the front in pieces.
///
/// The front moves by an index, and the spent part is dropped when it outweighs the rest, so that taking is cheap and a
/// drained queue holds no memory worth naming.
struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        storage.append(contentsOf: bytes)
    }

    /// Moves up to `limit` bytes from the front onto the end of `destination`.
    mutating func move(_ limit: Int, to destination: inout [UInt8]) {
        let taken = min(max(limit, 0), count)
        destination.append(contentsOf: storage[start..<start + taken])
        start += taken
        if start == storage.count {
            storage.removeAll(keepingCapacity: storage.count <= 64 << 10)
            start = 0
        } else if start > 64 << 10, start > storage.count - start {
            storage.removeFirst(start)
            start = 0
        }
    }
}
