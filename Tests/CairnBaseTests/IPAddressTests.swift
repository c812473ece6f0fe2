import CairnBase
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::A", "2001:db8::a"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:0:0:0:ffff:10.1.2.3", "10.1.2.3"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("fe80::1:0:0:0", "fe80::1:0:0:0"),
    ])
    func `parses and prints its one form`(text: String, printed: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == printed)
        #expect(IPAddress(printed) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "::1::",
        ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::", "::1%lo", "[::1]", ":1",
        "1:",
        "1.2.3.4::", "::+1", "::1.2.3.400", "１.2.3.4",
    ])
    func `refuses what is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `random addresses survive their text`() {
        var random = SeededRandom(seed: 41)
        for _ in 0..<2_000 {
            // Many zero groups, so that every place of the double colon comes up.
            let mask = random.next() & random.next()
            let address = IPAddress(
                high: spread(random.next(), mask), low: spread(random.next(), mask >> 4))
            #expect(IPAddress(address.description) == address)
            let endpoint = Endpoint(address, port: UInt16(truncatingIfNeeded: random.next()))
            #expect(Endpoint(endpoint.description) == endpoint)
        }
    }

    private func spread(_ value: UInt64, _ mask: UInt64) -> UInt64 {
        (0..<4).reduce(0) { $0 | (mask >> UInt64($1) & 1 == 1 ? value & (0xffff << UInt64(16 * $1)) : 0) }
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:01", "::1:80", "[127.0.0.1]:80", ":80",
    ])
    func `refuses what is no endpoint`(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func `knows special addresses`() throws {
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(!IPAddress.any.isLoopback)
        #expect(IPAddress.any.isUnspecified)
        #expect(try #require(IPAddress("ff02::1")).isMulticast)
        #expect(try #require(IPAddress("224.0.0.1")).isMulticast)
    }
}
