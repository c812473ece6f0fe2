import CairnBase
import CairnWire

extension FuzzTarget {
    /// Every decoder of `CairnWire`. The first byte selects one, the rest is its input; whatever is accepted must
    /// encode to the bytes it came from. New decoders go at the end, so that the corpus keeps its meaning.
    static let wire = FuzzTarget("wire") { bytes in
        guard let selector = bytes.first, Int(selector) < wireDecoders.count else { return }
        try wireDecoders[Int(selector)](Array(bytes.dropFirst()))
    }

    private static let wireDecoders: [@Sendable ([UInt8]) throws -> Void] = [
        primitives, uvarint, framesOfU32, framesOfVarint, protobuf, publicKey, peerIDBytes, multiaddrBytes,
        multiaddrText, peerIDText, accountText, base32, base58, base64, tolerantBase64, bech32m, json, ipv4, ipv6,
        hostName, protocolName, toml, { try requireCanonical(Amount.self, $0) },
        { try requireCanonical(VRFProof.self, $0) }, { try requireCanonical(Multiaddr.self, $0) },
    ]

    /// Up to 16 bytes name fields to read, the rest is what they are read from.
    private static func primitives(_ bytes: [UInt8]) throws {
        let input = Array(bytes.dropFirst(16))
        var reader = ByteReader(input.span.bytes)
        var writer = ByteWriter()
        do {
            for kind in bytes.prefix(16) { try copy(kind, from: &reader, to: &writer) }
        } catch { return }
        try require(input.starts(with: writer.bytes), "fields do not encode to the bytes they were read from")
        try require(writer.bytes.count + reader.remaining == input.count, "fields took more bytes than they encode to")
    }

    private static func copy(
        _ kind: UInt8, from reader: inout ByteReader, to writer: inout ByteWriter
    ) throws(DecodeError) {
        switch kind % 14 {
        case 0: writer.u8(try reader.u8())
        case 1: writer.u16(try reader.u16())
        case 2: writer.u32(try reader.u32())
        case 3: writer.i64(try reader.i64())
        case 4: writer.bool(try reader.bool())
        case 5: writer.bytes32(try reader.bytes32())
        case 6: writer.signature(try reader.signature())
        case 7: writer.uvarint(try reader.uvarint())
        case 8: writer.bytes(try reader.bytes(limit: 64))
        case 9: writer.string(try reader.string(limit: 64))
        case 10: writer.optional(try reader.optional { reader throws(DecodeError) in try reader.u16() }) { $0.u16($1) }
        case 11: writer.list(try reader.list(of: Multiaddr.self, limit: 8))
        case 12:
            let items = try reader.ascending(limit: 64) { reader throws(DecodeError) in try reader.u16() }
            writer.ascending(items) { $0.u16($1) }
        default: writer.u8(try reader.version(1...2))
        }
    }

    private static func uvarint(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.span.bytes)
        guard let value = try? reader.uvarint() else { return }
        var writer = ByteWriter()
        writer.uvarint(value)
        try require(bytes.starts(with: writer.bytes), "varint \(value) has two encodings")
        try require(writer.bytes.count + reader.remaining == bytes.count, "varint \(value) took too many bytes")
    }

    private static func framesOfU32(_ bytes: [UInt8]) throws { try frames(bytes, .u32) }
    private static func framesOfVarint(_ bytes: [UInt8]) throws { try frames(bytes, .uvarint) }

    /// The stream cut into pieces of one size must give the frames, and the end, that the whole gives.
    private static func frames(_ bytes: [UInt8], _ length: FrameLength) throws {
        guard let step = bytes.first, step > 0 else { return }
        let stream = Array(bytes.dropFirst())
        let whole = cut(stream, length, step: max(stream.count, 1))
        try require(cut(stream, length, step: Int(step)) == whole, "frames depend on how the stream was cut")
        var writer = ByteWriter()
        for frame in whole.frames { writer.frame(length, frame) }
        try require(stream.starts(with: writer.bytes), "frames do not encode to the bytes they were read from")
    }

    private static func cut(_ stream: [UInt8], _ length: FrameLength, step: Int) -> Cut {
        var reader = FrameReader(length, limit: 64)
        var result = Cut()
        for start in stride(from: 0, to: stream.count, by: step) {
            let piece = Array(stream[start..<min(start + step, stream.count)])
            var input = ByteReader(piece.span.bytes)
            do {
                while let frame = try reader.next(from: &input) { result.frames.append(frame) }
            } catch {
                result.error = error
                break
            }
        }
        return result
    }

    private struct Cut: Equatable {
        var frames: [[UInt8]] = []
        var error: DecodeError?
    }

    private static func json(_ bytes: [UInt8]) throws {
        let limits = JSONReader.Limits(bytes: 4096, depth: 8, nodes: 256, stringBytes: 1024)
        guard let value = try? JSONReader.read(bytes, limits: limits) else { return }
        for text in [value.text, value.indentedText] {
            let again = try? JSONReader.read(Array(text.utf8))
            try require(again == value, "JSON reads differently after writing: \(text)")
        }
    }

    /// There is no writer to come back from; but a comment at the end must not change what was read.
    private static func toml(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self), let document = try? TOML(text) else { return }
        let again = try? TOML(text + "\n# the end")
        try require(again == document, "a comment after the end changes a TOML document")
    }
}
