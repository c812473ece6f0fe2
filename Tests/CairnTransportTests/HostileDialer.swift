import CairnBase
import CairnCrypto
import CairnWire

@testable import CairnTransport

/// A dialer that follows the protocols as far as it likes and then says whatever it wants.
struct HostileDialer {
    var listener: Connection
    var events: [Connection.Event] = []
    /// Everything the listener has sent.
    var heard: [UInt8] = []
    private let identity = ConnectionPair.identity(10)
    private var handshake: NoiseHandshake
    private var channel: NoiseChannel?
    /// Its last handshake message, as it was sent.
    private(set) var introduction: [UInt8] = []

    init() {
        listener = Connection(
            .listener, as: ConnectionPair.identity(20), ephemeral: AgreementKey(seed: ConnectionPair.seed(22)),
            speaking: [ConnectionPair.echo], at: .origin)
        handshake = NoiseHandshake(
            .xx, .initiator, local: identity.local,
            ephemeral: SharedAgreementKey(AgreementKey(seed: ConnectionPair.seed(12))))
    }

    static func line(_ text: String) -> [UInt8] { line(Array("\(text)\n".utf8)) }

    static func line(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.frame(.uvarint, bytes)
        return writer.bytes
    }

    static func frame(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.frame(.u16BigEndian, bytes)
        return writer.bytes
    }

    static let greeting = line("/multistream/1.0.0")
    static let noise = greeting + line("/noise")
    static let yamux = greeting + line("/yamux/1.0.0")

    /// The listener's answer since the last time.
    mutating func say(_ bytes: [UInt8]) -> [UInt8] {
        listener.receive(bytes.span.bytes, at: .origin, into: &events)
        var answer: [UInt8] = []
        while listener.hasOutput { listener.produce(1 << 16, into: &answer, events: &events) }
        heard += answer
        return answer
    }

    /// Goes through the handshake honestly up to its last message, whose payload `payload` may change.
    mutating func shakeHands(_ payload: ([UInt8]) -> [UInt8] = { $0 }) throws {
        var first: [UInt8] = []
        try handshake.write([], into: &first)
        let answer = say(Self.noise + Self.frame(first))
        let message = Array(answer.dropFirst(Self.noise.count + 2))
        _ = try handshake.read(message.span.bytes)
        var last: [UInt8] = []
        try handshake.write(payload(identity.payload), into: &last)
        channel = handshake.finish()
        introduction = Self.frame(last)
        _ = say(introduction)
    }

    mutating func sealed(_ plain: [UInt8]) throws -> [UInt8] {
        var message: [UInt8] = []
        try channel?.seal(plain.span.bytes, into: &message)
        return Self.frame(message)
    }

    /// Seals and sends, in messages of the largest size.
    mutating func saySealed(_ plain: [UInt8]) throws {
        for start in stride(from: 0, to: plain.count, by: NoiseChannel.plainLimit) {
            _ = say(try sealed(Array(plain[start..<min(start + NoiseChannel.plainLimit, plain.count)])))
        }
    }
}
