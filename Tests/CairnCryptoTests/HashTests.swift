import CairnBase
import CairnCrypto
import Testing

@Suite struct HashTests {
    @Test func publishedVectorsOfFIPS180() {
        let expected: [(String, String)] = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
        for (message, digest) in expected {
            #expect(SHA256.digest(Array(message.utf8)).description == digest)
        }
    }

    @Test func aCopyOfAHashInProgressContinuesOnItsOwn() {
        var hash = SHA256()
        hash.update([1, 2])
        var copy = hash
        copy.update([4])
        hash.update([3])
        #expect(hash.finish() == SHA256.digest([1, 2, 3]))
        #expect(copy.finish() == SHA256.digest([1, 2, 4]))
        #expect(hash.finish() == SHA256.digest([1, 2, 3]))
    }

    /// RFC 4231, cases 1 to 4, 6 and 7.
    @Test func publishedVectorsOfRFC4231() {
        let long = [UInt8](repeating: 0xaa, count: 131)
        let expected: [([UInt8], [UInt8], String)] = [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                [UInt8](1...25), [UInt8](repeating: 0xcd, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                long, Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                long,
                Array(
                    ("This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ]
        for (key, message, code) in expected {
            #expect(HMAC.code(of: message, key: key).description == code)
        }
    }

    /// RFC 5869, appendix A, cases 1 to 3.
    @Test func publishedVectorsOfRFC5869() {
        let expected: [(secret: [UInt8], salt: [UInt8], info: [UInt8], key: String, output: String)] = [
            (
                [UInt8](repeating: 0x0b, count: 22), [UInt8](0...12), [UInt8](0xf0...0xf9),
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
            ),
            (
                [UInt8](0...0x4f), [UInt8](0x60...0xaf), [UInt8](0xb0...0xff),
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                    + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
            (
                [UInt8](repeating: 0x0b, count: 22), [], [],
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
            ),
        ]
        for vector in expected {
            let key = HKDF.extract(salt: vector.salt.span.bytes, secret: vector.secret.span.bytes)
            #expect(key.description == vector.key)
            let count = vector.output.utf8.count / 2
            #expect(hex(HKDF.expand(key, info: vector.info, count: count)) == vector.output)
        }
        #expect(HKDF.expand(.zero, info: [], count: 0).isEmpty)
        #expect(HKDF.expand(.zero, info: [], count: HKDF.maximumCount).count == HKDF.maximumCount)
    }

    @Test func comparisonInConstantTime() {
        func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            equalInConstantTime(left.span.bytes, right.span.bytes)
        }
        #expect(equal([1, 2, 3], [1, 2, 3]))
        #expect(!equal([1, 2, 3], [1, 2, 4]))
        #expect(!equal([1, 2, 3], [1, 2]))
        #expect(!equal([1, 2, 3], []))
        #expect(equal([], []))
    }
}
