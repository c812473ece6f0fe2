import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnGossip

/// Messages and envelopes as bytes.
@Suite struct PubSubWireTests {
    private static let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
    private static let hash: ContentHash = { SHA256.digest($0) }

    private static func message(_ data: [UInt8] = Array("abc".utf8)) -> GossipMessage {
        GossipMessage(.transactions, data, by: NodeID(key.publicKey), sequence: 7, using: hash) { key.sign($0) }
    }

    private func read(_ bytes: [UInt8]) -> GossipMessage? {
        try? GossipMessage(bytes.span.bytes, limit: 60 << 10, using: Self.hash)
    }

    @Test func theIDIsTheNetworksOneFunction() {
        #expect(hex(Self.message().id.bytes) == "1d6ebb8c360c666bb8b2761169d882dd7e75ddcf")
    }

    @Test func messagesAreReadBackAndVerify() throws {
        let message = Self.message()
        let back = try #require(read(message.encoded))
        #expect(back == message)
        #expect(Ed25519.isValid(back.signature, of: back.signedBytes, by: back.author.key))
    }

    @Test func `another network's long topics are passed over and counted, and the rest of the envelope is read`()
        throws
    {
        func entry(_ number: UInt32, _ length: Int) -> [UInt8] {
            var writer = ProtobufWriter()
            writer.string(number, String(repeating: "t", count: length))
            return writer.bytes
        }
        var control = ProtobufWriter()
        control.bytes(1, entry(1, 129))
        control.bytes(3, entry(1, 129))
        control.bytes(3, entry(1, 128))
        control.bytes(4, entry(1, 5_000))
        var writer = ProtobufWriter()
        for length in [128, 129, 250, 300, 5_000] { writer.bytes(1, entry(2, length)) }
        writer.bytes(2, Self.message().encoded)
        writer.bytes(3, control.bytes)
        let envelope = try GossipEnvelope(writer.bytes.span.bytes, limits: Limits.Gossip(), using: Self.hash)
        #expect(envelope.subscriptions.count == 1 && envelope.grafts.count == 1 && envelope.messages.count == 1)
        #expect(envelope.prunes.isEmpty && envelope.announced.isEmpty && envelope.excess == 7)
    }

    @Test func `a topic that is no text is passed over and counted, and the rest of the envelope is read`() throws {
        func entry(_ number: UInt32, _ name: [UInt8]) -> [UInt8] {
            var writer = ProtobufWriter()
            writer.bytes(number, name)
            return writer.bytes
        }
        var control = ProtobufWriter()
        for number in [1, 3] as [UInt32] { control.bytes(number, entry(1, [0xff, 0xfe])) }
        control.bytes(3, entry(1, Array("t".utf8)))
        control.bytes(4, entry(1, [0xff, 0xfe]))
        var writer = ProtobufWriter()
        writer.bytes(1, entry(2, [0xc3, 0x28]))
        writer.bytes(1, entry(2, Array("t".utf8)))
        writer.bytes(2, Self.message().encoded)
        writer.bytes(3, control.bytes)
        let envelope = try GossipEnvelope(writer.bytes.span.bytes, limits: Limits.Gossip(), using: Self.hash)
        #expect(envelope.subscriptions.count == 1 && envelope.grafts.count == 1 && envelope.messages.count == 1)
        #expect(envelope.prunes.isEmpty && envelope.announced.isEmpty && envelope.excess == 4)
    }

