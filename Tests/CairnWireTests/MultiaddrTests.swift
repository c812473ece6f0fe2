import CairnBase
import CairnWire
import Testing

@Suite struct MultiaddrTests {
    /// go-multiaddr's conversions, and the parts of its valid list that are spoken here.
    @Test(arguments: [
        ("/ip4/127.0.0.1/udp/1234", "047f000001910204d2"), ("/ip4/127.0.0.1/tcp/4321", "047f0000010610e1"),
        ("/ip4/127.0.0.1/udp/1234/ip4/127.0.0.1/tcp/4321", "047f000001910204d2047f0000010610e1"),
        ("/ip6/::1", "2900000000000000000000000000000001"),
        (
            "/ip6/2601:9:4f81:9700:803e:ca65:66e8:c21/udp/1234/quic-v1",
            "29260100094f819700803eca6566e80c21910204d2cd03"
        ),
        ("/ip6/::ffff:127.0.0.1/tcp/111", "2900000000000000000000ffff7f00000106006f"),
        ("/dns4/example.com/tcp/65535", "360b6578616d706c652e636f6d06ffff"), ("/dnsaddr/a.b", "3803612e62"),
        ("/dns/a/tcp/0", "3501610600" + "00"), ("/dns6/x_y-z", "3705785f792d7a"),
        (
            "/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV/p2p-circuit",
            "a503260024080112202d3de6d16ae87f7a933fe1552162a2d3f04951e90e8051e4ee2c18f002dd0fb4a202"
        ),
    ])
    func published(text: String, binary: String) throws {
        let raw = try #require(bytes(hex: binary))
        let address = try Multiaddr(text: text)
        #expect(address.description == text)
        #expect(hex(address.bytes) == binary)
        #expect(try Multiaddr(bytes: raw) == address)
    }

    /// go-multiaddr's failing list, and spellings that it allows but that would give one address two texts.
    @Test(arguments: [
        "", "/", "//", "ip4/1.2.3.4", "/ip4", "/ip4/", "/ip4/::1", "/ip4/fdpsofodsajfdoisa", "/ip6", "/udp", "/tcp",
        "/udp/65536", "/tcp/65536", "/quic-v1/65536", "/ip4/127.0.0.1/udp/jfodsajfidosajfoidsa", "/ip4/1.2.3.4/tcp/-1",
        "/ip4/127.0.0.1/quic-v1/1234", "/ip4/127.0.0.1/p2p", "/ip4/127.0.0.1/p2p/tcp", "/ip4/127.0.0.1/tcp/1234/",
        "/ip4/1.2.3.04", "/ip4/1.2.3.256", "/ip4/1.2.3", "/tcp/01", "/tcp/+1", "/dns4/-a", "/dns4/a..b", "/dns4/a.",
        "/dns4/ex ample", "/dns4/\u{212a}", "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC", "/unix/a",
    ])
    func refused(text: String) {
        #expect(throws: DecodeError.self) { try Multiaddr(text: text) }
    }

    @Test func whatPeopleTypeIsReadAndWrittenCanonically() throws {
        #expect(try Multiaddr(text: "/dns4/Example.COM/tcp/1").description == "/dns4/example.com/tcp/1")
        #expect(try Multiaddr(text: "/ip6/2001:DB8:0:0:0:0:0:1").description == "/ip6/2001:db8::1")
        let cid = "/p2p/bafzaajaiaejcalj543iwv2d7pkjt7ykvefrkfu7qjfi6sduakhso4lay6abn2d5u"
        #expect(try Multiaddr(text: cid).description == "/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV")
    }

