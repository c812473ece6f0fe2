import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

/// What a peer may do to us, and what must come of it: closed at once, closed at the deadline, or endured.
@Suite struct MalformedPeerTests {
    enum Fate { case closedAtOnce, closedInTime, endured }

    struct Case: Sendable {
        let name: String
        let fate: Fate
        let act: @Sendable (inout HostileDialer) throws -> Void

        init(_ name: String, _ fate: Fate, _ act: @escaping @Sendable (inout HostileDialer) throws -> Void) {
            self.name = name
            self.fate = fate
            self.act = act
        }

        /// Sends bytes before anything is agreed.
        init(_ name: String, _ fate: Fate, says bytes: [UInt8]) {
            self.init(name, fate) { _ = $0.say(bytes) }
        }

        /// Sends a first Noise message.
        init(_ name: String, _ fate: Fate, noise message: [UInt8]) {
            self.init(name, fate) { _ = $0.say(HostileDialer.noise + HostileDialer.frame(message)) }
        }

        /// Finishes the handshake with another payload.
        init(_ name: String, _ fate: Fate, identity payload: @escaping @Sendable ([UInt8]) -> [UInt8]) {
            self.init(name, fate) { try $0.shakeHands(payload) }
        }

        /// Sends sealed bytes after an honest handshake.
        init(_ name: String, _ fate: Fate, sealed bytes: [UInt8]) {
            self.init(name, fate) {
                try $0.shakeHands()
                try $0.saySealed(bytes)
            }
        }

        /// Sends yamux frames after an honest agreement on yamux.
        init(_ name: String, _ fate: Fate, frames bytes: [UInt8]) {
            self.init(name, fate, sealed: HostileDialer.yamux + bytes)
        }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func frame(_ kind: YamuxHeader.Kind, _ flags: YamuxHeader.Flags, _ stream: UInt32, _ length: UInt32)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        YamuxHeader(kind, flags, stream: stream, length: length).append(to: &bytes)
        return bytes
    }

    private static func open(_ stream: UInt32, saying bytes: [UInt8]) -> [UInt8] {
        frame(.data, .syn, stream, UInt32(bytes.count)) + bytes
    }

