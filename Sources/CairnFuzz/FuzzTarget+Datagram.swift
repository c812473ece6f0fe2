import CairnBase
import CairnCrypto
import CairnTransport
import CairnWire

extension FuzzTarget {
    /// A plane with one peer, fed datagrams from a stranger: it must not trap, not answer at greater length, not grow,
    /// and not believe a word.
    ///
    /// The first byte chooses how the bytes are used: as datagrams as they are, each behind a u16 length, or as the body
    /// of one well-formed head, so that the fuzzer reaches behind it at once.
    static let datagram = FuzzTarget("datagram", mutations: 1500) { bytes in
        guard let choice = bytes.first else { return }
        var plane = newPlane()
        var now = Instant.origin
        var effects: [DatagramEffect] = []
        plane.handle(.contact(friend, key: friendKey, at: friendEndpoint), at: now, into: &effects)
        plane.handle(.ask(friendEndpoint), at: now, into: &effects)
        plane.handle(.send(DatagramMessage(.vote, [1]), to: friend), at: now, into: &effects)
        plane.handle(.flush, at: now, into: &effects)
        for datagram in datagrams(Array(bytes.dropFirst()), choice) {
            now = now + .milliseconds(UInt64(choice))
            effects.removeAll(keepingCapacity: true)
            let source = choice & 8 == 0 ? friendEndpoint : Endpoint(IPAddress(v4: 0x0808_0808), port: 8)
            plane.handle(.received(datagram, from: source), at: now, into: &effects)
            try judge(effects, of: datagram)
            plane.handle(.flush, at: now, into: &effects)
            plane.handle(.timer, at: now, into: &effects)
            try require(plane.peerCount <= 1 && plane.sessionCount == 0, "somebody without keys got a session")
        }
    }

    private static func judge(_ effects: [DatagramEffect], of datagram: [UInt8]) throws {
        var answers = 0
        for effect in effects {
            switch effect {
            case .send(let bytes, _):
                answers += 1
                // A cookie makes us say our own initiation again; that was asked for, and happens once.
                let isRetry = bytes.first == 1
                try require(isRetry || bytes.count <= datagram.count, "a reply of \(bytes.count) bytes")
            case .setTimer: break
            default: throw FuzzFinding("an unauthentic datagram caused \(effect)")
            }
        }
        try require(answers <= 1, "\(answers) replies to one datagram")
    }

    private static func datagrams(_ bytes: [UInt8], _ choice: UInt8) -> [[UInt8]] {
        if choice & 7 != 0 {
            let kind = choice & 7
            let fixed = kind == 1 || kind == 5 ? 512 : kind == 3 ? 64 : bytes.count + 1
            let padded = [kind] + bytes.prefix(fixed - 1)
            return [padded + [UInt8](repeating: 0, count: max(0, fixed - padded.count))]
        }
        var reader = ByteReader(bytes.span.bytes)
        var found: [[UInt8]] = []
        while found.count < 32, let count = try? reader.u16(), let datagram = try? reader.raw(Int(count)) {
            found.append(datagram)
        }
        return found
    }

    /// Node records and dial-backs: what is accepted has one form, and records stay within the length that strangers are sent.
    static let record = FuzzTarget("record") { bytes in
        try requireCanonical(DialBackQuestion.self, bytes)
        try requireCanonical(DialBackResult.self, bytes)
        try requireCanonical(NodeRecord.self, bytes)
        guard let record = try? NodeRecord.decode(bytes, limit: NodeRecord.longest) else { return }
        try require(record.content.addresses.count <= NodeRecord.Content.addressLimit, "too many addresses")
        try require(
            Verifier(chain: chain).verify(Claim(record, by: record.node.key)) == nil || bytes == genuine.encoded,
            "a record that nobody signed")
    }

    private static let chain = ChainID(Bytes32([UInt8](33...64)) ?? .zero)
    private static let friendEndpoint = Endpoint(IPAddress(v4: 0x0707_0707), port: 7)
    private static let friend = NodeID(SecretKey(seed: Seed(known: .zero)).publicKey)
    private static let friendKey = AgreementKey(seed: Seed(known: .zero)).publicKey

    /// The record of the fixtures.
    private static let genuine: NodeRecord = {
        let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
        let content = NodeRecord.Content(
            chain: chain, node: NodeID(key.publicKey),
            datagramKey: AgreementKey(seed: Seed(known: Bytes32([UInt8](65...96)) ?? .zero)).publicKey, sequence: 9,
            addresses: [Endpoint(IPAddress(v4: 0x0a00_0001), port: 7_470)])
        return NodeRecord(content, signature: key.sign(content.encoded, tag: NodeRecord.domainTag, chain: chain))
    }()

    private static func newPlane() -> DatagramPlane {
        DatagramPlane(
            record: genuine,
            key: SharedAgreementKey(AgreementKey(seed: Seed(known: Bytes32([UInt8](65...96)) ?? .zero))),
            chain: chain, secret: .zero, unixMilliseconds: 1_700_000_000_000, at: .origin)
    }
}
