import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

/// Handshakes with known keys, byte for byte as other implementations make them.
///
/// The vectors are the entries `Noise_XX_25519_ChaChaPoly_SHA256` and `Noise_IK_25519_ChaChaPoly_SHA256` of the public
/// collection of the cacophony project, as the snow project carries it in `tests/vectors/cacophony.txt`. Its column
/// `handshake_hash` was taken one message too early: it is the hash before the last handshake message, for these two and
/// for every pattern of several messages (in the entry for NN it equals the hash over the first message alone, which
/// SHA-256 of the public bytes shows). The hash after the last message is what other implementations export as the
/// channel's binding, `noiseprotocol` 0.3.1 among them. Both are pinned.
struct NoiseVector: Sendable {
    let pattern: NoisePattern
    /// The column of the collection: what both ends have before the last handshake message.
    let publishedHash: String
    let handshakeHash: String
    /// Every message sealed, the initiator's first; its payload is the one of the same number in `payloads`.
    let messages: [String]

    static let prologue = "4a6f686e2047616c74"
    static let initiatorStatic = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"
    static let initiatorEphemeral = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"
    static let responderStatic = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"
    static let responderStaticPublic = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62"
    static let responderEphemeral = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"

    static let payloads = [
        "4c756477696720766f6e204d69736573", "4d757272617920526f746862617264", "462e20412e20486179656b",
        "4361726c204d656e676572", "4a65616e2d426170746973746520536179",
        "457567656e2042f6686d20766f6e2042617765726b",
    ]

    static let xx = NoiseVector(
        pattern: .xx, publishedHash: "e37b138ecd936a2b3c3532fb2cc499bdee2746dbfc19e9490964c79fd14bd88b",
        handshakeHash: "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e",
        messages: [
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285"
                + "e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f"
                + "8814c7194e83f23dbd8d162c9326ad",
            "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f"
                + "58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030",
            "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df",
            "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5",
            "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f",
        ])

    static let ik = NoiseVector(
        pattern: .ik, publishedHash: "49fb1c059808ceb4f40d9f0ffc65d71b6cc3b6e2d02d5db7f698137e0b068799",
        handshakeHash: "0b0f68fb0c27e03ce9b97565995ed4838cc0581b762ef72b062f6a546419fad7",
        messages: [
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944718da798efbcd91528520204f904b9bd"
                + "6c7413dccdc214d951e15253e39987f18146e8cd0873654207148333479d4d16c289f0294b29960a72f48e0b7bba2e89"
                + "083169825e59642148d492020664ccf7",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088435361e70b2ed446e6c9ec387d1d6b3b84"
                + "0f194e373979d241b203c4acafccf5",
            "050e9f3c8fac16b68dbce8f8c4bfbf6617c897f9ada4aa29aa19c8",
            "344233a6cabb7141d80f3da2fedc311d9646bbb0f505afe403a667",
            "62cdeeb172ad7ade7aa7d9e069da5790f12331bfa00177787a1d0810c67dc3b2b4",
            "029bead1b40992327044d409d9a1f3ad8f36c3c452775d557e18bbeb2e8dfcead32d514024",
        ])

    static let all = [xx, ik]
}

@Suite struct NoiseVectorTests {
    private func key(_ text: String) throws -> SharedAgreementKey {
        let raw = try #require(bytes(hex: text).flatMap { Bytes32($0) })
        return SharedAgreementKey(AgreementKey(seed: Seed(known: raw)))
    }

    @Test(arguments: NoiseVector.all.indices)
    func everyMessageIsTheOneOtherImplementationsSend(index: Int) throws {
        let vector = NoiseVector.all[index]
        let prologue = try #require(bytes(hex: NoiseVector.prologue))
        let responderStatic = try key(NoiseVector.responderStatic)
        #expect(hex(responderStatic.publicKey.bytes) == NoiseVector.responderStaticPublic)
        var initiator = NoiseHandshake(
            vector.pattern, .initiator, local: try key(NoiseVector.initiatorStatic),
            ephemeral: try key(NoiseVector.initiatorEphemeral),
            knownStatic: vector.pattern == .ik ? responderStatic.publicKey : nil, prologue: prologue)
        var responder = NoiseHandshake(
            vector.pattern, .responder, local: responderStatic, ephemeral: try key(NoiseVector.responderEphemeral),
            prologue: prologue)
        var next = 0
        while !initiator.isFinished {
            let payload = try #require(bytes(hex: NoiseVector.payloads[next]))
            if next == vector.pattern.messages.count - 1 {
                #expect(hex(initiator.handshakeHash) == vector.publishedHash)
                #expect(hex(responder.handshakeHash) == vector.publishedHash)
            }
            var message: [UInt8] = []
            let read: [UInt8]
            if initiator.isOurTurn {
                try initiator.write(payload, into: &message)
                read = try responder.read(message.span.bytes)
            } else {
                try responder.write(payload, into: &message)
                read = try initiator.read(message.span.bytes)
            }
            #expect(hex(message) == vector.messages[next], "handshake message \(next)")
            #expect(read == payload)
            next += 1
        }
        var ends = [try #require(initiator.finish()), try #require(responder.finish())]
        #expect(ends.map { hex($0.handshakeHash) } == [vector.handshakeHash, vector.handshakeHash])
        // Transport messages go on in turns: the initiator speaks those with an even number.
        for number in next..<vector.messages.count {
            let sender = number % 2
            let payload = try #require(bytes(hex: NoiseVector.payloads[number]))
            var message: [UInt8] = []
            try ends[sender].seal(payload.span.bytes, into: &message)
            #expect(hex(message) == vector.messages[number], "transport message \(number)")
            var read: [UInt8] = []
            try ends[1 - sender].open(message.span.bytes, into: &read)
            #expect(read == payload)
        }
    }

    private static let plain: [UInt8] = [1, 2, 3]

    private func sealed(by cipher: inout NoiseCipher) throws(NoiseFault) -> [UInt8] {
        var output: [UInt8] = []
        try cipher.seal(Self.plain.span.bytes, associated: [UInt8]().span.bytes, into: &output)
        return output
    }

    private func opened(_ message: [UInt8], by cipher: inout NoiseCipher) -> Result<[UInt8], NoiseFault> {
        var output: [UInt8] = []
        do throws(NoiseFault) {
            try cipher.open(message.span.bytes, associated: [UInt8]().span.bytes, into: &output)
            return .success(output)
        } catch {
            return .failure(error)
        }
    }

    @Test func aReplayedMessageAndOneOutOfOrderAreRefused() throws {
        var sender = NoiseCipher(key: .zero)
        var receiver = NoiseCipher(key: .zero)
        let first = try sealed(by: &sender)
        let second = try sealed(by: &sender)
        let early = opened(second, by: &receiver)
        let inTurn = opened(first, by: &receiver)
        let again = opened(first, by: &receiver)
        #expect(early == .failure(.notAuthentic) && again == .failure(.notAuthentic))
        #expect(inTurn == .success(Self.plain))
    }

    @Test func aKeyIsGivenUpAtItsLastMessage() throws {
        var cipher = NoiseCipher(key: .zero, count: NoiseCipher.countLimit - 1)
        let last = try sealed(by: &cipher)
        let beyond = opened(last, by: &cipher)
        #expect(beyond == .failure(.exhausted))
    }
}