    private static func payload(key: [UInt8], signature: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, key)
        writer.bytes(2, signature)
        return writer.bytes
    }

    static let negotiating: [Case] = [
        Case("silence", .closedInTime, says: []),
        Case("one byte", .closedInTime, says: [0x13]),
        Case("half a greeting", .closedInTime, says: Array(HostileDialer.greeting.prefix(9))),
        Case("an HTTP request", .closedAtOnce, says: text("GET / HTTP/1.1\r\n")),
        Case("a TLS hello", .closedAtOnce, says: [0x16, 3, 1, 2, 0]),
        Case("an SSH banner", .closedAtOnce, says: text("SSH-2.0-x\r\n")),
        Case("an empty line", .closedAtOnce, says: [0]),
        Case("a line of 1,025 bytes", .closedAtOnce, says: HostileDialer.greeting + [0x81, 0x08]),
        Case("a line of 2^63 bytes", .closedAtOnce, says: [UInt8](repeating: 0x80, count: 9) + [1]),
        Case("a length of eleven bytes", .closedAtOnce, says: [UInt8](repeating: 0x80, count: 11)),
        Case("a length longer than needed", .closedAtOnce, says: [0x93, 0x00]),
        Case(
            "a line without its end", .closedAtOnce, says: HostileDialer.greeting + HostileDialer.line(text("/noise"))),
        Case("text that is not UTF-8", .closedAtOnce, says: HostileDialer.greeting + [2, 0xff, 0x0a]),
        Case("another greeting", .closedAtOnce, says: HostileDialer.line("/multistream/2.0.0")),
        Case("a thousand times ls", .closedAtOnce) { hostile in
            _ = hostile.say(HostileDialer.greeting)
            for _ in 0..<1_000 { _ = hostile.say(HostileDialer.line("ls")) }
        },
        Case("a thousand unknown protocols", .closedAtOnce) { hostile in
            _ = hostile.say(HostileDialer.greeting)
            for number in 0..<1_000 { _ = hostile.say(HostileDialer.line("/x/\(number)")) }
        },
        Case(
            "an offer to settle who dialled", .closedInTime,
            says: HostileDialer.greeting + HostileDialer.line("/libp2p/simultaneous-connect")),
        Case("plain text only", .closedInTime, says: HostileDialer.greeting + HostileDialer.line("/plaintext/2.0.0")),
    ]

    static let shaking: [Case] = [
        Case("a first message with a payload", .closedAtOnce, noise: [UInt8](repeating: 9, count: 33)),
        Case("an empty first message", .closedAtOnce, noise: []),
        Case("a first message of 31 bytes", .closedAtOnce, noise: [UInt8](repeating: 9, count: 31)),
        Case("a first message of 65,535 bytes", .closedAtOnce, noise: [UInt8](repeating: 9, count: 65_535)),
        Case("a key of zeros", .closedAtOnce, noise: [UInt8](repeating: 0, count: 32)),
        Case("the key one", .closedAtOnce, noise: [1] + [UInt8](repeating: 0, count: 31)),
        Case("half a first message", .closedInTime, says: HostileDialer.noise + [0, 32, 1, 2, 3]),
        Case("the first message twice", .closedAtOnce) { hostile in
            let message = HostileDialer.frame([UInt8](repeating: 9, count: 32))
            _ = hostile.say(HostileDialer.noise + message + message)
        },
        Case("no identity", .closedAtOnce, identity: { _ in [] }),
        Case(
            "an identity of more than a kilobyte", .closedAtOnce, identity: { $0 + [UInt8](repeating: 0, count: 1_024) }
        ),
        Case("an RSA identity", .closedAtOnce, identity: { _ in payload(key: [8, 0, 18, 0], signature: [1]) }),
        Case("somebody else's identity", .closedAtOnce, identity: { _ in ConnectionPair.identity(30).payload }),
        Case("a signature over something else", .closedAtOnce) { hostile in
            try hostile.shakeHands { _ in
                let key = SecretKey(seed: ConnectionPair.seed(10))
                return payload(key: key.publicKey.protobuf, signature: key.sign([1, 2, 3]).bytes)
            }
        },
        Case(
            "an identity of 2^63 bytes", .closedAtOnce,
            identity: { _ in [0x0a] + [UInt8](repeating: 0xff, count: 8) + [0x7f] }),
        Case("an identity in a group", .closedAtOnce, identity: { [0x0b, 0x0c] + $0 }),
        Case("an identity of a hundred empty fields", .closedAtOnce) { hostile in
            try hostile.shakeHands { $0 + [UInt8](repeating: 0, count: 100).flatMap { [0x22, $0] } }
        },
        Case("an identity and half a field", .closedAtOnce, identity: { $0 + [0x22] }),
        Case("the listener's message sent back to it", .closedAtOnce) { hostile in
            try hostile.shakeHands()
            let message = hostile.heard.dropFirst(HostileDialer.noise.count)
            _ = hostile.say(Array(message))
        },
        Case("an altered signature", .closedAtOnce, identity: { Array($0.dropLast()) + [($0.last ?? 0) ^ 1] }),
    ]

    static let sealed: [Case] = [
        Case("the last handshake message twice", .closedAtOnce) { hostile in
            try hostile.shakeHands()
            _ = hostile.say(hostile.introduction)
        },
        Case("silence after the handshake", .closedInTime, sealed: []),
        Case(
            "a muxer we do not speak", .closedInTime,
            sealed: HostileDialer.greeting + HostileDialer.line("/mplex/6.7.0")),
        Case("a sealed message too short for its tag", .closedAtOnce) { hostile in
            try hostile.shakeHands()
            _ = hostile.say(HostileDialer.frame([1, 2, 3]))
        },
        Case("a replayed message", .closedAtOnce) { hostile in
            try hostile.shakeHands()
            let message = try hostile.sealed(HostileDialer.yamux)
            _ = hostile.say(message + message)
        },
        Case("messages out of order", .closedAtOnce) { hostile in
            try hostile.shakeHands()
            let first = try hostile.sealed(HostileDialer.yamux)
            let second = try hostile.sealed([])
            _ = hostile.say(second + first)
        },
        Case("empty sealed messages", .endured) { hostile in
            try hostile.shakeHands()
            try hostile.saySealed(HostileDialer.yamux)
            for _ in 0..<1_000 { _ = hostile.say(try hostile.sealed([])) }
        },
    ]

    static let multiplexed: [Case] = [
        Case("a version that does not exist", .closedAtOnce, frames: [1] + [UInt8](repeating: 0, count: 11)),
        Case("a kind that does not exist", .closedAtOnce, frames: [0, 9] + [UInt8](repeating: 0, count: 10)),
        Case("a flag that does not exist", .closedAtOnce, frames: [0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0]),
        Case("the listener's stream number", .closedAtOnce, frames: frame(.data, .syn, 2, 0)),
        Case("stream number zero", .closedAtOnce, frames: frame(.data, .syn, 0, 0)),
        Case("one stream twice", .closedAtOnce, frames: frame(.data, .syn, 1, 0) + frame(.data, .syn, 1, 0)),
        Case("bytes on no stream", .closedAtOnce, frames: frame(.data, [], 7, 3)),
        Case("more than the window", .closedAtOnce, frames: frame(.data, .syn, 1, 262_145)),
        Case("four gigabytes announced", .closedAtOnce, frames: frame(.data, .syn, 1, .max)),
        Case(
            "credit beyond any counter", .closedAtOnce,
            frames: frame(.windowUpdate, .syn, 1, .max) + frame(.windowUpdate, [], 1, .max)),
        Case("a go-away on a stream", .closedAtOnce, frames: frame(.goAway, [], 1, 0)),
        Case("a farewell, and then more", .endured, frames: frame(.goAway, [], 0, 0) + frame(.ping, .syn, 0, 1)),
        Case(
            "fifty thousand pings", .endured,
            frames: (0..<50_000 as Range<UInt32>).flatMap { frame(.ping, .syn, 0, $0) }),
        Case(
            "answers nobody asked for", .endured,
            frames: (0..<1_000 as Range<UInt32>).flatMap { frame(.ping, .ack, 0, $0) }),
        Case(
            "a thousand streams opened and reset at a stroke", .closedAtOnce,
            frames: (0..<1_000 as Range<UInt32>).flatMap {
                frame(.windowUpdate, .syn, 1 + 2 * $0, 0) + frame(.windowUpdate, .rst, 1 + 2 * $0, 0)
            }),
        Case(
            "five thousand streams", .closedAtOnce,
            frames: (0..<5_000 as Range<UInt32>).flatMap { frame(.windowUpdate, .syn, 1 + 2 * $0, 0) }),
        Case(
            "fifty thousand times a byte of credit", .endured,
            frames: frame(.data, .syn, 1, 0)
                + (0..<50_000 as Range<UInt32>).flatMap { _ in frame(.windowUpdate, [], 1, 1) }),
        Case(
            "bytes behind the end of a stream", .closedAtOnce,
            frames: frame(.data, [.syn, .fin], 1, 0) + frame(.data, [], 1, 5)),
        Case(
            "late bytes on a stream that was reset", .endured,
            frames: frame(.data, .syn, 1, 0) + frame(.windowUpdate, .rst, 1, 0) + frame(.data, [], 1, 5) + [
                1, 2, 3, 4, 5,
            ]),
        Case("credit for no stream", .closedAtOnce, frames: frame(.windowUpdate, [], 0, 1)),
        Case("a ping on a stream", .closedAtOnce, frames: frame(.ping, .syn, 1, 1)),
        Case("a stream opened as it is answered", .endured, frames: frame(.data, [.syn, .ack], 1, 0)),
        Case("a stream far ahead of all others", .closedAtOnce, frames: frame(.data, .syn, 100_001, 0)),
        Case("a stream that speaks HTTP", .endured, frames: open(1, saying: text("GET / HTTP/1.1\r\n"))),
        Case(
            "a stream of unknown protocols", .endured,
            frames: open(1, saying: HostileDialer.greeting + (0..<100).flatMap { HostileDialer.line("/x/\($0)") })),
        Case(
            "nine streams that agree on nothing", .endured,
            frames: (0..<9 as Range<UInt32>).flatMap { open(1 + 2 * $0, saying: HostileDialer.greeting) }),
    ]

    static let all = negotiating + shaking + sealed + multiplexed

    @Test func everyPeerMeetsItsFate() throws {
        #expect(Self.all.count >= 50)
        for hostile in Self.all { try check(hostile) }
    }

    private func check(_ hostile: Case) throws {
        var dialer = HostileDialer()
        try hostile.act(&dialer)
        let atOnce = dialer.listener.fault
        #expect((atOnce != nil) == (hostile.fate == .closedAtOnce), "\(hostile.name): \(String(describing: atOnce))")
        dialer.listener.advance(to: .origin + .seconds(10), into: &dialer.events)
        let inTime = dialer.listener.fault
        #expect((inTime == nil) == (hostile.fate == .endured), "\(hostile.name): \(String(describing: inTime))")
        let failures = dialer.events.count { if case .failed = $0 { true } else { false } }
        #expect(failures == (hostile.fate == .endured ? 0 : 1), "\(hostile.name) failed \(failures) times")
        // Nothing a peer says makes us say much: the pongs and resets of the longest case, and no answer after the end.
        #expect(dialer.heard.count < 64 << 10, "\(hostile.name): \(dialer.heard.count) bytes came back")
        let afterTheEnd = dialer.say([1, 2, 3])
        #expect(inTime == nil || afterTheEnd.isEmpty, "\(hostile.name): answered after the end")
        let usage = dialer.listener.usage
        #expect(usage.streams <= 128 && usage.bytes < 64 << 10, "\(hostile.name) made us hold \(usage)")
    }

    /// A byte a second, each of them right: the whole handshake has its ten seconds.
    @Test func aSlowLorisHasTenSeconds() {
        var hostile = HostileDialer()
        for (second, byte) in HostileDialer.noise.prefix(20).enumerated() {
            let now = Instant.origin + .seconds(UInt64(second))
            hostile.listener.advance(to: now, into: &hostile.events)
            hostile.listener.receive([byte].span.bytes, at: now, into: &hostile.events)
            #expect((hostile.listener.fault == nil) == (second < 10))
        }
        #expect(hostile.events == [.failed(.tooSlow)])
    }

    /// A peer that breaks the rules of streams is told so once, sealed; before that nobody is told anything.
    @Test func onlyAPeerWithAChannelIsToldGoodbye() throws {
        var stranger = HostileDialer()
        let answer = stranger.say(Array("GET / HTTP/1.1\r\n".utf8))
        #expect(answer.isEmpty)
        var peer = HostileDialer()
        try peer.shakeHands()
        try peer.saySealed(HostileDialer.yamux)
        let before = peer.heard.count
        try peer.saySealed([1] + [UInt8](repeating: 0, count: 11))
        #expect(peer.heard.count - before == 2 + YamuxHeader.count + ChaCha20Poly1305.tagCount)
    }
}
