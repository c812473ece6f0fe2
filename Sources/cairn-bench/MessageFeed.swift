import CBaseline
import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// Published messages on their way through everything that stands between a socket and their acceptance: the sealed
/// connection, its streams, the envelope, the core, the signature.
struct MessageFeed {
    let count: Int
    private let messages: [GossipMessage]
    private static let name = PubSubPeer.Version.gossipsub12.rawValue
    private static let hash: ContentHash = { SHA256.digest($0) }

    init(count: Int) {
        self.count = count
        let key = SecretKey(seed: .random())
        messages = (0..<count).map { number in
            var data = [UInt8](repeating: 7, count: 256)
            (data[0], data[1]) = (UInt8(number & 255), UInt8(number >> 8))
            return GossipMessage(
                .transactions, data, by: NodeID(key.publicKey), sequence: UInt64(number), using: Self.hash
            ) { key.sign($0) }
        }
    }

    func verify() {
        for message in messages {
            baseline_keep(Ed25519.isValid(message.signature, of: message.signedBytes, by: message.author.key) ? 1 : 0)
        }
    }

    /// Both ends of the connection run here: what is sealed by one is opened by the other.
    func run() {
        let (ours, theirs) = (MemoryWire.freshIdentity(), MemoryWire.freshIdentity())
        let spoken = [StreamProtocol(Self.name, .block)]
        var dialer = Connection(.dialer, as: ours, ephemeral: .generate(), speaking: spoken, at: .origin)
        var listener = Connection(.listener, as: theirs, ephemeral: .generate(), speaking: spoken, at: .origin)
        var events: [Connection.Event] = []
        Self.settle(&dialer, &listener, &events)
        events = []
        var core = PubSub(as: theirs.node, random: SeededRandom(seed: 1), at: .origin)
        var effects: [PubSubEffect] = []
        core.handle(.subscribe(.transactions, TopicSettings()), at: .origin, into: &effects)
        core.handle(.joined(ours.node, PubSubPeer(.gossipsub12, isOutbound: false)), at: .origin, into: &effects)
        guard let stream = dialer.open([Self.name], .block) else { return }
        var frames = FrameReader(.uvarint, limit: 1 << 20)
        for message in messages {
            var envelope = GossipEnvelope()
            envelope.messages = [message]
            var writer = ByteWriter(capacity: 512)
            writer.frame(.uvarint, envelope.encoded)
            _ = dialer.write(stream, writer.bytes)
            Self.settle(&dialer, &listener, &events)
            for case .received(let id, let bytes) in events {
                var more: [Connection.Event] = []
                listener.consume(id, bytes.count, into: &more)
                take(bytes, &frames, &core, from: ours.node)
            }
            events.removeAll(keepingCapacity: true)
        }
        invariant(core.counters.accepted == UInt64(count), "\(core.counters.accepted) of \(count) were accepted")
    }

    private func take(_ bytes: [UInt8], _ frames: inout FrameReader, _ core: inout PubSub, from node: NodeID) {
        var effects: [PubSubEffect] = []
        var reader = ByteReader(bytes.span.bytes)
        while let frame = try? frames.next(from: &reader),
            let envelope = try? GossipEnvelope(frame.span.bytes, limits: Limits.Gossip(), using: Self.hash)
        {
            core.handle(.received(envelope, from: node), at: .origin, into: &effects)
        }
        for case .judge(let message, _) in effects {
            let isGood = Ed25519.isValid(message.signature, of: message.signedBytes, by: message.author.key)
            var more: [PubSubEffect] = []
            core.handle(.judged(message.id, isGood ? .accept : .forged), at: .origin, into: &more)
        }
    }

    private static func settle(
        _ dialer: inout Connection, _ listener: inout Connection, _ heard: inout [Connection.Event]
    ) {
        var ignored: [Connection.Event] = []
        while dialer.hasOutput || listener.hasOutput {
            var wire: [UInt8] = []
            dialer.produce(64 << 10, into: &wire, events: &ignored)
            listener.receive(wire.span.bytes, at: .origin, into: &heard)
            wire = []
            listener.produce(64 << 10, into: &wire, events: &heard)
            dialer.receive(wire.span.bytes, at: .origin, into: &ignored)
        }
    }
}
