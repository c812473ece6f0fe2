import CairnBase
import CairnWire

/// A server's stored value: two checked copies of it, in different blocks of one file.
///
/// The second copy is written after the first is durable. So power loss can spoil one copy at most, a spoilt copy means
/// that the other one counts, and two spoilt copies can only mean that stored bits have changed.
enum RegisterRecord {
    static let file = "register"
    static let size = 40
    static let copies = 2
    private static let tag = DomainTag("cn-sim/register")

    /// Copies are a block of the largest size apart, so that no torn sector holds both.
    static func offset(ofCopy copy: Int) -> Int { copy * 4096 }

    enum Copy: Equatable {
        case empty
        case sound(StampedValue)
        case spoilt
    }

    static func encode(_ held: StampedValue) -> [UInt8] {
        var writer = ByteWriter(capacity: size)
        writer.u64(held.stamp.counter)
        writer.u64(held.stamp.writer)
        writer.u64(held.value)
        let check = MixHash().digest(tag, writer.bytes).raw.bytes.prefix(16)
        writer.raw(Array(check))
        return writer.bytes
    }

    static func read(copy: Int, from file: [UInt8]) -> Copy {
        let bytes = Array(file.dropFirst(offset(ofCopy: copy)).prefix(size))
        guard bytes.contains(where: { $0 != 0 }) else { return .empty }
        guard let held = try? decode(bytes), encode(held) == bytes else { return .spoilt }
        return .sound(held)
    }

    private static func decode(_ bytes: [UInt8]) throws(DecodeError) -> StampedValue {
        var reader = ByteReader(bytes.span.bytes)
        return StampedValue(
            stamp: Stamp(counter: try reader.u64(), writer: try reader.u64()), value: try reader.u64())
    }
}
