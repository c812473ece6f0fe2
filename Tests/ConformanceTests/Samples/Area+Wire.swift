import CairnBase
import CairnWire

extension Area {
    static let wire = Area(name: "wire") {
        let node = NodeID(id(1))
        let account = AccountID(id(1))
        let host = try DNSName("seed.example.org").unwrapped()
        return [
            try .canonical("primitives", Primitives()),
            try .bytes("frame-u32", frame(.u32)) { try reframe($0, .u32) },
            try .bytes("frame-uvarint", frame(.uvarint)) { try reframe($0, .uvarint) },
            .writeOnly("signed", signedBytes(DomainTag("cn/test"), chain: ChainID(id(9)), body: [1, 2, 3])),
            try .canonical("verdict-coverage", try verdicts()[0]),
            try .canonical("verdict-sealed", try verdicts()[1]),
            try .canonical("verdict-hot", try verdicts()[2]),
            try .canonical("amount", Amount(units: 10_000_000_000)),
            try .canonical("multiaddr-ip4", Multiaddr([.ip4(IPv4Address(192, 0, 2, 1)), .tcp(7470), .p2p(node)])),
            try .canonical("multiaddr-ip6", Multiaddr([.ip6(IPv6Address(0x2001_0db8 << 96 | 1)), .udp(7470)])),
            try .canonical("multiaddr-names", Multiaddr([.dnsaddr(host), .dns4(host), .p2pCircuit, .quicV1])),
            try .bytes("peer-id", node.peerIDBytes) { try NodeID(peerID: $0).peerIDBytes },
            try .text("peer-id-text", node.peerID) { try NodeID(peerID: $0).peerID },
            try .bytes("public-key", node.key.protobuf) { try PublicKey(protobuf: $0.span.bytes).protobuf },
            try .text("account-text", account.text) { try AccountID(text: $0).text },
        ]
    }

    private static func id(_ first: UInt8) -> Bytes32 {
        Bytes32((0..<32).map { first + $0 }) ?? .zero
    }

    private static func frame(_ length: FrameLength, _ payload: [UInt8] = [UInt8](repeating: 7, count: 130)) -> [UInt8]
    {
        var writer = ByteWriter()
        writer.frame(length, payload)
        return writer.bytes
    }

    private static func reframe(_ bytes: [UInt8], _ length: FrameLength) throws -> [UInt8] {
        var frames = FrameReader(length, limit: 1000)
        var input = ByteReader(bytes.span.bytes)
        return frame(length, try frames.next(from: &input).unwrapped())
    }
}

/// One of each thing the codec writes.
private struct Primitives: Canonical {
    init() {}

    init(from reader: inout ByteReader) throws(DecodeError) {
        self.init()
        guard try reader.u8() == 1, try reader.u16() == 0x0203, try reader.u32() == 0x0405_0607,
            try reader.u64() == 0x0809_0a0b_0c0d_0e0f, try reader.i16() == -2, try reader.i32() == -3,
            try reader.i64() == -4, try reader.bool(), try reader.uvarint() == 300,
            try reader.bytes(limit: 2) == [8, 9], try reader.string(limit: 3) == "né",
            try reader.optional(Amount.self) == nil, try reader.optional(Amount.self) == Amount(units: 5),
            try reader.list(of: Amount.self, limit: 1) == [Amount(units: 6)]
        else { throw .invalid("primitives") }
    }

    func encode(into writer: inout ByteWriter) {
        writer.u8(1)
        writer.u16(0x0203)
        writer.u32(0x0405_0607)
        writer.u64(0x0809_0a0b_0c0d_0e0f)
        writer.i16(-2)
        writer.i32(-3)
        writer.i64(-4)
        writer.bool(true)
        writer.uvarint(300)
        writer.bytes([8, 9])
        writer.string("né")
        writer.optional(Amount?.none)
        writer.optional(Amount(units: 5))
        writer.list([Amount(units: 6)])
    }
}

extension Optional {
    /// For samples: a value that must be there.
    func unwrapped() throws(DecodeError) -> Wrapped {
        guard let self else { throw .invalid("sample") }
        return self
    }
}
