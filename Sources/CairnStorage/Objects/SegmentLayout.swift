/// How one segment of an encrypted object lies in its shards.
///
/// Data shard j is the j-th slice of the segment, padded with zeros; all shards of a segment are equally long, in whole
/// units. Only the last segment of an object may be shorter than a full one.
public struct SegmentLayout: Sendable, Hashable {
    public let length: Int
    public let needed: Int
    /// How many units each shard has.
    public let shardUnits: Int

    /// Nil unless the length is between one byte and a whole segment, and there is at least one data shard.
    public init?(length: Int, needed: Int) {
        guard (1...StorageUnits.segmentBytes).contains(length), (1...255).contains(needed) else { return nil }
        self.length = length
        self.needed = needed
        let perUnit = needed * StorageUnits.unitBytes
        shardUnits = (length + perUnit - 1) / perUnit
    }

    public var shardBytes: Int { shardUnits * StorageUnits.unitBytes }

    /// Which bytes of the segment data shard `shard` begins with; the rest of it is padding.
    public func slice(of shard: Int) -> Range<Int> {
        let first = min(shard * shardBytes, length)
        return first..<min(first + shardBytes, length)
    }

    /// The lengths of the segments of an object of `bytes`, in order.
    public static func segments(of bytes: UInt64) -> (full: UInt64, last: Int) {
        let (full, rest) = bytes.quotientAndRemainder(dividingBy: UInt64(StorageUnits.segmentBytes))
        return (full, Int(rest))
    }
}
