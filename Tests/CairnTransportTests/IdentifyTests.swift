import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

@Suite struct IdentifyTests {
    private func message() throws -> IdentifyMessage {
        var message = IdentifyMessage(node: ConnectionPair.identity(10).node)
        message.listenAddresses = [
            try Multiaddr(text: "/ip4/192.0.2.1/tcp/7470"), try Multiaddr(text: "/ip6/2001:db8::1/tcp/7470"),
        ]
        message.protocols = Introductions.protocols.map(\.name) + ["/cairn/echo/1"]
        message.observedAddress = try Multiaddr(text: "/ip4/198.51.100.7/tcp/4001")
        message.protocolVersion = "cairn/1"
        message.agentVersion = "cairn/0.1"
        return message
    }

    @Test func aMessageComesBackFromItsBytes() throws {
        let message = try message()
        let encoded = message.encoded
        #expect(encoded.count <= Limits().addresses.identifySent)
        #expect(try IdentifyMessage(encoded.span.bytes) == message)
    }

    @Test func aPushChangesOnlyWhatItNames() throws {
        let before = try message()
        var push = IdentifyMessage(node: nil)
        push.protocols = ["/cairn/else/1"]
        let after = before.updated(by: push)
        #expect(after.protocols == ["/cairn/else/1"])
        #expect(after.node == before.node && after.listenAddresses == before.listenAddresses)
        #expect(after.agentVersion == before.agentVersion)
    }

    @Test func listsAreCutAtTheirLimits() throws {
        var message = IdentifyMessage(node: nil)
        message.protocols = (0..<1_800).map { "/x/\($0)" }
        var limits = Limits().addresses
        limits.identifyRead = 1 << 20
        let names = message.encoded
        #expect(try IdentifyMessage(names.span.bytes, limits: limits).protocols.count == 64)
        message.protocols = []
        message.listenAddresses = try (0..<10_000).map { try Multiaddr(text: "/ip4/192.0.2.1/tcp/\(1 + $0)") }
        let addresses = message.encoded
        #expect(try IdentifyMessage(addresses.span.bytes, limits: limits).listenAddresses.count == 32)
    }

    /// Some stacks cut a long message into several.
    @Test(arguments: [1, 7, 1_000])
    func aMessageInPartsAddsUp(step: Int) throws {
        let message = try message()
        var first = IdentifyMessage(node: message.node)
        first.listenAddresses = message.listenAddresses
        var second = message
        second.node = nil
        second.listenAddresses = []
        var writer = ByteWriter()
        writer.frame(.uvarint, first.encoded)
        writer.frame(.uvarint, second.encoded)
        let bytes = writer.bytes
        var reader = IdentifyReader()
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = Array(bytes[start..<min(start + step, bytes.count)])
            try reader.receive(piece.span.bytes)
        }
        #expect(try reader.finish() == message)
    }

    static let refused: [(name: String, bytes: [UInt8])] = [
        ("nothing", []),
        ("a length without its message", [5]),
        ("eleven parts", [UInt8](repeating: 0, count: 11)),
        ("more than the limit announced", [0x81, 0x40]),
        ("two gigabytes announced", [0x80, 0x80, 0x80, 0x80, 0x08]),
        ("an RSA key", [6, 0x0a, 4, 0x08, 0, 0x12, 0]),
        ("a group", [1, 0x0b]),
        ("a wire type that does not exist", [2, 0x0e, 0]),
        ("a name that is not UTF-8", [3, 0x1a, 1, 0xff]),
        ("a name longer than any", [0x83, 0x02, 0x1a, 0x80, 0x02] + [UInt8](repeating: 97, count: 254)),
    ]

    @Test(arguments: refused.indices)
    func whatIsMalformedIsRefused(index: Int) {
        let (name, bytes) = Self.refused[index]
        var reader = IdentifyReader()
        let message = Result { () throws -> IdentifyMessage in
            try reader.receive(bytes.span.bytes)
            return try reader.finish()
        }
        #expect(throws: DecodeError.self, "\(name)") { try message.get() }
    }

    @Test(arguments: PeerRecord.Form.allCases)
    func aRecordIsOpenedOnlyAsItsSigners(form: PeerRecord.Form) throws {
        let key = SecretKey(seed: ConnectionPair.seed(10))
        let addresses = try message().listenAddresses
        let sealed = PeerRecord.seal(sequence: 7, addresses: addresses, as: form, key: key)
        let record = try PeerRecord(opening: sealed.span.bytes, from: NodeID(key.publicKey))
        #expect(record.sequence == 7 && record.addresses == addresses)
        let other = ConnectionPair.identity(30).node
        #expect(throws: DecodeError.self) { try PeerRecord(opening: sealed.span.bytes, from: other) }
        for position in sealed.indices {
            var altered = sealed
            altered[position] ^= 1
            let opened = try? PeerRecord(opening: altered.span.bytes, from: record.node)
            #expect(opened == nil, "byte \(position)")
        }
    }

    /// Signed by one node, about another: nobody may fill our memory with third parties.
    @Test func aRecordAboutSomebodyElseIsRefused() throws {
        let key = SecretKey(seed: ConnectionPair.seed(10))
        var writer = ProtobufWriter()
        writer.bytes(1, ConnectionPair.identity(30).node.peerIDBytes)
        writer.varint(2, 1)
        let form = PeerRecord.Form.deployed
        let envelope = SignedEnvelope(sealing: writer.bytes, type: form.payloadType, domain: form.domain, key: key)
        let bytes = envelope.encoded
        #expect(throws: DecodeError.invalid("record of somebody else")) {
            try PeerRecord(opening: bytes.span.bytes, from: NodeID(key.publicKey))
        }
    }
}

