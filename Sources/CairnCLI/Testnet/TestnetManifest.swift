import CairnBase
import CairnWire

/// Which nodes a local testnet consists of; the file `manifest.toml` in its directory.
///
/// Node *i* lives on a loopback network of its own, 127.(i+1).0.1, so that its packets can be told from those of the
/// others by address alone, as on a real network.
struct TestnetManifest: Sendable, Equatable {
    let name: String
    /// Decides every key.
    let seed: UInt64
    var nodes: [Node]
    /// Whether node *i* has a gateway at the *i*-th place of the testnet's own copy of a town.
    var hasRadios = false
    /// Milliseconds between blocks; 0: as fast as they become final.
    var pace: UInt64 = 1_000

    struct Node: Sendable, Equatable {
        let name: String
        var listen: Endpoint
        var api: Endpoint
        /// How many bytes it keeps for others; nil for none.
        var room: UInt64?
        /// How many bytes it seals; nil for none.
        var sealed: UInt64?

        /// Where its gateway's packet forwarder sends to.
        var radio: Endpoint { Endpoint(api.address, port: api.port + 1) }
    }

    /// Whether some node keeps pieces for others.
    var hasHolders: Bool { nodes.contains { $0.room != nil } }

    static let fileName = "manifest.toml"
    static let nodeLimit: UInt64 = 100
    static let paceMax: UInt64 = 10_000

    /// The addresses that node *i* has unless they are taken.
    static func address(of index: Int) -> IPAddress {
        IPAddress(v4: 127 << 24 | UInt32(clamping: index + 1) << 16 | 1)
    }

    static let firstPort: UInt16 = 7470
    static let portsPerNode: UInt16 = 10
    /// How far on to look when a block of ports is taken: past any other testnet's blocks.
    private static let portStride: UInt16 = 1_000
    private static let portTries: UInt16 = 20

    /// A new testnet on addresses that are free now.
    init(name: String, seed: UInt64, nodes count: Int, isFree: (Endpoint) -> Bool) throws(Failure) {
        var nodes: [Node] = []
        for index in 0..<count {
            guard let node = Self.node(index, isFree: isFree) else {
                let address = Self.address(of: index)
                throw Failure(.addressTaken, "no free port for node n\(index) on \(address)")
            }
            nodes.append(node)
        }
        self.init(name: name, seed: seed, nodes: nodes)
    }

    /// What a plan wants, on addresses that are free now.
    init(name: String, _ plan: TestnetPlan, isFree: (Endpoint) -> Bool) throws(Failure) {
        try self.init(name: name, seed: plan.seed, nodes: plan.nodes, isFree: isFree)
        pace = plan.pace ?? pace
        hasRadios = plan.town != nil
        for index in plan.holders { nodes[index].room = plan.room }
        for index in plan.sealers { nodes[index].sealed = TestnetGenesis.partitionBytes }
    }

    init(name: String, seed: UInt64, nodes: [Node]) {
        self.name = name
        self.seed = seed
        self.nodes = nodes
    }

    /// One more node, on addresses that are free now.
    mutating func add(isFree: (Endpoint) -> Bool) throws(Failure) -> Node {
        guard nodes.count < Self.nodeLimit, let node = Self.node(nodes.count, isFree: isFree) else {
            throw Failure(.addressTaken, "no free port for one more node on \(Self.address(of: nodes.count))")
        }
        nodes.append(node)
        return node
    }

    private static func node(_ index: Int, isFree: (Endpoint) -> Bool) -> Node? {
        let address = address(of: index)
        let first = firstPort + portsPerNode * UInt16(clamping: index)
        for step in 0..<portTries {
            let port = first + step * portStride
            let node = Node(
                name: "n\(index)", listen: Endpoint(address, port: port), api: Endpoint(address, port: port + 1))
            if isFree(node.listen), isFree(node.api) { return node }
        }
        return nil
    }
}

// MARK: The file

extension TestnetManifest {
    var text: String {
        var text = """
            # A local testnet, written by `cairn testnet up`.

            [testnet]
            name = \(JSON.string(name).text)
            seed = \(seed)
            radios = \(hasRadios)
            pace = \(pace)

            """
        for node in nodes {
            text += """

                [[node]]
                name = \(JSON.string(node.name).text)
                listen = "\(node.listen)"
                api = "\(node.api)"

                """
            if let room = node.room { text += "room = \(room)\n" }
            if let sealed = node.sealed { text += "sealed = \(sealed)\n" }
        }
        return text
    }

    init(file: String, text: String) throws(Failure) {
        let document = try TableReader(file: file, code: .testnetDamaged).document(text)
        guard let head = document["testnet"], case .string(let name)? = head["name"]?.value, isLabel(name),
            case .integer(let seed)? = head["seed"]?.value, seed >= 0
        else { throw Failure(.testnetDamaged, "\(file): [testnet] needs a name and a seed") }
        var nodes: [Node] = []
        for table in document.tables where table.path == ["node"] {
            guard let node = Node(table), !nodes.contains(where: { $0.name == node.name }) else {
                throw Failure(
                    .testnetDamaged, "\(file):\(table.line): a [[node]] needs a name of its own, listen and api")
            }
            nodes.append(node)
        }
        guard !nodes.isEmpty else { throw Failure(.testnetDamaged, "\(file): there is no [[node]]") }
        self.init(name: name, seed: UInt64(seed), nodes: nodes)
        if case .bool(true)? = head["radios"]?.value { hasRadios = true }
        if case .integer(let found)? = head["pace"]?.value {
            guard found >= 0, found <= Self.paceMax else { throw Failure(.testnetDamaged, "\(file): pace \(found)") }
            pace = UInt64(found)
        }
    }
}

extension TestnetManifest.Node {
    fileprivate init?(_ table: TOML.Table) {
        guard case .string(let name)? = table["name"]?.value, isLabel(name),
            case .string(let listen)? = table["listen"]?.value, let listen = Endpoint(listen),
            case .string(let api)? = table["api"]?.value, let api = Endpoint(api)
        else { return nil }
        self.init(name: name, listen: listen, api: api)
        if let entry = table["room"] {
            guard case .integer(let room) = entry.value, room > 0 else { return nil }
            self.room = UInt64(room)
        }
        if let entry = table["sealed"] {
            guard case .integer(let sealed) = entry.value, sealed > 0 else { return nil }
            self.sealed = UInt64(sealed)
        }
    }
}
