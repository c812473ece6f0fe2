import CairnBase
import CairnCrypto
import CairnStorage

/// A file as segments of its sealed stream, one after the other, in memory that does not grow with it.
struct SealedSegments: ~Copyable {
    /// What is sealed in one piece.
    static let chunk = 64 << 10

    let header: [UInt8]
    private(set) var readCount: UInt64 = 0
    private var sealer: SecretStream.Sealer
    private var sealed: [UInt8] = []
    private let room: Int

    init(key: Bytes32, _ code: ErasureCode) {
        room = SegmentShards.paddedBytes(code) + Self.chunk
        sealer = SecretStream.Sealer(key: key)
        var header: [UInt8] = []
        for index in sealer.header.indices { header.append(sealer.header[index]) }
        self.header = header
    }

    /// The next segment; nil behind the last one, which alone may be shorter.
    mutating func next(from source: borrowing ObjectSource) throws(Failure) -> [UInt8]? {
        let size = StorageUnits.segmentBytes
        // At once, with what the code will add, for growing by halves would need twice the memory on the way.
        sealed.reserveCapacity(room)
        while sealed.count < size, !sealer.isComplete {
            let bytes = try source.next(Self.chunk)
            readCount += UInt64(bytes.count)
            sealer.seal(bytes.span.bytes, tag: bytes.count < Self.chunk ? .final : .message, into: &sealed)
        }
        guard !sealed.isEmpty else { return nil }
        // Handed out without a copy; what lies behind it is less than a chunk.
        var segment: [UInt8] = []
        swap(&segment, &sealed)
        sealed = Array(segment.dropFirst(size))
        segment.removeLast(sealed.count)
        return segment
    }
}

/// The way back: sealed bytes in, the file's bytes out.
struct OpenedSegments: ~Copyable {
    private var opener: SecretStream.Opener
    private var sealed: [UInt8] = []

    init(key: Bytes32, header: [UInt8]) {
        opener = SecretStream.Opener(key: key, header: InlineArray { header.indices.contains($0) ? header[$0] : 0 })
    }

    /// What some more bytes of the stream add. Behind the last ones nothing may be missing.
    mutating func take(_ portion: [UInt8], isLast: Bool) throws(SecretStreamError) -> [UInt8] {
        let whole = sealed + portion
        var output: [UInt8] = []
        output.reserveCapacity(whole.count)
        let size = SealedSegments.chunk + SecretStream.overhead
        var start = 0
        while whole.count - start >= size || (isLast && start < whole.count) {
            let end = min(start + size, whole.count)
            _ = try opener.open(whole.span.bytes.extracting(start..<end), into: &output)
            start = end
        }
        sealed = Array(whole[start...])
        if isLast { try opener.finish() }
        return output
    }
}
