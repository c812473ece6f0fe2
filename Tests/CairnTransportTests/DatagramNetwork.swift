import CairnBase
import CairnCrypto
import CairnWire

@testable import CairnTransport

/// Planes that talk to one another over a network that a test can make as bad as it likes.
struct DatagramNetwork {
    struct Node {
        let id: NodeID
        var endpoint: Endpoint
        var plane: DatagramPlane
        var received: [DatagramMessage] = []
        var introduced: [NodeRecord] = []
        var opened = 0
        var unreachable = 0
    }

    struct Flying {
        let bytes: [UInt8]
        let from: Endpoint
        let to: Endpoint
    }

    static let chain = ChainID(Bytes32([UInt8](33...64)) ?? .zero)

    var now = Instant.origin
    var nodes: [Node] = []
    var flying: [Flying] = []
    /// Everything that was ever sent.
    var history: [Flying] = []

    static func endpoint(_ index: Int) -> Endpoint {
        Endpoint(IPAddress(v4: 0x0a00_0001 | UInt32(index) << 16), port: 7470)
    }

    static func record(
        _ index: Int, chain: ChainID = chain, key: Bytes32? = nil
    ) -> (record: NodeRecord, key: SharedAgreementKey) {
        let identity = SecretKey(seed: Seed(known: bytes(index, 1)))
        let local = SharedAgreementKey(AgreementKey(seed: Seed(known: bytes(index, 2))))
        let content = NodeRecord.Content(
            chain: chain, node: NodeID(identity.publicKey), datagramKey: key ?? local.publicKey, sequence: 1,
            addresses: [endpoint(index)])
        let signature = identity.sign(content.encoded, tag: NodeRecord.domainTag, chain: chain)
        return (NodeRecord(content, signature: signature), local)
    }

    static func bytes(_ index: Int, _ use: UInt8) -> Bytes32 {
        Bytes32([UInt8](repeating: UInt8(truncatingIfNeeded: index + 1), count: 31) + [use]) ?? .zero
    }

    mutating func add(
        chain: ChainID = chain, record: NodeRecord? = nil, limits: Limits.Datagrams = Limits.Datagrams()
    ) {
        let index = nodes.count
        let (own, key) = Self.record(index, chain: chain)
        nodes.append(
            Node(
                id: own.node, endpoint: Self.endpoint(index),
                plane: DatagramPlane(
                    record: record ?? own, key: key, chain: chain, secret: Self.bytes(index, 3),
                    unixMilliseconds: 1_700_000_000_000, limits: limits, at: now)))
    }

    /// The plane of a node that was started anew, a minute later by its calendar.
    static func fresh(_ index: Int, at now: Instant) -> DatagramPlane {
        let (record, key) = record(index)
        return DatagramPlane(
            record: record, key: key, chain: chain, secret: bytes(index, 4), unixMilliseconds: 1_700_000_060_000,
            at: now)
    }

    init(count: Int) {
        for _ in 0..<count { add() }
    }

    /// Tells a node of another one, as a checked record would.
    mutating func introduce(_ other: Int, to node: Int) {
        let (record, _) = Self.record(other)
        input(.contact(record.node, key: record.content.datagramKey, at: nodes[other].endpoint), to: node)
    }

    /// A message, and the end of the turn.
    mutating func say(_ message: DatagramMessage, from: Int, to: Int) {
        input(.send(message, to: nodes[to].id), to: from)
        input(.flush, to: from)
    }

    @discardableResult
    mutating func input(_ input: DatagramInput, to index: Int) -> [DatagramEffect] {
        var effects: [DatagramEffect] = []
        nodes[index].plane.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint):
                let datagram = Flying(bytes: bytes, from: nodes[index].endpoint, to: endpoint)
                flying.append(datagram)
                history.append(datagram)
            case .received(let message, _, _): nodes[index].received.append(message)
            case .introduced(let record, _): nodes[index].introduced.append(record.value)
            case .opened: nodes[index].opened += 1
            case .unreachable: nodes[index].unreachable += 1
            case .setTimer: break
            }
        }
        return effects
    }

    mutating func deliver(_ datagram: Flying) {
        guard let index = nodes.firstIndex(where: { $0.endpoint == datagram.to }) else { return }
        input(.received(datagram.bytes, from: datagram.from), to: index)
        input(.flush, to: index)
    }

    /// Delivers until nothing flies any more.
    mutating func settle() {
        while !flying.isEmpty { deliver(flying.removeFirst()) }
    }

    mutating func pass(_ span: TimeSpan) {
        now = now + span
        for index in nodes.indices {
            input(.timer, to: index)
            input(.flush, to: index)
        }
    }
}
