import CairnBase

/// A fault that somebody puts into a testnet, as it is written on a command line and in a scenario: `kill n0 n2`.
enum TestnetFault: Sendable, Equatable {
    /// Ends nodes without warning; they stay down.
    case kill([TestnetManifest.Node])
    /// Halts nodes as they are: their sockets are open, and nobody is at home.
    case pause([TestnetManifest.Node])
    /// Asks nodes to stop, and starts them again.
    case restart([TestnetManifest.Node])

    static let kinds = ["kill", "pause", "restart"]

    /// Nodes may be parted by blanks or commas.
    init(_ kind: String, _ words: [String], in testnet: Testnet) throws(Failure) {
        switch kind {
        case "kill": self = .kill(try Self.nodes(words, in: testnet))
        case "pause": self = .pause(try Self.nodes(words, in: testnet))
        case "restart": self = .restart(try Self.nodes(words, in: testnet))
        default:
            let close = nearest(to: kind, in: Self.kinds).map { [Hint($0, "is the nearest one")] } ?? []
            throw Failure(
                .faultInvalid, "there is no fault \(quoted(kind))",
                hints: close + [Hint("cairn help testnet fault", "lists them")])
        }
    }

    private static func nodes(_ words: [String], in testnet: Testnet) throws(Failure) -> [TestnetManifest.Node] {
        var nodes: [TestnetManifest.Node] = []
        for name in words.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            let node = try testnet.node(named: String(name))
            guard !nodes.contains(node) else {
                throw Failure(.faultInvalid, "\(node.name) is named twice")
            }
            nodes.append(node)
        }
        guard !nodes.isEmpty else { throw Failure(.faultInvalid, "no node is named") }
        return nodes
    }
}
