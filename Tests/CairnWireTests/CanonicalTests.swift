import CairnBase
import CairnWire
import Testing

@Suite struct CanonicalTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func decodingGivesBackWhatWasEncoded(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let sample = Sample(random: &random)
            let bytes = sample.encoded
            #expect(try Sample.decode(bytes, limit: 4096) == sample)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func everyTruncationIsRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = Sample(random: &random).encoded
        for count in bytes.indices {
            #expect(throws: DecodeError.self) { try Sample.decode(Array(bytes.prefix(count)), limit: 4096) }
        }
    }

    @Test func everyTrailingByteIsRefused() {
        var random = SeededRandom(seed: 1)
        let bytes = Sample(random: &random).encoded
        for extra in 1...3 {
            #expect(throws: DecodeError.trailing(count: extra)) {
                try Sample.decode(bytes + random.bytes(extra), limit: 4096)
            }
        }
    }

    /// Whatever is accepted encodes to the bytes it came from: there is one byte string per value.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func acceptedBytesAreCanonical(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            var bytes = Sample(random: &random).encoded
            bytes[Int(random.below(UInt64(bytes.count)))] ^= UInt8(1) << UInt8(random.below(8))
            guard let sample = try? Sample.decode(bytes, limit: 4096) else { continue }
            #expect(sample.encoded == bytes)
        }
    }

    @Test func inputAboveTheLimitIsNotLookedAt() {
        #expect(throws: DecodeError.tooLarge(size: 5, limit: 4)) {
            try Sample.decode([0, 0, 0, 0, 0], limit: 4)
        }
    }

    @Test func numbersAreLittleEndian() {
        var writer = ByteWriter()
        writer.u16(0x0102)
        writer.u32(0x0304_0506)
        writer.i64(-2)
        #expect(hex(writer.bytes) == "0201" + "06050403" + "feffffffffffffff")
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
    }
}

@Suite struct ByteReaderTests {
    private func reading<Value>(
        _ bytes: [UInt8], _ read: (inout ByteReader) throws(DecodeError) -> Value
    ) throws(DecodeError) -> Value {
        var reader = ByteReader(bytes.span.bytes)
        return try read(&reader)
    }

    @Test func aLengthAboveItsLimitIsRefusedBeforeItIsBelieved() {
        let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, 1]
        #expect(throws: DecodeError.tooLarge(size: 0xffff_ffff, limit: 64)) {
            try reading(bytes) { reader throws(DecodeError) in try reader.bytes(limit: 64) }
        }
        #expect(throws: DecodeError.tooLarge(size: 0xffff_ffff, limit: 0)) {
            try reading(bytes) { reader throws(DecodeError) in try reader.count(limit: -1) }
        }
    }

    @Test func aCountAboveTheBytesLeftIsRefusedAtOnce() {
        #expect(throws: DecodeError.truncated(need: 3, have: 2)) {
            try reading([3, 0, 0, 0, 1, 2]) { reader throws(DecodeError) in
                try reader.list(limit: 10) { reader throws(DecodeError) in try reader.u8() }
            }
        }
    }

    @Test func aBooleanIsZeroOrOne() {
        #expect(throws: DecodeError.notCanonical("bool")) {
            try reading([2]) { reader throws(DecodeError) in try reader.bool() }
        }
        #expect(throws: DecodeError.notCanonical("bool")) {
            try reading([2, 0]) { reader throws(DecodeError) in
                try reader.optional { reader throws(DecodeError) in try reader.u8() }
            }
        }
    }

    @Test(arguments: [[1, 1], [2, 1], [1, 2, 2]] as [[UInt8]])
    func aSetThatDoesNotAscendIsRefused(items: [UInt8]) {
        #expect(throws: DecodeError.notCanonical("order of a set")) {
            try reading([UInt8(items.count), 0, 0, 0] + items) { reader throws(DecodeError) in
                try reader.ascending(limit: 10) { reader throws(DecodeError) in try reader.u8() }
            }
        }
    }

    @Test func malformedTextIsRefused() {
        #expect(throws: DecodeError.invalid("UTF-8")) {
            try reading([2, 0, 0, 0, 0xc0, 0x80]) { reader throws(DecodeError) in try reader.string(limit: 10) }
        }
    }

    @Test func aNegativeWidthTakesNothing() {
        #expect(throws: DecodeError.truncated(need: -1, have: 1)) {
            try reading([1]) { reader throws(DecodeError) in try reader.raw(-1) }
        }
    }

    @Test func versionsOutsideTheRangeAreNamed() throws {
        #expect(try reading([2]) { reader throws(DecodeError) in try reader.version(1...2) } == 2)
        for found in [0, 3, 255] as [UInt8] {
            #expect(throws: DecodeError.unsupportedVersion(found: UInt64(found), oldest: 1, newest: 2)) {
                try reading([found]) { reader throws(DecodeError) in try reader.version(1...2) }
            }
        }
    }
}

@Suite struct ProtocolNameTests {
    @Test func textAndNameAreOneToOne() throws {
        let name = try #require(ProtocolName("block-fetch", version: 12))
        #expect(name.description == "/cairn/block-fetch/12")
        #expect(ProtocolName(text: name.description) == name)
    }

    @Test(arguments: [
        "", "/", "/cairn/sync", "/cairn/sync/0", "/cairn/sync/01", "/cairn/sync/+1", "/cairn/sync/1/", "/cairn//1",
        "cairn/sync/1", "/other/sync/1", "/cairn/Sync/1", "/cairn/sync/4294967296", "/cairn/a b/1",
        "/cairn/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1",
    ])
    func otherSpellingsAreRefused(text: String) {
        #expect(ProtocolName(text: text) == nil)
    }
}
