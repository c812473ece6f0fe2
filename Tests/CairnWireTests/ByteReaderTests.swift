import CairnBase
import CairnWire
import Testing

@Suite struct ByteReaderTests {
    @Test func readsWhatTheWriterWrote() throws {
        var writer = ByteWriter()
        writer.u8(7)
        writer.u16(0x0102)
        writer.u32(0x0304_0506)
        writer.u64(.max)
        writer.i64(-2)
        writer.bool(true)
        writer.bytes([9, 8])
        let bytes = writer.bytes
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.u8() == 7)
        #expect(try reader.u16() == 0x0102)
        #expect(try reader.u32() == 0x0304_0506)
        #expect(try reader.u64() == .max)
        #expect(try reader.i64() == -2)
        #expect(try reader.bool())
        #expect(try reader.bytes(limit: 2) == [9, 8])
        try reader.end()
    }

    @Test func aLengthAboveItsLimitIsRefusedBeforeItIsBelieved() {
        let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, 1]
        #expect(throws: DecodeError.tooLarge(size: 0xffff_ffff, limit: 64)) {
            var reader = ByteReader(bytes.span.bytes)
            _ = try reader.bytes(limit: 64)
        }
    }
}
