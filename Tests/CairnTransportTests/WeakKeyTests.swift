import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnTransport

/// Keys with which every agreement is zero, known to all: a peer that uses one keeps no secret with anybody.
@Suite struct WeakKeyTests {
    /// The points of small order on Curve25519 and the forms in which they are written, from the list of
    /// https://cr.yp.to/ecdh.html#validate.
    static let points = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]

    @Test func aWeakEphemeralKeyIsRefused() throws {
        for point in Self.points {
            var hostile = HostileDialer()
            let answer = hostile.say(HostileDialer.noise + HostileDialer.frame(try #require(bytes(hex: point))))
            #expect(hostile.listener.fault == .noise(.weakKey), "\(point)")
            #expect(answer.isEmpty, "\(point) was answered")
        }
    }

    /// Everything else about the peer is right: its identity vouches for the weak key, and it seals with what comes of it.
    @Test func aWeakStaticKeyIsRefused() throws {
        for point in Self.points {
            var hostile = HostileDialer()
            try shakeHands(&hostile, as: try #require(bytes(hex: point)))
            #expect(hostile.listener.fault == .noise(.weakKey), "\(point)")
        }
    }

    private func shakeHands(_ hostile: inout HostileDialer, as point: [UInt8]) throws {
        let ephemeral = AgreementKey(seed: ConnectionPair.seed(12))
        var transcript = NoiseTranscript(protocolName: NoisePattern.xx.protocolName, prologue: [])
        var first = ephemeral.publicKey.bytes
        transcript.mix(first.span.bytes)
        try transcript.seal([UInt8]().span.bytes, into: &first)

        let answer = Array(hostile.say(HostileDialer.noise + HostileDialer.frame(first)))
        let message = Array(answer.dropFirst(HostileDialer.noise.count + 2))
        let theirs = try #require(Bytes32(Array(message.prefix(32))))
        transcript.mix(theirs.bytes.span.bytes)
        let firstSecret = ephemeral.sharedSecret(with: theirs)
        transcript.mixKey(try #require(firstSecret))
        let theirStatic = try #require(Bytes32(try transcript.open(Array(message[32..<80]).span.bytes)))
        let secondSecret = ephemeral.sharedSecret(with: theirStatic)
        transcript.mixKey(try #require(secondSecret))
        _ = try transcript.open(Array(message[80...]).span.bytes)

        let key = SecretKey(seed: ConnectionPair.seed(10))
        var identity = ProtobufWriter()
        identity.bytes(1, key.publicKey.protobuf)
        identity.bytes(2, key.sign(Array("noise-libp2p-static-key:".utf8) + point).bytes)
        var last: [UInt8] = []
        try transcript.seal(point.span.bytes, into: &last)
        transcript.mixKey(.zero)
        try transcript.seal(identity.bytes.span.bytes, into: &last)
        _ = hostile.say(HostileDialer.frame(last))
    }
}
