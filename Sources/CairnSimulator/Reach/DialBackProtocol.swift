public import CairnBase
import CairnGossip
import CairnWire

/// Dial-backs under test: nodes that can be dialled and nodes that cannot, and up to a third that lie about it, on a network
/// that does its worst.
public struct DialBackProtocol: SimulatedProtocol {
    public static let name = "dialback"
    public static let profile = SwarmProfile(
        servers: 8...14, safety: .seconds(90), livenessBound: .seconds(3_000),
        withstands: [.network, .partitions, .kills, .pauses], latencyLimit: .milliseconds(200))

    /// One word is enough; whoever is named is dialled.
    public static let plantedBugs = DialBackBug.allCases.map(\.rawValue)

    let world: DialBackWorld
    private let bug: DialBackBug?

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        var draw = random.fork("liars")
        var liars: OrderedMap<Int, DialBackLie> = [:]
        let count = Int(draw.below(UInt64((cluster.servers - 1) / 3 + 1)))
        while liars.count < count {
            let kinds = DialBackLie.allCases
            liars[Int(draw.below(UInt64(cluster.servers)))] = kinds[Int(draw.below(UInt64(kinds.count)))]
        }
        bug = plantedBug.flatMap(DialBackBug.init)
        // A bug needs somebody who uses it.
        switch bug {
        case .oneWord: liars = [0: .boaster]
        case .anybody: liars = [0: .sender]
        case nil: break
        }
        world = DialBackWorld(cluster: cluster, random: random, liars: liars)
    }

    public func boot(_ setup: ProcessSetup) -> DialBackProcess { DialBackProcess(world: world, setup: setup, bug: bug) }

    public func makeJudge() -> DialBackJudge { DialBackJudge(world: world) }

    /// Enough honest ones that two of them are found by six questions, again and again.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        let honest = candidates.filter { world.liars[$0.index] == nil }
        guard honest.count >= 4 else { return nil }
        return random.flip() ? candidates : honest
    }
}

enum DialBackBug: String, CaseIterable, Sendable {
    case oneWord = "one-word"
    case anybody
}

/// What a liar does with a question.
enum DialBackLie: CaseIterable, Sendable {
    /// Says that it reached whoever asks, or that it did not, and dials nobody.
    case boaster
    case denier
    case mute
    /// Speaks of another address, in another's name, or of an earlier round.
    case displacer
    case impostor
    case repeater
    /// Asks others to dial somebody else.
    case sender
}

/// What all processes share: keys, addresses, who can be dialled and who lies.
struct DialBackWorld: Sendable {
    let cluster: Cluster
    let chain: ChainID
    let scheme: KeyedHashScheme
    let nodes: [NodeID]
    let isOpen: [Bool]
    let liars: OrderedMap<Int, DialBackLie>

    init(cluster: Cluster, random: SeededRandom, liars: OrderedMap<Int, DialBackLie>) {
        self.cluster = cluster
        self.liars = liars
        var world = random.fork("world")
        scheme = KeyedHashScheme(seed: world.draw(.max))
        chain = ChainID(scheme.signingKey(-1).publicKey.raw)
        let scheme = self.scheme
        nodes = (0..<cluster.servers).map { NodeID(scheme.signingKey($0).publicKey) }
        isOpen = (0..<cluster.servers).map { _ in world.below(2) == 0 }
    }

    func endpoint(_ index: Int) -> Endpoint { .simulated(index) }

    func process(at endpoint: Endpoint) -> ProcessID? {
        endpoint.simulatedIndex.flatMap { $0 < cluster.servers ? ProcessID($0) : nil }
    }

    func place(of node: NodeID) -> Int? { nodes.firstIndex(of: node) }

    func signed(_ content: DialBackResult.Content, by index: Int) -> DialBackResult {
        DialBackResult(
            content,
            signature: scheme.signingKey(index).sign(content.encoded, tag: DialBackResult.domainTag, chain: chain))
    }
}

/// What travels between them.
public struct DialBackTraffic: SimulatedMessage, CustomStringConvertible {
    enum Body: Sendable {
        case question(DialBackQuestion)
        case answer(DialBackResult)
        case refusal
        /// A connection begun, and the key proven at its other end.
        case probe(UInt64)
        case here(UInt64)
    }

    let body: Body

    public var byteCount: Int {
        switch body {
        case .question: DialBackQuestion.byteCount + 60
        case .answer: DialBackResult.longest + 60
        case .refusal: 62
        case .probe, .here: 300
        }
    }

    public func absorb(into trace: inout TraceHash) {
        switch body {
        case .question(let question): for byte in question.encoded.prefix(52) { trace.absorb(UInt64(byte)) }
        case .answer(let result): for byte in result.encoded { trace.absorb(UInt64(byte)) }
        case .refusal: trace.absorb(3)
        case .probe(let number): trace.absorb(4 ^ number << 3)
        case .here(let number): trace.absorb(5 ^ number << 3)
        }
    }

    public var description: String { "\(body)" }
}
