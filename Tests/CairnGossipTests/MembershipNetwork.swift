import CairnBase
import CairnCrypto
import CairnWire

@testable import CairnGossip

/// Memberships that talk over a network with a fixed delay and a loss that a test chooses. Contacts always work: sealing
/// is the plane's business.
struct MembershipNetwork {
    enum Event {
        case message(MembershipMessage, from: Int, to: Int)
        case timer(Int)
        case question(Endpoint, from: Int)
    }

    static let chain = ChainID(Bytes32([UInt8](33...64)) ?? .zero)
    static let unix: UInt64 = 1_700_000_000_000

    var now = Instant.origin
    var random: SeededRandom
    var nodes: [Membership] = []
    var endpoints: [Endpoint] = []
    var isDown: Set<Int> = []
    var lossPPM: UInt64 = 0
    var sent: UInt64 = 0
    var sentBytes: UInt64 = 0
    var deaths: [(observer: Int, subject: NodeID, at: Instant)] = []
    private var queue: [UInt64: [Event]] = [:]

    static func record(_ index: Int, sequence: UInt64 = unix, at endpoint: Endpoint? = nil) -> NodeRecord {
        let key = SecretKey(
            seed: Seed(known: Bytes32([UInt8](repeating: UInt8(index & 255), count: 31) + [UInt8(index >> 8)]) ?? .zero)
        )
        let content = NodeRecord.Content(
            chain: chain, node: NodeID(key.publicKey), datagramKey: key.publicKey.raw, sequence: sequence,
            addresses: [endpoint ?? Self.endpoint(index)])
        return NodeRecord(content, signature: Signature(r: .zero, s: .zero))
    }

    /// Each in a district of its own.
    static func endpoint(_ index: Int) -> Endpoint {
        Endpoint(IPAddress(v4: 0x2000_0001 + UInt32(index) << 16), port: 7470)
    }

    static func verified(_ record: NodeRecord) -> Verified<NodeRecord> {
        Verified(vouchedFor: record, signer: record.node.key)
    }

    init(count: Int, seed: UInt64, settings: MembershipSettings = MembershipSettings()) {
        random = SeededRandom(seed: seed)
        for index in 0..<count {
            endpoints.append(Self.endpoint(index))
            nodes.append(
                Membership(
                    own: Self.record(index), chain: Self.chain, unixMilliseconds: Self.unix,
                    random: SeededRandom(seed: seed &* 1_000 &+ UInt64(index)), settings: settings, at: .origin))
        }
        // Everybody is told of the first node and of the one before it.
        for index in 0..<count {
            input(.start(seeds: index == 0 ? [] : [endpoints[0], endpoints[index - 1]]), to: index)
        }
    }

    mutating func input(_ input: MembershipInput, to index: Int) {
        guard !isDown.contains(index) else { return }
        var effects: [MembershipEffect] = []
        nodes[index].handle(input, at: now, into: &effects)
        for effect in effects { carryOut(effect, of: index) }
    }

    private mutating func carryOut(_ effect: MembershipEffect, of index: Int) {
        switch effect {
        case .send(let message, let node):
            guard let to = nodes.firstIndex(where: { $0.node == node }) else { return }
            sent += 1
            sentBytes += UInt64(message.encoded.count)
            guard !random.chance(ppm: lossPPM) else { return }
            later(.milliseconds(10), .message(message, from: index, to: to))
        case .check(let record, let informant):
            // Nobody but the subject can have signed it, so what no node ever said is refused.
            guard let subject = nodes.first(where: { $0.node == record.node }),
                record.content.sequence <= subject.own.content.sequence
            else { return }
            input(.checked(Self.verified(record), from: informant), to: index)
        case .ask(let endpoint): later(.milliseconds(10), .question(endpoint, from: index))
        case .sign(let sequence):
            let place = nodes[index].own.content.addresses[0]
            input(.signed(Self.record(index, sequence: sequence, at: place)), to: index)
        case .changed(let node, _, .dead): deaths.append((index, node, now))
        case .changed, .contact, .forget: break
        case .setTimer(let at): later(at.since(now), .timer(index))
        }
    }

    private mutating func later(_ span: TimeSpan, _ event: Event) {
        queue[(now + span).nanoseconds / 1_000_000 + 1, default: []].append(event)
    }

    /// Lets time pass, in steps of a millisecond.
    mutating func pass(_ span: TimeSpan) {
        let end = (now + span).nanoseconds / 1_000_000
        while now.nanoseconds / 1_000_000 < end {
            now = now + .milliseconds(1)
            guard let events = queue.removeValue(forKey: now.nanoseconds / 1_000_000) else { continue }
            for event in events { handle(event) }
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .timer(let index): input(.timer, to: index)
        case .question(let endpoint, let from):
            guard let index = endpoints.firstIndex(of: endpoint), !isDown.contains(index) else { return }
            input(.introduced(Self.verified(nodes[index].own), at: endpoint), to: from)
        case .message(let message, let from, let to):
            guard !isDown.contains(from), !isDown.contains(to) else { return }
            if nodes[to].members[nodes[from].node] == nil {
                input(.introduced(Self.verified(nodes[from].own), at: endpoints[from]), to: to)
            }
            input(.received(message, from: nodes[from].node, at: endpoints[from]), to: to)
        }
    }

    var up: [Int] { nodes.indices.filter { !isDown.contains($0) } }

    var allAgree: Bool {
        let digests = up.map { nodes[$0].digest }
        return digests.allSatisfy { $0 == digests[0] } && up.allSatisfy { nodes[$0].count(.alive) == up.count - 1 }
    }
}
