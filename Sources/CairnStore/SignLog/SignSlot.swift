import CairnBase
import CairnCrypto
import CairnWire

/// One slot of a sign log: 4 KiB, the unit in which a disk tears, written twice side by side.
///
/// A batch — what one sync made durable — fills one or more slots. Every slot says which batch it belongs to, how many
/// slots that batch has and which of them it is, so that after a crash a half-written batch can be told from a hole.
struct SignSlot: Equatable {
    static let byteCount = 4_096
    /// Both copies.
    static let stride = 2 * byteCount
    static let bodyLimit = byteCount - headerCount - Bytes32.count
    private static let headerCount = 32
    private static let magic: UInt32 = 0x314c_5343
    private static let tag = DomainTag("cn/sign.slot")

    let segment: UInt32
    let batch: UInt64
    /// Slots in the batch, and this one's place among them.
    let batchCount: UInt32
    let place: UInt32
    let body: [UInt8]

    /// The slot as it is written, both copies.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.stride)
        writer.u32(Self.magic)
        writer.u32(segment)
        writer.u64(batch)
        writer.u32(batchCount)
        writer.u32(place)
        writer.u32(UInt32(body.count))
        writer.u32(0)
        writer.raw(body)
        writer.raw([UInt8](repeating: 0, count: Self.bodyLimit - body.count))
        writer.identifier(Blake2b().digest(Self.tag, writer.bytes))
        return writer.bytes + writer.bytes
    }

    /// Reads one copy; nil when it is anything but a slot of this segment, whole and unaltered.
    init?(copy bytes: RawSpan, segment: UInt32) {
        guard bytes.byteCount == Self.byteCount, let slot = try? Self.parse(bytes), slot.segment == segment else {
            return nil
        }
        self = slot
    }

    init(segment: UInt32, batch: UInt64, batchCount: UInt32, place: UInt32, body: [UInt8]) {
        self.segment = segment
        self.batch = batch
        self.batchCount = batchCount
        self.place = place
        self.body = body
    }

    private static func parse(_ bytes: RawSpan) throws(DecodeError) -> SignSlot? {
        let digest = Blake2b().digest(tag, bytes.extracting(first: byteCount - Bytes32.count))
        var reader = ByteReader(bytes)
        guard try reader.u32() == magic else { return nil }
        let segment = try reader.u32()
        let batch = try reader.u64()
        let batchCount = try reader.u32()
        let place = try reader.u32()
        let size = Int(try reader.u32())
        _ = try reader.u32()
        guard size <= bodyLimit, place < batchCount else { return nil }
        let body = try reader.take(size)
        _ = try reader.take(bodyLimit - size)
        guard try reader.identifier(Digest.self) == digest else { return nil }
        // SAFETY: the span lives through the call and the bytes are copied out.
        let copied = unsafe body.withUnsafeBytes { unsafe [UInt8]($0) }
        return SignSlot(segment: segment, batch: batch, batchCount: batchCount, place: place, body: copied)
    }
}
