import CairnBase
import CairnWire
import Testing

@Suite struct VarintTests {
    private func decode(_ bytes: [UInt8]) throws(DecodeError) -> UInt64 {
        var reader = ByteReader(bytes.span.bytes)
        let value = try reader.uvarint()
        try reader.end()
        return value
    }

    private func encode(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.uvarint(value)
        return writer.bytes
    }

    /// Examples of the multiformats unsigned-varint specification.
    @Test(
        arguments: [
            (1, "01"), (127, "7f"), (128, "8001"), (255, "ff01"), (300, "ac02"), (16384, "808001"),
            (.max, "ffffffffffffffffff01"),
        ] as [(UInt64, String)])
    func publishedExamples(value: UInt64, text: String) throws {
        #expect(hex(encode(value)) == text)
        #expect(try decode(encode(value)) == value)
    }

    @Test func everyWidthRoundTripsAndEveryTruncationIsRefused() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let value = random.number()
            let bytes = encode(value)
            #expect(try decode(bytes) == value)
            for count in bytes.indices {
                #expect(throws: DecodeError.truncated(need: 1, have: 0)) { try decode(Array(bytes.prefix(count))) }
            }
        }
    }

    @Test(arguments: ["8000", "ff00", "808000", "80808080808080808000"])
    func longerFormsAreNotCanonical(text: String) throws {
        let raw = try #require(bytes(hex: text))
        #expect(throws: DecodeError.notCanonical("varint")) { try decode(raw) }
    }

    @Test(arguments: [
        "ffffffffffffffffff02", "ffffffffffffffffffff", "8080808080808080808001", "80808080808080808080808001",
    ])
    func moreThan64BitsAreRefused(text: String) throws {
        let raw = try #require(bytes(hex: text))
        #expect(throws: DecodeError.invalid("varint")) { try decode(raw) }
    }

    @Test func aHugeLengthIsRefusedBeforeAnythingIsTaken() throws {
        let bytes = encode(1 << 63)
        #expect(throws: DecodeError.tooLarge(size: 1 << 63, limit: 100)) {
            var reader = ByteReader(bytes.span.bytes)
            _ = try reader.uvarintBytes(limit: 100)
        }
    }
}
