import CairnBase
import CairnCrypto
import Testing

@Suite struct DrawTests {
    /// Computed with Python's `hashlib.blake2b`: person `cn/wsel`, 32 bytes of 07, then 5 as eight bytes, then `id`.
    @Test func agreesWithAnotherImplementation() throws {
        let randomness = Digest(try #require(Bytes32([UInt8](repeating: 7, count: 32))))
        let drawn = Blake2b().draw(DomainTag("cn/wsel"), randomness, at: 5, for: Array("id".utf8))
        #expect(drawn == 0xdc64e9db49ba8448)
    }
}
