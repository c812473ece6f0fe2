public import CairnBase
import CairnWire

/// SHA-256, lent by the edge: libp2p's world names messages by it.
public typealias ContentHash = @Sendable ([UInt8]) -> Bytes32

/// What a published message is called: the first 20 bytes of SHA-256 over a domain, the topic and the data.
///
/// It covers neither author nor signature, so the same data published by many is one message.
public struct MessageID: Sendable, Hashable, Comparable {
    let first: UInt64
    let second: UInt64
    let third: UInt32

    public static let count = 20
    private static let domain = Array("cairn-msg-1".utf8)

    public init(_ topic: Topic, _ data: [UInt8], using hash: ContentHash) {
        let name = Array(topic.name.utf8)
        var writer = ByteWriter(capacity: Self.domain.count + 2 + name.count + data.count)
        writer.raw(Self.domain)
        writer.u16(UInt16(truncatingIfNeeded: name.count))
        writer.raw(name)
        writer.raw(data)
        let digest = hash(writer.bytes).inline
        first = Self.word(digest, 0)
        second = Self.word(digest, 8)
        third = UInt32(truncatingIfNeeded: Self.word(digest, 16))
    }

    /// Exactly twenty bytes; anything else is refused.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.count else { return nil }
        var reader = ByteReader(bytes)
        guard let first = try? reader.u64(), let second = try? reader.u64(), let third = try? reader.u32() else {
            return nil
        }
        (self.first, self.second, self.third) = (first, second, third)
    }

    private static func word(_ bytes: InlineArray<32, UInt8>, _ start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(bytes[start + index]) << UInt64(8 * index) }
        return word
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.count)
        writer.u64(first)
        writer.u64(second)
        writer.u32(third)
        return writer.bytes
    }

    public static func < (left: MessageID, right: MessageID) -> Bool {
        (left.first, left.second, left.third) < (right.first, right.second, right.third)
    }
}
