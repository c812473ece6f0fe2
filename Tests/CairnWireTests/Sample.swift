import CairnBase
import CairnWire

/// One of everything the canonical codec can write.
struct Sample: Canonical, Equatable {
    var small: UInt8
    var short: UInt16
    var word: UInt32
    var long: UInt64
    var negative: Int16
    var signed: Int32
    var wide: Int64
    var flag: Bool
    var id: NodeID
    var height: Height
    var signature: Signature
    var varint: UInt64
    var blob: [UInt8]
    var name: String
    var maybe: UInt64?
    var list: [UInt16]
    var set: [UInt32]

    static let limit = 64

    init(random: inout SeededRandom) {
        small = UInt8(truncatingIfNeeded: random.next())
        short = UInt16(truncatingIfNeeded: random.next())
        word = UInt32(truncatingIfNeeded: random.next())
        long = random.number()
        negative = Int16(truncatingIfNeeded: random.next())
        signed = Int32(truncatingIfNeeded: random.next())
        wide = Int64(bitPattern: random.number())
        flag = random.chance(ppm: 500_000)
        id = NodeID(random.bytes32())
        height = Height(random.number())
        signature = Signature(r: random.bytes32(), s: random.bytes32())
        varint = random.number()
        blob = random.bytes(Int(random.below(20)))
        name = String(
            String.UnicodeScalarView((0..<random.below(8)).map { _ in ["a", "é", "語", "🪨"][Int(random.below(4))] }))
        maybe = random.chance(ppm: 500_000) ? random.next() : nil
        list = (0..<random.below(5)).map { _ in UInt16(truncatingIfNeeded: random.next()) }
        set = (0..<random.below(5)).map { UInt32($0 * 3 + 1) }
    }

    init(from reader: inout ByteReader) throws(DecodeError) {
        small = try reader.u8()
        short = try reader.u16()
        word = try reader.u32()
        long = try reader.u64()
        negative = try reader.i16()
        signed = try reader.i32()
        wide = try reader.i64()
        flag = try reader.bool()
        id = try reader.identifier()
        height = try reader.ordinal()
        signature = try reader.signature()
        varint = try reader.uvarint()
        blob = try reader.bytes(limit: Self.limit)
        name = try reader.string(limit: Self.limit)
        maybe = try reader.optional { reader throws(DecodeError) in try reader.u64() }
        list = try reader.list(limit: Self.limit) { reader throws(DecodeError) in try reader.u16() }
        set = try reader.ascending(limit: Self.limit) { reader throws(DecodeError) in try reader.u32() }
    }

    func encode(into writer: inout ByteWriter) {
        writer.u8(small)
        writer.u16(short)
        writer.u32(word)
        writer.u64(long)
        writer.i16(negative)
        writer.i32(signed)
        writer.i64(wide)
        writer.bool(flag)
        writer.identifier(id)
        writer.ordinal(height)
        writer.signature(signature)
        writer.uvarint(varint)
        writer.bytes(blob)
        writer.string(name)
        writer.optional(maybe) { $0.u64($1) }
        writer.list(list) { $0.u16($1) }
        writer.ascending(set) { $0.u32($1) }
    }
}
