import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// Hellos: decoding one, and a greeting core that is fed a run of them with whatever else the bytes say.
    static let gossip = FuzzTarget("gossip") { bytes in
        try requireCanonical(Hello.self, bytes)
        try converse(bytes)
    }

    private static let node = NodeID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)
    private static let peer = Endpoint(.loopback, port: 1)

    /// Each step is a byte that chooses, then a hello's content. Only what decodes reaches the core, as in the shell.
    private static func converse(_ bytes: [UInt8]) throws {
        var settings = GreetingSettings()
        (settings.peers, settings.strangers) = (3, 3)
        var core = Greeting(
            node: node, chain: ChainID(.zero), secret: .zero, random: SeededRandom(seed: 1), hash: Blake2b(),
            settings: settings)
        var effects: [GreetingEffect] = []
        var now = Instant.origin
        core.handle(.start(peers: [peer]), at: now, into: &effects)
        var reader = ByteReader(bytes.span.bytes)
        while let choice = try? reader.u8() {
            now = now + .milliseconds(UInt64(choice) * 8)
            effects.removeAll(keepingCapacity: true)
            if choice & 1 == 0 {
                core.handle(.timer, at: now, into: &effects)
            } else {
                guard let content = try? Hello.Content(from: &reader) else { return }
                let hello = Hello(content, signature: Signature(r: .zero, s: .zero))
                let source = Endpoint(.loopback, port: UInt16(choice >> 4))
                let verified = Verified(vouchedFor: hello, signer: content.sender.key)
                core.handle(.received(verified, from: source), at: now, into: &effects)
                let replies = effects.filter { if case .send = $0 { true } else { false } }
                try require(replies.count <= 1, "one hello caused \(replies.count) datagrams")
            }
            try require(core.peers.count <= 3, "the table of peers grew past its limit")
        }
    }
}
