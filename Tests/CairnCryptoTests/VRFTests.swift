import CairnBase
import CairnCrypto
import CairnWire
import Glibc
import Testing

@Suite struct VRFTests {
    static let seed0 = [UInt8](0..<32)

    private func proof(_ bytes: [UInt8]) throws -> VRFProof {
        try VRFProof.decode(bytes, limit: VRFProof.count)
    }

    private func key(_ model: VRFModel) throws -> VRFPublicKey {
        try #require(VRFPublicKey(model.key))
    }

    private func random32(_ random: inout SeededRandom) -> [UInt8] {
        (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test func pinnedProof() throws {
        let key = VRFSecretKey(seed: Seed(known: try #require(Bytes32(Self.seed0))))
        let publicKey = key.publicKey
        #expect(publicKey.description == "b82bfefa5fcbe05cf3afed5dd25edb600e87975b019b21520bd0f413eb66d91b")
        #expect(
            hex(VRFModel(seed: Self.seed0).scalar)
                == "643031a31da3592ba7bcfd4c1896f0bf335fdd8b01b94e7784b0c98f63209901")
        let (proof, output) = key.prove(.zero)
        #expect(
            hex(proof.encoded)
                == "4487e5e45c994354de1f358fa85f894b2f307187dd6120db0b51953ca878734f"
                + "8646c0cbedaaebb3f08ee0f1d4b55392"
                + "553a67a5dd120999597165117056669eafc112cafaf0a38ace8685a52581e30e")
        #expect(output.description == "3a560cca9b69031fa50443cab2adc1212799bb55ffc0cfbbf981c69a6a958f49")
        #expect(VRF.output(of: proof, input: .zero, by: publicKey) == output)
    }

    /// The hashes around the VRF: chain id, randomness, resource and challenge ids, a draw.
    @Test func pinnedDerivations() throws {
        let hash = Blake2b()
        func id(_ text: String) throws -> Digest { try #require(Digest(try unhex(text))) }
        func little(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        }
        let chain = hash.digest(DomainTag("cn/chain"), Array("test".utf8)).raw.bytes
        #expect(hex(chain) == "f59abeb9b7e31be08f4082f5dc9dc044d82f634f6fc71898379f041bab4c1896")
        let r0 = hash.digest(DomainTag("cn/R0"), chain).raw.bytes
        #expect(hex(r0) == "6b251ea728a68f751638fe9590019559dd7b9131b68e3a23aa93577afdf76283")
        #expect(
            hash.digest(DomainTag("cn/R"), r0 + Self.seed0).description
                == "bee10518a214554108628fb7d467da3430defaa55663cbfafc5848b868f72233")
        #expect(
            hash.digest(DomainTag("cn/a.rnd"), chain + little(1, 8) + r0).description
                == "ce0c087e93d296923ac59b412b4348d7311ddf51217b714a5a68a5ba48e53c56")
        let resource = hash.digest(
            DomainTag("cn/res"), chain + [UInt8](repeating: 7, count: 32) + little(0, 8))
        #expect(resource == (try id("b2cffc9bf922fa8bdca5a2d6534bc2e39980b354841e272ea594148880977572")))
        let challenge = hash.digest(
            DomainTag("cn/chal"), chain + [1] + little(1, 2) + little(1000, 8) + resource.raw.bytes)
        #expect(challenge == (try id("e0d9be490de0423c884c3ea02e708897f29cb9d0ff3357f950167a0d13f7b6cb")))
        let draw = hash.digest(DomainTag("cn/cov"), r0 + little(1000, 8) + resource.raw.bytes)
        #expect(draw.raw.low64 == 9_561_374_429_947_944_936)
    }

    @Test func everyAlteredByteOfAProofIsRefused() throws {
        let key = VRFSecretKey.generate()
        let input = Digest(SecureRandom.bytes32())
        let bytes = key.prove(input).proof.encoded
        for index in bytes.indices {
            for mask: UInt8 in [0x01, 0x80, 0xff] {
                var altered = bytes
                altered[index] ^= mask
                let output = VRF.output(of: try proof(altered), input: input, by: key.publicKey)
                #expect(output == nil, "byte \(index), mask \(mask)")
            }
        }
        let (good, _) = key.prove(input)
        #expect(VRF.output(of: good, input: Digest(SecureRandom.bytes32()), by: key.publicKey) == nil)
        #expect(VRF.output(of: good, input: input, by: VRFSecretKey.generate().publicKey) == nil)
    }

    /// 500 cases here, 10 000 with CAIRN_LONG=1: honest proofs verify and equal the model's; a prover who picks another
    /// nonce gets the same output, and one who picks another gamma gets none.
    @Test func oneKeyAndInputHaveOneOutput() throws {
        let cases = getenv("CAIRN_LONG") == nil ? 500 : 10_000
        var random = SeededRandom(seed: 0xca1)
        for index in 0..<cases {
            let seed = random32(&random)
            let secretKey = VRFSecretKey(seed: Seed(known: try #require(Bytes32(seed))))
            let model = VRFModel(seed: seed)
            let input = try #require(Digest(random32(&random)))
            let (honest, output) = secretKey.prove(input)
            let publicKey = secretKey.publicKey
            try #require(publicKey == (try key(model)))
            let nonce = VRFModel.nonce(seed: seed, point: model.point(input))
            try #require(honest.encoded == model.proof(input, nonce: nonce), "case \(index)")
            switch index % 4 {
            case 0:
                try #require(VRF.output(of: honest, input: input, by: publicKey) == output, "case \(index)")
            case 1:
                let other = VRFModel.reduced(random32(&random) + random32(&random))
                let proof = try proof(model.proof(input, nonce: other))
                try #require(proof != honest)
                try #require(VRF.output(of: proof, input: input, by: publicKey) == output, "case \(index)")
            case 2:
                let shifted = VRFModel.sum(honest.gamma.bytes, VRFModel.baseMultiple(nonce))
                let proof = try proof(model.proof(input, nonce: nonce, gamma: shifted))
                try #require(VRF.output(of: proof, input: input, by: publicKey) == nil, "case \(index)")
            default:
                let foreign = VRFModel(seed: random32(&random)).proof(input, nonce: nonce)
                try #require(VRF.output(of: try proof(foreign), input: input, by: publicKey) == nil, "case \(index)")
            }
        }
    }

    @Test func aResponseAboveTheGroupOrderIsRefused() throws {
        let secretKey = VRFSecretKey.generate()
        let good = secretKey.prove(.zero).proof.encoded
        var response = Array(good[48...])
        for multiple in 1...7 {
            response = adding(response, groupOrder)
            let altered = try proof(Array(good[..<48]) + response)
            #expect(VRF.output(of: altered, input: .zero, by: secretKey.publicKey) == nil, "s + \(multiple) q")
        }
    }

    @Test func theIdentityAndZeroScalarsAreRefused() throws {
        // Under the key zero, any s with c = H(Y, P, 0, sB, sP) would verify.
        let zero = [UInt8](repeating: 0, count: 32)
        let nonce = VRFModel.reduced(VRFModel.hash512("cn/test", [1]))
        let model = VRFModel(seed: Self.seed0)
        let point = model.point(.zero)
        let transcript = zero + point + zero + VRFModel.baseMultiple(nonce) + VRFModel.multiple(nonce, point)
        let challenge = Array(VRFModel.hash512("cn/vrf.c", transcript).prefix(16))
        let forged = try proof(zero + challenge + nonce)
        #expect(VRF.output(of: forged, input: .zero, by: VRFPublicKey(.zero)) == nil)
        #expect(VRF.output(of: forged, input: .zero, by: try key(model)) == nil)

        let good = model.proof(.zero, nonce: nonce)
        let publicKey = try key(model)
        #expect(VRF.output(of: try proof(good), input: .zero, by: publicKey) != nil)
        let noChallenge = Array(good[..<32]) + [UInt8](repeating: 0, count: 16) + Array(good[48...])
        #expect(VRF.output(of: try proof(noChallenge), input: .zero, by: publicKey) == nil)
        let noResponse = Array(good[..<48]) + zero
        #expect(VRF.output(of: try proof(noResponse), input: .zero, by: publicKey) == nil)
        // The order itself is zero in another form.
        #expect(VRF.output(of: try proof(Array(good[..<48]) + groupOrder), input: .zero, by: publicKey) == nil)
    }

    /// RFC 9496, appendix A.3: encodings that are no points.
    @Test func bytesThatAreNoPointAreRefused() throws {
        let model = VRFModel(seed: Self.seed0)
        let nonce = VRFModel.reduced(VRFModel.hash512("cn/test", [2]))
        let good = model.proof(.zero, nonce: nonce)
        let invalid = [
            "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ]
        for text in invalid {
            let bytes = try unhex(text)
            let altered = try proof(bytes + Array(good[32...]))
            #expect(VRF.output(of: altered, input: .zero, by: try key(model)) == nil, "\(text)")
            let asKey = try #require(VRFPublicKey(bytes))
            #expect(VRF.output(of: try proof(good), input: .zero, by: asKey) == nil, "\(text)")
        }
    }
}