    @Test(
        arguments: [
            ("dd03", .unknown("multiaddr protocol", 0x1dd)), ("8400", .notCanonical("varint")),
            ("", .invalid("empty multiaddr")),
            ("047f0000", .truncated(need: 4, have: 3)), ("0610", .truncated(need: 2, have: 1)),
            ("360141", .invalid("host name")), ("3600", .invalid("host name")),
            ("36ff01", .tooLarge(size: 255, limit: 253)),
            ("a503221221c05877cbae039d70a5e600ea02c6f9f2942439285c9e344e26f8d280c850fad6", .invalid("Ed25519 peer id")),
        ] as [(String, DecodeError)])
    func malformedBytes(text: String, error: DecodeError) throws {
        let raw = try #require(bytes(hex: text))
        #expect(throws: error) { try Multiaddr(bytes: raw) }
    }

    @Test func tooManyPartsAreRefused() throws {
        let text = String(repeating: "/p2p-circuit", count: 16)
        #expect(try Multiaddr(text: text).components.count == 16)
        #expect(throws: DecodeError.tooLarge(size: 17, limit: 16)) { try Multiaddr(text: text + "/p2p-circuit") }
        let bytes = try Multiaddr(text: text).bytes
        #expect(throws: DecodeError.tooLarge(size: 17, limit: 16)) { try Multiaddr(bytes: bytes + [0xa2, 0x02]) }
        #expect(throws: DecodeError.tooLarge(size: 1025, limit: 1024)) {
            try Multiaddr(bytes: [UInt8](repeating: 0, count: 1025))
        }
    }

    @Test func endpointsAreOnlyPlainHostsAndPorts() throws {
        let address = try Multiaddr(
            text: "/ip4/192.0.2.1/tcp/7470/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV")
        #expect(address.tcp?.host == .ip4(IPv4Address(192, 0, 2, 1)) && address.tcp?.port == 7470)
        #expect(address.udp == nil && address.node?.peerID.hasSuffix("Hf5mV") == true)
        #expect(try Multiaddr(text: "/ip4/192.0.2.1/udp/1/quic-v1").udp == nil)
        #expect(try Multiaddr(text: "/ip4/192.0.2.1/udp/1").udp?.port == 1)
        #expect(try Multiaddr(text: "/tcp/1").tcp == nil)
        #expect(try Multiaddr(text: "/dnsaddr/a/tcp/1").tcp == nil)
    }

    @Test func whatWouldBeRefusedAsBytesIsRefusedAsText() throws {
        let name = String(repeating: String(repeating: "a", count: 49) + ".", count: 5) + "abc"
        let fits = String(repeating: "/dns/\(name)", count: 3)
        #expect(try Multiaddr.decode(Multiaddr(text: fits).encoded, limit: 2_000).description == fits)
        #expect(throws: DecodeError.tooLarge(size: 1_027, limit: 1_024)) {
            try Multiaddr(text: String(repeating: "/dns/\(name)", count: 4) + "/tcp/7")
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func everyAddressComesBackFromBothForms(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let address = try Multiaddr((0...random.below(5)).map { _ in Multiaddr.Component(random: &random) })
            #expect(try Multiaddr(text: address.description) == address)
            #expect(try Multiaddr(bytes: address.bytes) == address)
            #expect(try Multiaddr.decode(address.encoded, limit: 2000) == address)
        }
    }
}

extension Multiaddr.Component {
    init(random: inout SeededRandom) {
        let name = DNSName("host-\(random.below(100)).example") ?? DNSName("x")
        let number = UInt64(random.next())
        switch (random.below(11), name) {
        case (0, _): self = .ip4(IPv4Address(UInt32(truncatingIfNeeded: number)))
        case (1, _): self = .ip6(IPv6Address(UInt128(number & random.next()) << UInt128(random.below(65))))
        case (2, let name?): self = .dns(name)
        case (3, let name?): self = .dns4(name)
        case (4, let name?): self = .dns6(name)
        case (5, let name?): self = .dnsaddr(name)
        case (6, _): self = .tcp(UInt16(truncatingIfNeeded: number))
        case (7, _): self = .udp(UInt16(truncatingIfNeeded: number))
        case (8, _): self = .p2p(NodeID(random.bytes32()))
        case (9, _): self = .p2pCircuit
        default: self = .quicV1
        }
    }
}