/// Two ends that introduce themselves over a connection.
private struct Introduced {
    var pair: ConnectionPair
    var atDialer: Introductions
    var atListener: Introductions
    var dialerHeard: [Introductions.Event] = []
    var listenerHeard: [Introductions.Event] = []

    init(seed: UInt64, listenerClaims: NodeID = ConnectionPair.identity(20).node) {
        pair = ConnectionPair(seed: seed, speaking: Introductions.protocols)
        atDialer = Introductions(as: IdentifyMessage(node: ConnectionPair.identity(10).node))
        var listener = IdentifyMessage(node: listenerClaims)
        listener.protocols = ["/cairn/echo/1"]
        atListener = Introductions(as: listener)
        _ = pair.settle()
    }

    mutating func settle() {
        while true {
            _ = pair.settle()
            guard !pair.atDialer.isEmpty || !pair.atListener.isEmpty else { return }
            let (dialer, listener) = (pair.atDialer, pair.atListener)
            pair.atDialer = []
            pair.atListener = []
            for event in dialer {
                _ = atDialer.handle(
                    event, on: &pair.dialer, at: .origin + .seconds(1), into: &dialerHeard, more: &pair.atDialer)
            }
            for event in listener {
                _ = atListener.handle(
                    event, on: &pair.listener, at: .origin, into: &listenerHeard, more: &pair.atListener)
            }
        }
    }
}

@Suite struct IntroductionsTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func eachEndLearnsWhatTheOtherSays(seed: UInt64) {
        var ends = Introduced(seed: seed)
        ends.atDialer.askIdentity(on: &ends.pair.dialer)
        ends.atListener.askIdentity(on: &ends.pair.listener)
        ends.settle()
        #expect(ends.atDialer.peer?.protocols == ["/cairn/echo/1"])
        #expect(ends.atListener.peer?.node == ConnectionPair.identity(10).node)
        ends.atListener.push(on: &ends.pair.listener)
        ends.settle()
        #expect(ends.dialerHeard.count == 2)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aPingComesBack(seed: UInt64) {
        var ends = Introduced(seed: seed)
        ends.atDialer.ping(Bytes32(Array(1...32)) ?? .zero, on: &ends.pair.dialer, at: .origin)
        ends.settle()
        #expect(ends.dialerHeard == [.ponged(.seconds(1))])
    }

    @Test func whoClaimsAForeignKeyIsReported() {
        var ends = Introduced(seed: 1, listenerClaims: ConnectionPair.identity(30).node)
        ends.atDialer.askIdentity(on: &ends.pair.dialer)
        ends.settle()
        #expect(ends.dialerHeard == [.lied])
        #expect(ends.atDialer.peer == nil)
    }

    @Test func aThirdPingStreamIsRefused() {
        var ends = Introduced(seed: 1)
        for _ in 0..<3 { ends.atDialer.ping(.zero, on: &ends.pair.dialer, at: .origin) }
        ends.settle()
        #expect(ends.dialerHeard.count == 2)
    }

    @Test func echoesAreWholeQuestionsOnly() {
        var echo = PingEcho()
        let first = echo.receive([UInt8](repeating: 1, count: 40))
        let second = echo.receive([UInt8](repeating: 1, count: 24))
        #expect(first.count == 32 && second.count == 32)
        var question = PingQuestion(.zero, at: .origin)
        let wrong = question.receive([1], at: .origin)
        #expect(wrong == .wrong)
        var long = PingQuestion(.zero, at: .origin)
        let tooMuch = long.receive([UInt8](repeating: 0, count: 33), at: .origin)
        #expect(tooMuch == .wrong)
    }
}
