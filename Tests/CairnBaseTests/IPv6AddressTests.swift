import CairnBase
import Testing

@Suite struct IPv6AddressTests {
    /// RFC 5952 §4, and forms of RFC 4291 §2.2.
    @Test(arguments: [
        ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8::1:1:1:1:1"),
        ("2001:0:0:1::1", "2001:0:0:1:0:0:0:1"), ("2001:db8::1:0:0:1", "2001:db8:0:0:1:0:0:1"),
        ("::", "0:0:0:0:0:0:0:0"),
        ("::1", "0::1"), ("1::", "1:0:0:0:0:0:0:0"), ("::ffff:129.144.52.38", "::FFFF:8190:3426"),
        ("::d01:4403", "::13.1.68.3"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:0.7.0.8"),
    ])
    func oneSpellingIsWritten(canonical: String, other: String) throws {
        #expect(try #require(IPv6Address(other)).description == canonical)
        #expect(try #require(IPv6Address(canonical)).description == canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", ":1::", "1::2:",
        "::1.2.3",
        "::1.2.3.4:5", "1.2.3.4::", "::-1", "::+1", "fe80::1%eth0", "1:2:3:4:5:6:7::8:9", "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6:7:1.2.3.4", "٣::",
    ])
    func refused(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func orderIsTheOrderOfTheNumbers() throws {
        #expect(try #require(IPv4Address("9.0.0.0")) < #require(IPv4Address("10.0.0.0")))
        #expect(try #require(IPv6Address("::9")) < #require(IPv6Address("::10")))
    }
}
