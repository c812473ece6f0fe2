import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// Envelopes of pub/sub: what is read means the same when it is written again and keeps the limits; and a core that
    /// hears a run of them from a few peers stays within its limits and says a bounded amount.
    static let gossipsub = FuzzTarget("gossipsub", mutations: 2_000) { bytes in
        try reread(bytes)
        try converse(bytes)
    }

    private static let hash: ContentHash = { SHA256.digest($0) }
    private static let limits = Limits.Gossip()

    private static func read(_ bytes: [UInt8]) -> GossipEnvelope? {
        try? GossipEnvelope(bytes.span.bytes, limits: limits, using: hash)
    }

    private static func reread(_ bytes: [UInt8]) throws {
        guard let envelope = read(bytes) else { return }
        let written = envelope.encoded
        try require(written.count <= envelope.byteCount, "an envelope is longer than it says")
        guard let again = read(written) else { throw FuzzFinding("an envelope we wrote cannot be read") }
        try require(again.encoded == written, "an envelope has two encodings")
        try require(again.messages == envelope.messages, "a message changed on its way")
        let ids = envelope.announced.reduce(0) { $0 + $1.ids.count }
        try require(ids <= limits.announcedPerMessage, "\(ids) announced ids")
        try require(envelope.grafts.count <= limits.topicsPerPeer, "\(envelope.grafts.count) grafts")
    }

    /// Each step: a byte of time, a byte that chooses the peer and what comes of messages, a u16 length, an envelope.
    private static func converse(_ bytes: [UInt8]) throws {
        var core = PubSub(as: node(0), random: SeededRandom(seed: 1), at: .origin)
        var now = Instant.origin
        var effects: [PubSubEffect] = []
        core.handle(.subscribe(.transactions, TopicSettings()), at: now, into: &effects)
        core.handle(.start, at: now, into: &effects)
        for index in 1...4 {
            let version = PubSubPeer.Version.allCases[index % 3]
            core.handle(.joined(node(index), PubSubPeer(version, isOutbound: index < 3)), at: now, into: &effects)
        }
        var reader = ByteReader(bytes.span.bytes)
        while let pause = try? reader.u8(), let choice = try? reader.u8(), let count = try? reader.u16(),
            let body = try? reader.raw(Int(count))
        {
            now = now + .milliseconds(UInt64(pause) * 16)
            effects.removeAll(keepingCapacity: true)
            core.handle(.timer, at: now, into: &effects)
            let peer = node(1 + Int(choice & 3))
            if let envelope = read(body) {
                core.handle(.received(envelope, from: peer), at: now, into: &effects)
            } else {
                core.handle(.unreadable(from: peer), at: now, into: &effects)
            }
            let wanted = effects
            for case .judge(let message, _) in wanted {
                let judgements: [MessageJudgement] = [.accept, .ignore, .reject, .forged]
                core.handle(.judged(message.id, judgements[Int(choice >> 2 & 3)]), at: now, into: &effects)
            }
            try require(effects.count < 2_000, "\(effects.count) effects of one envelope")
            try require(core.mesh(of: .transactions).count <= 12, "the mesh is too large")
            try require(core.heldCount < 100_000, "\(core.heldCount) things held")
        }
    }

    private static func node(_ index: Int) -> NodeID {
        NodeID(Bytes32([UInt8](repeating: UInt8(index), count: 32)) ?? .zero)
    }
}
