import CairnBase
import CairnCrypto
import Testing

@Suite struct CipherTests {
    private let plain = Array(
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it.").utf8)

    private func inline<let count: Int>(_ bytes: [UInt8]) -> InlineArray<count, UInt8> {
        InlineArray { $0 < bytes.count ? bytes[$0] : 0 }
    }

    private func key() throws -> Bytes32 {
        try #require(Bytes32([UInt8](0x80...0x9f)))
    }

    /// RFC 8439, section 2.8.2.
    @Test func publishedVectorOfRFC8439() throws {
        let cipher = ChaCha20Poly1305(key: try key())
        let associated = try unhex("50515253c0c1c2c3c4c5c6c7")
        let nonce: InlineArray<12, UInt8> = inline(try unhex("070000004041424344454647"))
        let sealed = cipher.seal(plain, nonce: nonce, associated: associated)
        #expect(
            hex(sealed)
                == "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                + "3ff4def08e4b7a9de576d26586cec64b6116" + "1ae10b594f09e26a7e902ecbd0600691")
        var opened: [UInt8] = [9]
        #expect(cipher.open(sealed, nonce: nonce, associated: associated, into: &opened))
        #expect(opened == [9] + plain)
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    @Test func publishedVectorOfXChaCha() throws {
        let cipher = XChaCha20Poly1305(key: try key())
        let associated = try unhex("50515253c0c1c2c3c4c5c6c7")
        let nonce: InlineArray<24, UInt8> = inline([UInt8](0x40...0x57))
        let sealed = cipher.seal(plain, nonce: nonce, associated: associated)
        #expect(
            hex(sealed)
                == "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                + "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                + "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                + "21f9664c97637da9768812f615c68b13b52e" + "c0875924c1c7987947deafd8780acf49")
        var opened: [UInt8] = []
        #expect(cipher.open(sealed, nonce: nonce, associated: associated, into: &opened))
        #expect(opened == plain)
    }

    @Test func anAlteredMessageOpensToNothing() throws {
        let cipher = ChaCha20Poly1305(key: SecureRandom.bytes32())
        let nonce = ChaCha20Poly1305.nonce(7)
        let sealed = cipher.seal([1, 2, 3], nonce: nonce)
        var output: [UInt8] = [5]
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(!cipher.open(altered, nonce: nonce, into: &output))
        }
        for count in 0..<sealed.count {
            let short = Array(sealed.prefix(count))
            #expect(!cipher.open(short, nonce: nonce, into: &output))
        }
        let other = ChaCha20Poly1305.nonce(8)
        #expect(!cipher.open(sealed, nonce: other, into: &output))
        #expect(!cipher.open(sealed, nonce: nonce, associated: [0], into: &output))
        #expect(output == [5])
    }

    @Test func anEmptyMessageIsSealedToo() {
        let cipher = XChaCha20Poly1305(key: SecureRandom.bytes32())
        let nonce = XChaCha20Poly1305.randomNonce()
        let sealed = cipher.seal([], nonce: nonce)
        #expect(sealed.count == XChaCha20Poly1305.tagCount)
        var opened: [UInt8] = []
        #expect(cipher.open(sealed, nonce: nonce, into: &opened))
        #expect(opened.isEmpty)
    }
}
