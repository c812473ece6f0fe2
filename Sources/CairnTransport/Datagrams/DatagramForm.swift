internal import CairnBase
internal import CairnWire

/// A datagram as it lies on the wire, before anything in it is believed.
///
/// What opens a session, and what asks who somebody is, is filled up to 512 bytes, so that nothing that answers a
/// stranger is longer than what the stranger sent.
enum DatagramForm {
    /// A Noise IK message that opens a session; `index` is how the sender wants to be addressed.
    case initiation(index: UInt32, cookie: Bytes32, message: [UInt8])
    case response(to: UInt32, index: UInt32, message: [UInt8])
    /// The receiver is busy: the same again, with this cookie, proves an address.
    case cookie(to: UInt32, Bytes32)
    case sealed(to: UInt32, count: UInt64)
    /// Whose address is this?
    case question(network: UInt32, nonce: UInt64)
    case answer(nonce: UInt64, NodeRecord)

    enum Kind: UInt8 {
        case initiation = 1
        case response
        case cookie
        case sealed
        case question
        case answer
    }

    static let paddedCount = Limits.Datagrams().initiationPadding
    static let cookieCount = 64
    /// Two keys, their tag, and the payload of the second message, which is empty.
    static let responseMessage = 32 + 16
    static let initiationMessage = paddedCount - 1 - 4 - 32 - 2

    init(_ bytes: RawSpan) throws(DecodeError) {
        var reader = ByteReader(bytes)
        let number = try reader.u8()
        guard let kind = Kind(rawValue: number) else { throw .unknown("datagram", UInt64(number)) }
        switch kind {
        case .initiation:
            guard bytes.byteCount == Self.paddedCount else { throw .invalid("length of an initiation") }
            let (index, cookie, count) = (try reader.u32(), try reader.bytes32(), Int(try reader.u16()))
            self = .initiation(index: index, cookie: cookie, message: try reader.raw(count))
            try Self.padding(&reader)
        case .response:
            let (receiver, index) = (try reader.u32(), try reader.u32())
            self = .response(to: receiver, index: index, message: try reader.raw(Self.responseMessage))
            try reader.end()
        case .cookie:
            guard bytes.byteCount == Self.cookieCount else { throw .invalid("length of a cookie") }
            self = .cookie(to: try reader.u32(), try reader.bytes32())
            try Self.padding(&reader)
        case .sealed:
            guard bytes.byteCount >= SealedDatagram.overhead else {
                throw .truncated(need: SealedDatagram.overhead, have: bytes.byteCount)
            }
            self = .sealed(to: try reader.u32(), count: try reader.u64())
        case .question:
            guard bytes.byteCount == Self.paddedCount else { throw .invalid("length of a question") }
            self = .question(network: try reader.u32(), nonce: try reader.u64())
            try Self.padding(&reader)
        case .answer:
            self = .answer(nonce: try reader.u64(), try NodeRecord(from: &reader))
            try reader.end()
        }
    }

    private static func padding(_ reader: inout ByteReader) throws(DecodeError) {
        guard try reader.raw(reader.remaining).allSatisfy({ $0 == 0 }) else { throw .notCanonical("padding") }
    }

    /// The bytes; of a sealed datagram only its head, which is what the seal covers beside the plain text.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.paddedCount)
        switch self {
        case .initiation(let index, let cookie, let message):
            writer.u8(Kind.initiation.rawValue)
            writer.u32(index)
            writer.bytes32(cookie)
            writer.u16(UInt16(truncatingIfNeeded: message.count))
            writer.raw(message)
            return Self.padded(writer.bytes, to: Self.paddedCount)
        case .response(let receiver, let index, let message):
            writer.u8(Kind.response.rawValue)
            writer.u32(receiver)
            writer.u32(index)
            writer.raw(message)
        case .cookie(let receiver, let cookie):
            writer.u8(Kind.cookie.rawValue)
            writer.u32(receiver)
            writer.bytes32(cookie)
            return Self.padded(writer.bytes, to: Self.cookieCount)
        case .sealed(let receiver, let count):
            writer.u8(Kind.sealed.rawValue)
            writer.u32(receiver)
            writer.u64(count)
        case .question(let network, let nonce):
            writer.u8(Kind.question.rawValue)
            writer.u32(network)
            writer.u64(nonce)
            return Self.padded(writer.bytes, to: Self.paddedCount)
        case .answer(let nonce, let record):
            writer.u8(Kind.answer.rawValue)
            writer.u64(nonce)
            record.encode(into: &writer)
        }
        return writer.bytes
    }

    private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
}
