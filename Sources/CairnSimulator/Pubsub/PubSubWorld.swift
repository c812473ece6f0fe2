import CairnBase
import CairnGossip
import CairnWire

/// What all nodes of a simulated pub/sub network share: keys, who is connected with whom, who lies, and what a published
/// message must look like.
struct PubSubWorld: Sendable {
    static let topic = Topic("/cairn/test/1")

    let cluster: Cluster
    let scheme: KeyedHashScheme
    let nodes: [NodeID]
    // ORDER: looked up by node only.
    let places: [NodeID: ProcessID]
    let liars: OrderedMap<Int, PubSubLie.Kind>
    /// Whom each process dials.
    let dialled: [[ProcessID]]

    private static let links = 6

    init(cluster: Cluster, random: SeededRandom, liars: OrderedMap<Int, PubSubLie.Kind>) {
        self.cluster = cluster
        self.liars = liars
        var world = random.fork("world")
        scheme = KeyedHashScheme(seed: world.next())
        let scheme = self.scheme
        nodes = (0..<cluster.servers).map { NodeID(scheme.signingKey($0).publicKey) }
        var places: [NodeID: ProcessID] = [:]
        for (index, node) in nodes.enumerated() { places[node] = ProcessID(index) }
        self.places = places
        dialled = (0..<cluster.servers).map { index in
            var others = (0..<cluster.servers).filter { $0 != index }
            others.shuffle(using: &world)
            // Two that would dial each other have one connection, which the lower dials.
            return others.prefix(Self.links).map { ProcessID($0) }
        }
    }

    func isLiar(_ id: ProcessID) -> Bool { liars.contains(id.index) }

    /// Whether `one` is who dials in this pair.
    func dials(_ one: ProcessID, _ other: ProcessID) -> Bool {
        dialled[one.index].contains(other) && (one < other || !dialled[other.index].contains(one))
    }

    static let hash: ContentHash = { MixHash().digest(DomainTag("cn-sim/gossip"), $0).raw }

    /// A message says who wrote it in its content too, so a liar cannot publish in another's place.
    func message(_ publication: Publication, by index: Int) -> GossipMessage {
        GossipMessage(
            Self.topic, publication.data, by: nodes[index], sequence: publication.number, using: Self.hash
        ) { scheme.signingKey(index).sign($0) }
    }

    /// What an honest node makes of a message; nil when its content breaks the rule.
    func publication(in message: GossipMessage) -> Publication? {
        guard let publication = Publication(message.data), nodes.indices.contains(publication.author),
            nodes[publication.author] == message.author
        else { return nil }
        return publication
    }

    func isSigned(_ message: GossipMessage) -> Bool {
        scheme.isValid(message.signature, of: message.signedBytes, by: message.author.key)
    }
}

/// What is published: who, in which of its lives, the how many-eth, and filling.
struct Publication: Sendable, Hashable, Comparable {
    let author: Int
    let incarnation: UInt32
    let number: UInt64
    let filling: Int

    init(author: Int, incarnation: UInt32, number: UInt64, filling: Int) {
        (self.author, self.incarnation, self.number, self.filling) = (author, incarnation, number, filling)
    }

    init?(_ data: [UInt8]) {
        var reader = ByteReader(data.span.bytes)
        guard let author = try? reader.u32(), let incarnation = try? reader.u32(), let number = try? reader.u64(),
            let filling = try? reader.u32(), Int(filling) == reader.remaining
        else { return nil }
        self.init(author: Int(author), incarnation: incarnation, number: number, filling: Int(filling))
    }

    var data: [UInt8] {
        var writer = ByteWriter(capacity: 20 + filling)
        writer.u32(UInt32(truncatingIfNeeded: author))
        writer.u32(incarnation)
        writer.u64(number)
        writer.u32(UInt32(truncatingIfNeeded: filling))
        writer.raw([UInt8](repeating: 0x5a, count: filling))
        return writer.bytes
    }

    static func < (left: Publication, right: Publication) -> Bool {
        (left.author, left.incarnation, left.number) < (right.author, right.incarnation, right.number)
    }
}
