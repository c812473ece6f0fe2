internal import CairnBase
internal import CairnWire

/// What one node tells another in a sealed datagram. Several messages share a datagram, the most urgent ones first.
public struct DatagramMessage: Sendable, Hashable {
    /// What it is about; lower numbers go first.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Are you at this address? Answered with the same sixteen bytes.
        case pathQuestion = 0x01
        case pathAnswer = 0x02
        case vote = 0x10
        case membership = 0x20
    }

    public let kind: Kind
    public let body: [UInt8]

    /// Bytes of a body that fits into a datagram of its own.
    public static let bodyLimit = SealedDatagram.plainLimit - header
    static let header = 3

    public init(_ kind: Kind, _ body: [UInt8]) {
        self.kind = kind
        self.body = body
    }

    var byteCount: Int { Self.header + body.count }
}

/// The sealed form: `type ‖ receiver's index ‖ count ‖ sealed(messages ‖ zeros) ‖ tag`.
///
/// The plain text is filled up with zeros to a multiple of sixteen, and to sixteen where there is nothing to say, so that
/// its length tells little; a zero where a message's kind would stand ends the messages.
enum SealedDatagram {
    static let header = 1 + 4 + 8
    static let overhead = header + 16
    static let plainLimit = Limits.Datagrams().largest - overhead
    private static let grain = 16

    static func plain(_ messages: [DatagramMessage]) -> [UInt8] {
        let count = messages.reduce(0) { $0 + $1.byteCount }
        var writer = ByteWriter(capacity: count + grain)
        for message in messages {
            writer.u8(message.kind.rawValue)
            writer.u16(UInt16(message.body.count))
            writer.raw(message.body)
        }
        let padded = min(max(grain, (count + grain - 1) / grain * grain), max(count, plainLimit))
        writer.raw([UInt8](repeating: 0, count: padded - count))
        return writer.bytes
    }

    /// The messages of a plain text. Kinds that are not known here are passed over; anything else that is malformed ends
    /// the reading, because its sender is authentic and wrong.
    static func messages(_ plain: RawSpan) throws(DecodeError) -> [DatagramMessage] {
        var reader = ByteReader(plain)
        var messages: [DatagramMessage] = []
        while reader.remaining > 0 {
            let number = try reader.u8()
            guard number != 0 else {
                let rest = try reader.raw(reader.remaining)
                guard rest.allSatisfy({ $0 == 0 }) else { throw .notCanonical("padding") }
                break
            }
            let body = try reader.raw(Int(try reader.u16()))
            if let kind = DatagramMessage.Kind(rawValue: number) { messages.append(DatagramMessage(kind, body)) }
        }
        return messages
    }
}
