import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

/// Greeting cores on a network of a few lines: seeded latency and loss, virtual time, no signatures.
struct GreetingNetwork {
    private enum Event {
        case hello(Hello.Content, from: Endpoint, to: Endpoint)
        case timer(Endpoint, at: Instant)
    }

    static let chain = ChainID(Bytes32([UInt8](repeating: 9, count: 32)) ?? .zero)

    var nodes: [Endpoint: Greeting<Blake2b>] = [:]
    /// Addresses nothing reaches or leaves.
    var cut: Set<Endpoint> = []
    var lossPPM: UInt64 = 0
    private(set) var now = Instant.origin
    private(set) var changes: [String] = []
    private(set) var delivered = 0
    private var random: SeededRandom
    private var queue: [(at: Instant, order: Int, event: Event)] = []
    private var order = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    static func endpoint(_ number: Int) -> Endpoint {
        Endpoint(IPAddress(v4: 0x7f00_0001 + UInt32(number) << 16), port: 7_470)
    }

    static func node(_ number: Int) -> NodeID {
        NodeID(Bytes32([UInt8](repeating: UInt8(number + 1), count: 32)) ?? .zero)
    }

    /// Starts a node, or starts it anew.
    mutating func start(_ number: Int, peers: [Int], _ change: (inout GreetingSettings) -> Void = { _ in }) {
        var settings = GreetingSettings()
        change(&settings)
        let endpoint = Self.endpoint(number)
        nodes[endpoint] = Greeting(
            node: Self.node(number), chain: Self.chain,
            secret: Bytes32([UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: 32)) ?? .zero,
            random: random.fork("node", random.next()), hash: Blake2b(), settings: settings)
        give(.start(peers: peers.map(Self.endpoint)), to: endpoint)
    }

    mutating func give(_ input: GreetingInput, to endpoint: Endpoint) {
        var effects: [GreetingEffect] = []
        nodes[endpoint]?.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let content, let target):
                if cut.contains(endpoint) || cut.contains(target) || random.chance(ppm: lossPPM) { continue }
                add(.hello(content, from: endpoint, to: target), at: now + .milliseconds(5 + random.below(60)))
            case .setTimer(let instant): add(.timer(endpoint, at: instant), at: instant)
            case .stateChanged(let peer, _, let state): changes.append("\(endpoint) \(peer) \(state)")
            }
        }
    }

    mutating func run(for span: TimeSpan) {
        let end = now + span
        while let index = queue.indices.min(by: { (queue[$0].at, queue[$0].order) < (queue[$1].at, queue[$1].order) }),
            queue[index].at <= end
        {
            let (at, _, event) = queue.remove(at: index)
            now = at
            switch event {
            case .timer(let endpoint, _): give(.timer, to: endpoint)
            case .hello(let content, let from, let to):
                delivered += 1
                give(.received(Self.signed(content), from: from), to: to)
            }
        }
        now = end
    }

    static func signed(_ content: Hello.Content) -> Verified<Hello> {
        let signature = Signature(r: content.sender.raw, s: .zero)
        return Verified(vouchedFor: Hello(content, signature: signature), signer: content.sender.key)
    }

    var pendingTimers: Int { queue.count { if case .timer = $0.event { true } else { false } } }

    func states(of number: Int) -> [Peer.State] {
        nodes[Self.endpoint(number)]?.peers.map(\.state) ?? []
    }

    private mutating func add(_ event: Event, at instant: Instant) {
        order += 1
        queue.append((instant, order, event))
    }
}
