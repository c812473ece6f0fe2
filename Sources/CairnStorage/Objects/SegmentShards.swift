/// One segment of an encrypted object as its shards, and back.
public struct SegmentShards: Sendable {
    public let code: ErasureCode
    public let layout: SegmentLayout

    /// Nil unless the length is between one byte and a whole segment.
    public init?(length: Int, _ code: ErasureCode) {
        guard let layout = SegmentLayout(length: length, needed: code.needed) else { return nil }
        self.code = code
        self.layout = layout
    }

    /// All of them, data first; nil when the segment has another length.
    public func shards(of segment: consuming [UInt8], using kernel: some FieldKernel) -> [ArraySlice<UInt8>]? {
        guard segment.count == layout.length else { return nil }
        let size = layout.shardBytes
        var data = segment
        data.append(contentsOf: repeatElement(0, count: code.needed * size - data.count))
        guard let parity = code.encode(data.span.bytes, stride: size, width: size, using: kernel) else { return nil }
        return Self.strips(data, size) + Self.strips(parity, size)
    }

    /// The segment from as many distinct shards as are needed; nil when they are fewer, or of another length.
    public func segment(from shards: [(number: Int, bytes: [UInt8])], using kernel: some FieldKernel) -> [UInt8]? {
        let chosen = shards.sorted { $0.number < $1.number }.prefix(code.needed)
        guard chosen.allSatisfy({ $0.bytes.count == layout.shardBytes }),
            let recovery = code.recovery(from: chosen.map(\.number))
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(code.needed * layout.shardBytes)
        for shard in chosen { bytes += shard.bytes }
        if chosen.last?.number != code.needed - 1 {
            let size = layout.shardBytes
            guard let data = code.combine(recovery, bytes.span.bytes, stride: size, width: size, using: kernel) else {
                return nil
            }
            bytes = data
        }
        bytes.removeLast(bytes.count - layout.length)
        return bytes
    }

    private static func strips(_ bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<($0 + size)] }
    }
}
