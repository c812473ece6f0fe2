import CairnBase
import CairnWire
import Testing

@Suite struct ProtobufTests {
    private func fields(
        _ message: [UInt8], fieldLimit: Int = 10, order: ProtobufReader.Order = .any
    ) throws(DecodeError) -> [UInt32] {
        var reader = ProtobufReader(message.span.bytes, fieldLimit: fieldLimit, order: order)
        var numbers: [UInt32] = []
        while let field = try reader.next() { numbers.append(field.number) }
        return numbers
    }

    private func message() -> [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, 150)
        writer.string(2, "testing")
        writer.message(3) { $0.bool(1, true) }
        writer.fixed32(4, 7)
        writer.fixed64(4, .max)
        writer.bytes(536_870_911, [])
        return writer.bytes
    }

    @Test func readsWhatTheWriterWrote() throws {
        // The first two fields are the examples of the protobuf encoding guide.
        let bytes = message()
        #expect(
            hex(bytes) == "089601" + "120774657374696e67" + "1a020801" + "2507000000" + "21ffffffffffffffff"
                + "faffffff0f00")
        var reader = ProtobufReader(bytes.span.bytes, fieldLimit: 6, order: .ascending)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let number = try field.varint()
                #expect(number == 150)
            case 2:
                let text = try field.string(limit: 7)
                #expect(text == "testing")
            case 3:
                var inner = try field.message(limit: 2, fieldLimit: 1)
                while let field = try inner.next() {
                    let flag = try field.bool()
                    #expect(field.number == 1 && flag)
                }
            case 4:
                let numbers = (try? field.fixed32(), try? field.fixed64())
                #expect(numbers == (7, nil) || numbers == (nil, .max))
            default:
                let last = try field.bytes(limit: 0)
                #expect(last.isEmpty)
            }
        }
    }

    @Test func everyTruncationIsRefusedOrEndsBetweenFields() throws {
        let bytes = message()
        let whole = try fields(bytes)
        for count in bytes.indices {
            guard let part = try? fields(Array(bytes.prefix(count))) else { continue }
            #expect(part.count < whole.count && whole.starts(with: part))
        }
    }

    @Test(arguments: [3, 4, 6, 7] as [UInt8])
    func groupsAndUndefinedWireTypesAreRefused(type: UInt8) {
        #expect(throws: DecodeError.unknown("protobuf wire type", UInt64(type))) { try fields([1 << 3 | type, 0]) }
    }

    @Test(
        arguments: [
            ("00", .invalid("protobuf field number")), ("02", .invalid("protobuf field number")),
            ("8080808010", .invalid("protobuf field number")),
            ("f8ffffffffffffffff01", .invalid("protobuf field number")),
            ("8800", .notCanonical("varint")), ("088000", .notCanonical("varint")),
            ("08", .truncated(need: 1, have: 0)),
            ("0affffffffffffffffff01", .tooLarge(size: .max, limit: UInt64(Int.max))),
            ("0a0200", .truncated(need: 2, have: 1)),
            ("0d000000", .truncated(need: 4, have: 3)), ("09", .truncated(need: 8, have: 0)),
        ] as [(String, DecodeError)])
    func malformed(text: String, error: DecodeError) throws {
        let raw = try #require(bytes(hex: text))
        #expect(throws: error) { try fields(raw) }
    }

    @Test func aMillionEmptyMessagesAreRefusedAtTheLimit() {
        let bytes =
            [UInt8](repeating: 0, count: 2_000_000).indices.map { $0.isMultiple(of: 2) ? 0x0a : 0x00 } as [UInt8]
        #expect(throws: DecodeError.tooLarge(size: 101, limit: 100)) { try fields(bytes, fieldLimit: 100) }
    }

    @Test func fieldsThatMustAscendMayRepeatButNotDescend() throws {
        #expect(try fields([0x08, 1, 0x08, 2, 0x10, 3], order: .ascending) == [1, 1, 2])
        #expect(throws: DecodeError.notCanonical("protobuf field order")) {
            try fields([0x10, 1, 0x08, 2], order: .ascending)
        }
        #expect(try fields([0x10, 1, 0x08, 2]) == [2, 1])
    }

    @Test func valuesOfAnotherTypeOrWidthAreRefused() throws {
        let bytes: [UInt8] = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
        var reader = ProtobufReader(bytes.span.bytes, fieldLimit: 1)
        while let field = try reader.next() {
            let u32 = try? field.u32()
            let bool = try? field.bool()
            let fixed = try? field.fixed32()
            let blob = try? field.bytes(limit: 9)
            #expect(u32 == nil && bool == nil && fixed == nil && blob == nil)
        }
    }

    @Test(arguments: [
        "", "0801", "08001220", "0802", "0801121f", "1220", "080112", "0801122108",
    ])
    func otherKeysAreRefused(head: String) throws {
        let raw = try #require(bytes(hex: head))
        for count in [0, 31, 32, 33] {
            let message = raw + [UInt8](repeating: 7, count: count)
            #expect(throws: DecodeError.self) { try PublicKey(protobuf: message.span.bytes) }
        }
    }

    @Test func theKeyMessageHasOneForm() throws {
        var random = SeededRandom(seed: 2)
        let key = PublicKey(random.bytes32())
        let right = key.protobuf
        #expect(try PublicKey(protobuf: right.span.bytes) == key)
        let swapped = Array(right.dropFirst(2) + right.prefix(2))
        #expect(throws: DecodeError.notCanonical("protobuf field order")) {
            try PublicKey(protobuf: swapped.span.bytes)
        }
    }
}
