import CairnBase
import CairnCrypto
import Testing

@Suite struct AgreementTests {
    private func point(_ text: String) throws -> Bytes32 {
        try #require(Bytes32(try unhex(text)))
    }

    /// RFC 7748, sections 5.2 and 6.1.
    @Test func publishedVectorsOfRFC7748() throws {
        let single = AgreementKey(seed: try seed("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
        let u = try point("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        #expect(
            single.sharedSecret(with: u)?.description
                == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")

        let alice = AgreementKey(seed: try seed("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
        let bob = AgreementKey(seed: try seed("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
        let (a, b) = (alice.publicKey, bob.publicKey)
        #expect(a.description == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        #expect(b.description == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        let shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
        #expect(alice.sharedSecret(with: b)?.description == shared)
        #expect(bob.sharedSecret(with: a)?.description == shared)
    }

    @Test func bothSidesAgree() {
        let left = AgreementKey.generate()
        let right = AgreementKey.generate()
        let secret = left.sharedSecret(with: right.publicKey)
        #expect(secret != nil)
        #expect(secret == right.sharedSecret(with: left.publicKey))
    }

    /// The u-coordinates of small order, canonical and not: the secret would be zero, and is refused.
    @Test func pointsOfSmallOrderAreRefused() throws {
        let key = AgreementKey.generate()
        let small = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ]
        for text in small {
            #expect(key.sharedSecret(with: try point(text)) == nil, "\(text)")
        }
    }
}
