public import CairnBase

/// One segment of an encrypted object as its shards, and back, a portion at a time: of what is made from the segment only
/// a column of every shard is in memory, whatever the code.
public struct SegmentShards: Sendable {
    /// Over how much of every shard parity is made at once: so much of all shards fits the caches.
    private static let column = 64 << 10

    public let code: ErasureCode
    public let layout: SegmentLayout

    /// Nil unless the length is between one byte and a whole segment.
    public init?(length: Int, _ code: ErasureCode) {
        guard let layout = SegmentLayout(length: length, needed: code.needed) else { return nil }
        self.code = code
        self.layout = layout
    }

    /// How much memory a full segment takes with its padding.
    public static func paddedBytes(_ code: ErasureCode) -> Int {
        StorageUnits.segmentBytes + code.needed * StorageUnits.unitBytes
    }

    /// Makes the data shards, one behind the other, of a segment: padding behind it. False when it has another length.
    ///
    /// In place, for a copy would be as large as the segment.
    public func pad(_ segment: inout [UInt8]) -> Bool {
        guard segment.count == layout.length else { return false }
        segment.append(contentsOf: repeatElement(0, count: code.needed * layout.shardBytes - segment.count))
        return true
    }

    /// Those bytes of one shard, out of the padded segment; nil for bytes or a shard that there are not.
    public func portion(
        _ range: Range<Int>, of shard: Int, from data: [UInt8], using kernel: some FieldKernel
    ) -> [UInt8]? {
        let size = layout.shardBytes
        guard data.count == code.needed * size, (0..<code.total).contains(shard), range.lowerBound >= 0,
            range.upperBound <= size
        else { return nil }
        if shard < code.needed {
            return Array(data[(shard * size + range.lowerBound)..<(shard * size + range.upperBound)])
        }
        let row = code.parity.keeping(rows: [shard - code.needed])
        return code.combine(
            row, data.span.bytes.extracting(range.lowerBound...), stride: size, width: range.count, using: kernel)
    }

    /// What all shards are called, data first.
    public func names(
        of data: [UInt8], using kernel: some FieldKernel, _ hash: some HashFunction
    ) -> [PieceName]? {
        let size = layout.shardBytes
        guard data.count == code.needed * size else { return nil }
        var digests = [PieceDigest](repeating: PieceDigest(), count: code.total)
        for start in stride(from: 0, to: size, by: Self.column) {
            let width = min(Self.column, size - start)
            let column = data.span.bytes.extracting(start...)
            guard let parity = code.encode(column, stride: size, width: width, using: kernel) else { return nil }
            for shard in 0..<code.total {
                if shard < code.needed {
                    digests[shard].update(column.extracting((shard * size)..<(shard * size + width)), using: hash)
                } else {
                    let first = (shard - code.needed) * width
                    digests[shard].update(parity.span.bytes.extracting(first..<(first + width)), using: hash)
                }
            }
        }
        let names = digests.compactMap { $0.name(using: hash) }
        return names.count == code.total ? names : nil
    }
}

/// The bytes of a segment in their order, from any of its shards that are enough, a portion at a time.
public struct SegmentReader: Sendable {
    private static let portion = 256 << 10

    private let coder: SegmentShards
    private let shards: [(number: Int, bytes: [UInt8])]
    private let recovery: FieldMatrix
    /// How many bytes of the segment have been handed out.
    public private(set) var readCount = 0

    /// Nil when they are fewer than are needed, not distinct, or of another length.
    public init?(_ coder: SegmentShards, from shards: [(number: Int, bytes: [UInt8])]) {
        let chosen = Array(shards.sorted { $0.number < $1.number }.prefix(coder.code.needed))
        guard chosen.allSatisfy({ $0.bytes.count == coder.layout.shardBytes }),
            let recovery = coder.code.recovery(from: chosen.map(\.number))
        else { return nil }
        self.coder = coder
        self.shards = chosen
        self.recovery = recovery
    }

    /// The next bytes; nil behind the last ones.
    public mutating func next(using kernel: some FieldKernel) -> [UInt8]? {
        let (shard, offset) = readCount.quotientAndRemainder(dividingBy: coder.layout.shardBytes)
        let count = min(Self.portion, coder.layout.shardBytes - offset, coder.layout.length - readCount)
        guard count > 0 else { return nil }
        readCount += count
        let range = offset..<(offset + count)
        if let have = shards.first(where: { $0.number == shard }) { return Array(have.bytes[range]) }
        var strips: [UInt8] = []
        strips.reserveCapacity(shards.count * count)
        for have in shards { strips += have.bytes[range] }
        return coder.code.combine(
            recovery.keeping(rows: [shard]), strips.span.bytes, stride: count, width: count, using: kernel)
    }
}