    /// What others would read differently is not read at all.
    @Test func looseMessagesAreRefused() {
        let message = Self.message()
        func form(
            author: [UInt8] = message.author.peerIDBytes, data: [UInt8] = message.data,
            sequence: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7], topics: Int = 1,
            key: [UInt8]? = message.author.key.protobuf, extra: UInt32? = nil
        ) -> [UInt8] {
            var writer = ProtobufWriter()
            if !author.isEmpty { writer.bytes(1, author) }
            writer.bytes(2, data)
            writer.bytes(3, sequence)
            for _ in 0..<topics { writer.string(4, Topic.transactions.name) }
            writer.bytes(5, message.signature.bytes)
            if let key { writer.bytes(6, key) }
            if let extra { writer.varint(extra, 1) }
            return writer.bytes
        }
        #expect(read(form()) == message, "a key that fits is no difference")
        #expect(read(form(key: nil)) == message)
        let foreign = SecretKey(seed: Seed(known: Bytes32([UInt8](2...33)) ?? .zero)).publicKey.protobuf
        #expect(read(form(key: foreign)) == nil)
        #expect(read(form(topics: 2)) == nil)
        #expect(read(form(topics: 0)) == nil)
        #expect(read(form(sequence: [0, 0, 0, 0, 0, 0, 7])) == nil)
        #expect(read(form(author: [])) == nil)
        #expect(read(form(author: Array(message.author.peerIDBytes.dropLast()))) == nil)
        #expect(read(form(data: [])) == nil)
        #expect(read(form(data: [UInt8](repeating: 1, count: 61 << 10))) == nil)
        #expect(read(form(extra: 9)) == nil)
        #expect(read(Array(message.encoded.dropLast())) == nil)
    }

    @Test func envelopesAreReadBack() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<200 {
            let envelope = Self.envelope(&random)
            let bytes = envelope.encoded
            let back = try GossipEnvelope(bytes.span.bytes, limits: Limits.Gossip(), using: Self.hash)
            #expect(back == envelope)
            #expect(bytes.count <= envelope.byteCount)
        }
    }

    private static func envelope(_ random: inout SeededRandom) -> GossipEnvelope {
        var envelope = GossipEnvelope()
        func ids(_ most: UInt64) -> [MessageID] {
            (0...random.below(most)).map { _ in
                message((0..<8).map { _ in UInt8(random.below(256)) }).id
            }
        }
        if Bool.random(using: &random) {
            envelope.subscriptions = [.init(topic: .blocks, isOn: Bool.random(using: &random))]
        }
        if Bool.random(using: &random) { envelope.messages = [message([UInt8(random.below(256))]), message()] }
        if Bool.random(using: &random) { envelope.announced = [.init(topic: .blocks, ids: ids(9))] }
        if Bool.random(using: &random) { envelope.wanted = ids(9) }
        if Bool.random(using: &random) { envelope.unwanted = ids(8) }
        if Bool.random(using: &random) { envelope.grafts = [.blocks, .transactions] }
        if Bool.random(using: &random) {
            envelope.prunes = [.init(topic: .blocks, backoff: .seconds(random.below(3_600)))]
        }
        return envelope
    }

    /// Whatever is to be sent fits what all implementations take, and nothing of it is lost.
    @Test func envelopesAreCutToSize() {
        var random = SeededRandom(seed: 5)
        var envelope = GossipEnvelope()
        envelope.subscriptions = [.init(topic: .blocks, isOn: true)]
        for _ in 0..<700 {
            envelope.messages.append(Self.message((0..<(1 + random.below(2_000))).map { UInt8($0 & 255) }))
        }
        for _ in 0..<4_000 { envelope.announce(Self.message([UInt8(random.below(256)), 1]).id, of: .blocks) }
        envelope.wanted = (0..<2_000).map { _ in Self.message([UInt8(random.below(256)), 2]).id }
        let pieces = envelope.pieces(limit: 64 << 10)
        #expect(pieces.allSatisfy { $0.encoded.count <= 64 << 10 && $0.messages.count <= 500 })
        #expect(pieces.flatMap(\.messages) == envelope.messages)
        #expect(pieces.flatMap(\.wanted) == envelope.wanted)
        #expect(pieces.flatMap(\.announced).flatMap(\.ids) == envelope.announced.flatMap(\.ids))
    }

    /// The lists of a hostile envelope are cut while they are read.
    @Test func floodsAreCut() throws {
        let id = Self.message().id.bytes
        var writer = ProtobufWriter()
        for index in 0..<30_000 {
            writer.message(1) { inner in
                inner.bool(1, true)
                inner.string(2, "t\(index)")
            }
        }
        writer.message(3) { control in
            control.message(1) { inner in
                inner.string(1, Topic.blocks.name)
                for _ in 0..<20_000 { inner.bytes(2, id) }
            }
            for _ in 0..<2_000 { control.message(3) { $0.string(1, "x") } }
            control.message(4) { inner in
                inner.string(1, Topic.blocks.name)
                for _ in 0..<10_000 { inner.message(2) { $0.bytes(1, [1]) } }
                inner.varint(3, .max)
            }
            control.message(5) { inner in for _ in 0..<1_000 { inner.bytes(1, id) } }
        }
        let bytes = writer.bytes
        let limits = Limits.Gossip()
        let envelope = try GossipEnvelope(bytes.span.bytes, limits: limits, using: Self.hash)
        #expect(envelope.subscriptions.count == limits.topicsPerPeer)
        #expect(envelope.announced.reduce(0) { $0 + $1.ids.count } == limits.announcedPerMessage)
        #expect(envelope.grafts.count == limits.topicsPerPeer)
        #expect(envelope.unwanted.count == limits.refusalsPerMessage)
        #expect(envelope.prunes == [.init(topic: .blocks, backoff: .seconds(3_600))])
        #expect(envelope.offeredPeers == 10_000)
        #expect(envelope.excess > 40_000)
    }
}
