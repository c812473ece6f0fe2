import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// Membership messages: each has one form; and a core that hears a run of them from its only member stays within its
    /// limits, answers a bounded amount, and counts nobody as alive whose words it did not hear.
    static let membership = FuzzTarget("membership") { bytes in
        try requireCanonical(MembershipMessage.self, bytes)
        try converse(bytes)
    }

    private static let chain = ChainID(.zero)

    private static func record(_ number: UInt8, sequence: UInt64 = 1) -> NodeRecord {
        let node = NodeID(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero)
        let content = NodeRecord.Content(
            chain: chain, node: node, datagramKey: node.raw, sequence: sequence,
            addresses: [Endpoint(IPAddress(v4: 0x0a00_0000 | UInt32(number)), port: 7_470)])
        return NodeRecord(content, signature: Signature(r: .zero, s: .zero))
    }

    /// Each step is a byte of time, a u16 length and a message. Signatures count as good here.
    private static func converse(_ bytes: [UInt8]) throws {
        var settings = MembershipSettings()
        (settings.limits.fullView, settings.limits.activeView, settings.limits.passiveView) = (8, 2, 6)
        var core = Membership(
            own: record(1), chain: chain, unixMilliseconds: 1_000, random: SeededRandom(seed: 1), settings: settings,
            at: .origin)
        var now = Instant.origin
        var effects: [MembershipEffect] = []
        let friend = record(2)
        let place = friend.content.addresses[0]
        core.handle(.start(seeds: []), at: now, into: &effects)
        core.handle(.introduced(verified(friend), at: place), at: now, into: &effects)
        var reader = ByteReader(bytes.span.bytes)
        while let pause = try? reader.u8(), let count = try? reader.u16(), let body = try? reader.raw(Int(count)) {
            now = now + .milliseconds(UInt64(pause) * 16)
            effects.removeAll(keepingCapacity: true)
            core.handle(.timer, at: now, into: &effects)
            if let message = try? MembershipMessage.decode(body, limit: MembershipMessage.byteLimit) {
                core.handle(.received(message, from: friend.node, at: place), at: now, into: &effects)
            }
            for effect in effects {
                if case .check(let record, let informant) = effect {
                    core.handle(.checked(verified(record), from: informant), at: now, into: &effects)
                }
            }
            try require(core.members.count <= 8, "\(core.members.count) members")
            try require(effects.count < 400, "\(effects.count) effects of one message")
            let loud = core.members.filter { $0.value.isPresent && $0.key != friend.node }
            try require(loud.isEmpty, "somebody unheard counts as present")
        }
    }

    private static func verified(_ record: NodeRecord) -> Verified<NodeRecord> {
        Verified(vouchedFor: record, signer: record.node.key)
    }
}
