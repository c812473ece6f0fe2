import CairnBase

/// A fault that somebody puts into a testnet, as it is written on a command line and in a scenario: `delay n2 200ms`.
enum TestnetFault: Sendable, Equatable {
    typealias Node = TestnetManifest.Node

    /// Ends nodes without warning; they stay down.
    case kill([Node])
    /// Halts nodes as they are: their sockets are open, and nobody is at home.
    case pause([Node])
    /// Asks nodes to stop, and starts them again.
    case restart([Node])
    /// Lets nothing pass from one group of nodes to another. Who is in no group is not cut off.
    case partition([[Node]])
    /// Everything that the nodes send leaves so much later.
    case delay([Node], TimeSpan)
    /// Of a million datagrams that the nodes send, so many are lost.
    case loss([Node], ppm: UInt64)
    /// The calendars of the nodes are so many milliseconds ahead, or behind.
    case skew([Node], milliseconds: Int64)
    /// One bit of every piece that the nodes keep is another one on the disk.
    case rot([Node])
    /// The pieces that the nodes keep are gone from their disks, and nothing can be put in their place.
    case strip([Node])
    /// The disks of the nodes are full.
    case fillDisk([Node])
    /// The gateways of the nodes are not what their owners say any more.
    case lie([Node], GatewayLie)
    /// The nodes vote twice in each view.
    case equivocate([Node])

    static let kinds = [
        "kill", "pause", "restart", "partition", "delay", "loss", "skew", "rot", "strip", "fill-disk", "lie",
        "equivocate",
    ]

    /// Nodes may be parted by blanks or commas; `holders:2` are the last two that keep a piece just then. Where an amount follows and no node is named, all are meant.
    init(_ kind: String, _ words: [String], in testnet: Testnet) throws(Failure) {
        let reader = Reader(testnet: testnet, words: words)
        switch kind {
        case "kill": self = .kill(try reader.nodes())
        case "pause": self = .pause(try reader.nodes())
        case "restart": self = .restart(try reader.nodes())
        case "partition": self = .partition(try reader.groups())
        case "delay":
            let (nodes, span) = try reader.amount("a length of time such as 200ms", TimeSpan.init(text:))
            self = .delay(nodes, span)
        case "loss":
            let (nodes, loss) = try reader.amount("a share such as 10% or 0.5%", Self.ppm)
            self = .loss(nodes, ppm: loss)
        case "skew":
            let (nodes, skew) = try reader.amount("a signed length of time such as +3s or -500ms", Self.skew)
            self = .skew(nodes, milliseconds: skew)
        case "rot": self = .rot(try reader.nodes())
        case "strip": self = .strip(try reader.nodes())
        case "fill-disk": self = .fillDisk(try reader.nodes())
        case "lie":
            let (nodes, lie) = try reader.amount(
                "a lie: \(GatewayLie.allCases.map(\.rawValue).joined(separator: ", "))", GatewayLie.init(rawValue:))
            self = .lie(nodes, lie)
        case "equivocate": self = .equivocate(try reader.nodes())
        default:
            let close = nearest(to: kind, in: Self.kinds).map { [Hint($0, "is the nearest one")] } ?? []
            throw Failure(
                .faultInvalid, "there is no fault \(quoted(kind))",
                hints: close + [Hint("cairn help testnet fault", "lists them")])
        }
    }

    /// `10%`, with up to four digits behind a point, in parts of a million.
    private static func ppm(_ text: String) -> UInt64? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ isDigits($0) }), let whole = UInt64(parts[0]),
            whole <= 100
        else { return nil }
        let digits = parts.count == 2 ? parts[1] : "0"
        guard digits.count <= 4, let fraction = UInt64(digits + String(repeating: "0", count: 4 - digits.count))
        else { return nil }
        let ppm = whole * 10_000 + fraction
        return ppm <= 1_000_000 ? ppm : nil
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func skew(_ text: String) -> Int64? {
        guard let sign = text.first, sign == "+" || sign == "-", let span = TimeSpan(text: String(text.dropFirst())),
            let milliseconds = Int64(exactly: span.milliseconds)
        else { return nil }
        return sign == "-" ? -milliseconds : milliseconds
    }
}

extension TestnetFault {
    /// What stands behind the kind of a fault.
    private struct Reader {
        let testnet: Testnet
        let words: [String]

        func nodes() throws(Failure) -> [Node] { try nodes(words[...]) }

        private func nodes(_ words: ArraySlice<String>) throws(Failure) -> [Node] {
            var nodes: [Node] = []
            for name in words.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
                var meant = try holders(name) ?? []
                if meant.isEmpty { meant.append(try testnet.node(named: String(name))) }
                for node in meant {
                    guard !nodes.contains(node) else { throw Failure(.faultInvalid, "\(node.name) is named twice") }
                    nodes.append(node)
                }
            }
            guard !nodes.isEmpty else { throw Failure(.faultInvalid, "no node is named") }
            return nodes
        }

        /// Nodes by what is on their disks, for who cannot know whom the chain will draw; nil for another word. The last
        /// ones, because the first nodes of a testnet are its validators.
        private func holders(_ word: Substring) throws(Failure) -> [Node]? {
            guard word.hasPrefix("holders:") else { return nil }
            let holders = testnet.manifest.nodes.filter { !testnet.pieces(of: $0).isEmpty }
            guard let count = Int(word.dropFirst("holders:".count)), (1...holders.count + 1).contains(count) else {
                throw Failure(.faultInvalid, "\(quoted(String(word))) is not a number of holders")
            }
            guard count <= holders.count else {
                throw Failure(.faultInvalid, "only \(holders.count) nodes keep a piece")
            }
            return Array(holders.suffix(count))
        }

        /// `n0,n1/n2,n3`
        func groups() throws(Failure) -> [[Node]] {
            let texts = words.count == 1 ? words[0].split(separator: "/", omittingEmptySubsequences: false) : []
            guard texts.count >= 2 else {
                throw Failure(.faultInvalid, "a partition is written as groups of nodes: n0,n1/n2,n3")
            }
            let groups = try texts.map { text throws(Failure) in try nodes([String(text)]) }
            let all = groups.flatMap(\.self)
            guard Set(all.map(\.name)).count == all.count else {
                throw Failure(.faultInvalid, "a node is in two groups of the partition")
            }
            return groups
        }

        func amount<Amount>(
            _ form: String, _ read: (String) -> Amount?
        ) throws(Failure) -> (nodes: [Node], Amount) {
            guard let last = words.last, let amount = read(last) else {
                throw Failure(.faultInvalid, "\(quoted(words.last ?? "")) is not \(form)")
            }
            let named = words.dropLast()
            return (named.isEmpty ? testnet.manifest.nodes : try nodes(named), amount)
        }
    }
}
