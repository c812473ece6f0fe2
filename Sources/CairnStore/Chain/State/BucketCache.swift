import CairnLedger

/// Buckets of the state tree in memory, up to a limit of bytes.
///
/// A bucket that holds changes which are not in the state table yet is the only place where they can be read, so it
/// stays until they are written; the others go when there is no more room, those that came first before the rest.
struct BucketCache {
    private let limit: Int
    private var buckets: [TreePath: TreeBucket] = [:]
    private var unwritten: Set<TreePath> = []
    private var order: [TreePath] = []
    private var next = 0
    private(set) var byteCount = 0

    init(limit: Int) {
        self.limit = limit
    }

    subscript(place: TreePath) -> TreeBucket? { buckets[place] }

    /// True if what is not written yet takes so much room that it should be written.
    var isCrowded: Bool { byteCount > limit && 2 * unwritten.count > buckets.count }

    mutating func insert(_ bucket: TreeBucket, at place: TreePath) {
        set(bucket, at: place)
        makeRoom()
    }

    mutating func update(_ buckets: [(place: TreePath, bucket: TreeBucket?)], areWritten: Bool) {
        for (place, bucket) in buckets {
            set(bucket, at: place)
            if areWritten || bucket == nil { unwritten.remove(place) } else { unwritten.insert(place) }
        }
        makeRoom()
    }

    mutating func allWritten() { unwritten.removeAll(keepingCapacity: true) }

    private mutating func set(_ bucket: TreeBucket?, at place: TreePath) {
        let previous = bucket.map { buckets.updateValue($0, forKey: place) } ?? buckets.removeValue(forKey: place)
        if previous == nil, bucket != nil { order.append(place) }
        byteCount += (bucket?.byteCount ?? 0) - (previous?.byteCount ?? 0)
    }

    private mutating func makeRoom() {
        var tries = order.count - next
        while byteCount > limit, tries > 0 {
            let place = order[next]
            next += 1
            tries -= 1
            if unwritten.contains(place) {
                order.append(place)
            } else if let bucket = buckets.removeValue(forKey: place) {
                byteCount -= bucket.byteCount
            }
        }
        if next > 4096, 2 * next > order.count {
            order.removeFirst(next)
            next = 0
        }
    }
}
