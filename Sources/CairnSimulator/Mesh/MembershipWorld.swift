import CairnBase
import CairnGossip
import CairnWire

/// What all processes of a simulated mesh share: keys, addresses, and who lies.
struct MembershipWorld: Sendable {
    let cluster: Cluster
    let chain: ChainID
    let scheme: KeyedHashScheme
    let nodes: [NodeID]
    // ORDER: looked up by node only.
    let places: [NodeID: ProcessID]
    let liars: OrderedMap<Int, MembershipLie.Kind>

    /// Unix time at the start of the simulation, in milliseconds.
    static let unixStart: UInt64 = 1_700_000_000_000

    init(cluster: Cluster, random: SeededRandom, liars: OrderedMap<Int, MembershipLie.Kind>) {
        self.cluster = cluster
        self.liars = liars
        let world = random.fork("world")
        scheme = KeyedHashScheme(seed: world.fork("keys").draw(.max))
        let chain = scheme.signingKey(-1).publicKey
        self.chain = ChainID(chain.raw)
        let scheme = self.scheme
        nodes = (0..<cluster.servers).map { NodeID(scheme.signingKey($0).publicKey) }
        var places: [NodeID: ProcessID] = [:]
        for (index, node) in nodes.enumerated() { places[node] = ProcessID(index) }
        self.places = places
    }

    func isLiar(_ id: ProcessID) -> Bool { liars.contains(id.index) }

    func endpoint(_ index: Int) -> Endpoint { .simulated(index) }

    func process(at endpoint: Endpoint) -> ProcessID? {
        endpoint.simulatedIndex.flatMap { $0 < cluster.servers ? ProcessID($0) : nil }
    }

    /// What process `index` says about itself, under a key that is fresh for its incarnation.
    func record(_ index: Int, incarnation: UInt32, sequence: UInt64) -> NodeRecord {
        let datagramKey = scheme.signingKey(index << 32 | Int(incarnation)).publicKey.raw
        return scheme.signingKey(index).record(
            datagramKey: datagramKey, sequence: sequence, at: endpoint(index), on: chain)
    }

    func verified(_ record: NodeRecord) -> Verified<NodeRecord>? {
        scheme.verify(record, by: record.node.key, on: chain)
    }
}
