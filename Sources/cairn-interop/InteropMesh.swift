import CairnBase
import CairnCrypto
import CairnGossip
import CairnRuntime
import CairnTransport
import CairnWire

/// `cairn-interop mesh COUNT RATE`: five nodes in a ring, published to by somebody else and publishing to them.
///
/// The somebody dials the first node only. When every node has heard its messages, or nothing has come for a while, the
/// third node publishes as many; it is two links away.
final class InteropMesh {
    static let topic = Topic("/cairn/test/1")
    private static let count = 5
    private static let quiet = TimeSpan.seconds(5)

    /// One node of the ring.
    private final class Member: PeerNetworkHandler {
        let network: PeerNetwork
        let pubSub: PubSubShell
        let node: NodeID
        let endpoint: Endpoint
        var heard: Set<MessageID> = []
        private let hello: PeerHello

        init(_ index: Int, on loop: EventLoop, heard: @escaping (Int, GossipMessage) -> Void) throws {
            let seed = Bytes32([UInt8](repeating: UInt8(index + 1), count: 32)) ?? .zero
            let identity = NoiseIdentity(signedBy: SecretKey(seed: Seed(known: seed)), local: .generate())
            var options = LogOutput.Options()
            options.filter = LogFilter(.error)
            network = PeerNetwork(
                on: loop, as: identity, PeerNetwork.Settings(messageLimit: 1 << 16, seed: UInt64(index)),
                log: LogOutput(options).logger("interop"))
            node = identity.node
            hello = PeerHello(
                chain: ChainID(.zero), network: "interop", agent: "cairn-interop", height: .genesis,
                time: Clock.wall().millisecondsSince1970)
            pubSub = PubSubShell(on: loop, as: node, topics: [InteropMesh.topic]) {
                SecretKey(seed: Seed(known: seed)).sign($0)
            }
            network.add(pubSub)
            // Peers count each other by address, so each has one of its own.
            endpoint = try network.listen(at: Endpoint(IPAddress(v4: 0x7f00_0001 | UInt32(index + 1) << 16), port: 0))
            network.handler = self
            pubSub.judge = { message, _, answer in
                guard Ed25519.isValid(message.signature, of: message.signedBytes, by: message.author.key) else {
                    return answer(.forged)
                }
                heard(index, message)
                answer(.accept)
            }
        }

        var peerHello: PeerHello? { hello }
        func peerConnected(_: NodeID, _: PeerHello) {}
        func peerDisconnected(_: NodeID) {}
        func peerSent(_: NodeID, _: [UInt8]) {}
        func peerAsked(_: PeerQuestion) {}
    }

    private let loop: EventLoop
    private let wanted: Int
    private let pause: TimeSpan
    private var members: [Member] = []
    private var lastHeard: Instant
    private var hasHeard = false
    private var left: Int

    init(on loop: EventLoop, count: Int, perSecond: Int) throws {
        self.loop = loop
        wanted = count
        left = count
        pause = TimeSpan(nanoseconds: 1_000_000_000 / UInt64(max(perSecond, 1)))
        lastHeard = loop.now
        for index in 0..<Self.count {
            members.append(try Member(index, on: loop) { [weak self] in self?.note($0, $1) })
        }
        for (index, member) in members.enumerated() {
            let next = members[(index + 1) % Self.count]
            member.network.keep(PeerAddress(next.node, at: next.endpoint))
        }
        watch()
    }

    var address: String {
        "/ip4/\(members[0].endpoint.address)/tcp/\(members[0].endpoint.port)/p2p/\(members[0].node.peerID)"
    }

    private func note(_ index: Int, _ message: GossipMessage) {
        guard !members.contains(where: { $0.node == message.author }) else { return }
        members[index].heard.insert(message.id)
        lastHeard = loop.now
        hasHeard = true
    }

    private func watch() {
        let isComplete = members.allSatisfy { $0.heard.count >= wanted }
        guard isComplete || (hasHeard && loop.now.since(lastHeard) > Self.quiet) else {
            loop.after(.milliseconds(100)) { [weak self] in self?.watch() }
            return
        }
        Interop.say("heard \(members.map { "\($0.heard.count)" }.joined(separator: " "))")
        publish(at: loop.now)
    }

    /// By the clock and not by pauses: a busy machine must not lower the rate.
    private func publish(at due: Instant) {
        guard left > 0 else { return Interop.say("published \(wanted)") }
        var next = due
        while next <= loop.now, left > 0 {
            var writer = ByteWriter(capacity: 256)
            writer.u32(UInt32(truncatingIfNeeded: left))
            writer.raw([UInt8](repeating: 0x43, count: 252))
            members[2].pubSub.publish(Self.topic, writer.bytes)
            left -= 1
            next = next + pause
        }
        loop.at(next) { [weak self] in self?.publish(at: next) }
    }
}
