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

    /// Under a header of its own, or under that of an earlier time.
    init(key: Bytes32, _ code: ErasureCode, again earlier: [UInt8]? = nil) {
        room = SegmentShards.paddedBytes(code) + Self.chunk
        if let earlier {
            sealer = SecretStream.Sealer(key: key, again: InlineArray(header: earlier))
        } else {
            sealer = SecretStream.Sealer(key: key)
        }
        var header: [UInt8] = []
        for index in sealer.header.indices { header.append(sealer.header[index]) }
        self.header = header
    }

    /// The next segment; nil behind the last one, which alone may be shorter.
    mutating func next(from source: borrowing ObjectSource) throws(Failure) -> [UInt8]? {
        // At once, with what the code will add, for growing by halves would need twice the memory on the way.
        sealed.reserveCapacity(room)
        while sealed.count < StorageUnits.segmentBytes, !sealer.isComplete {
            let bytes = try source.next(Self.chunk)
            readCount += UInt64(bytes.count)
            sealer.seal(bytes.span.bytes, tag: bytes.count < Self.chunk ? .final : .message, into: &sealed)
        }
        return cut()
    }

    /// The next whole segment of what an earlier `get` left in its draft; nil where that ends before.
    ///
    /// Behind the last chunk that opened a draft may have the sealed bytes of the next one, as far as its segments had it.
    mutating func next(fromDraft target: borrowing ObjectTarget) throws(Failure) -> [UInt8]? {
        sealed.reserveCapacity(room)
        while sealed.count < StorageUnits.segmentBytes {
            let (missing, left) = (StorageUnits.segmentBytes - sealed.count, target.found - Int(clamping: readCount))
            let isTail = left == missing && missing < Self.chunk + SecretStream.overhead
            guard isTail || left >= Self.chunk else { return nil }
            let bytes = try target.read(isTail ? left : Self.chunk, at: Int(clamping: readCount))
            readCount += UInt64(bytes.count)
            if isTail { sealed += bytes } else { sealer.seal(bytes.span.bytes, into: &sealed) }
        }
        return cut()
    }

    private mutating func cut() -> [UInt8]? {
        guard !sealed.isEmpty else { return nil }
        // Handed out without a copy; what lies behind it is less than a chunk.
        var segment: [UInt8] = []
        swap(&segment, &sealed)
        sealed = Array(segment.dropFirst(StorageUnits.segmentBytes))
        segment.removeLast(sealed.count)
        return segment
    }
}

/// The way back: sealed bytes in, the file's bytes out.
struct OpenedSegments: ~Copyable {
    private var opener: SecretStream.Opener
    /// The beginning of a chunk whose end is in the next segment.
    private(set) var sealed: [UInt8] = []

    init(key: Bytes32, header: [UInt8]) {
        opener = SecretStream.Opener(key: key, header: InlineArray(header: header))
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

extension InlineArray where Element == UInt8 {
    /// A stream's header out of an object's file. One of another length opens nothing.
    fileprivate init(header: [UInt8]) { self.init { header.indices.contains($0) ? header[$0] : 0 } }
}
