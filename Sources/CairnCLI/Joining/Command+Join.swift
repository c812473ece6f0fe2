import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnWire

extension Command {
    private static let name = Flag.text("name", "NAME", "What this machine calls the node, for --node")
    private static let listen = Flag.text("listen", "ADDRESS:PORT", "Where other nodes reach this one")
    private static let api = Flag.text("api", "ADDRESS:PORT", "Where programs on this machine ask it")
    private static let peer = Flag.text(
        "peer", "ADDRESS:PORT", "A node to dial first; with a genesis file at least one is needed", repeats: true)
    private static let development = Flag.switched("dev", "Make open keys, for development networks only")

    static let join = Command(
        path: ["join"],
        summary: "Make a home on a network that runs already",
        text: [
            "WHAT is a code from `cairn net invite`, or the genesis file of the network together with --peer. The nodes it names are "
                + "dialled; with a code the genesis comes from one of them and must have the hash that the code says. A node of "
                + "another network, with another version or with a clock that is too far off is named with its reason, and "
                + "nothing is made.",
            "Then keys and configuration are made as by init, and `cairn run` starts the node, which fetches the chain.",
        ],
        arguments: [Argument(name: "WHAT", summary: "A code, or a genesis file", value: .text("WHAT"))],
        flags: [
            name.declaration, listen.declaration, api.declaration, peer.declaration, development.declaration,
            PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn join cairn1…", "Makes the home of this user's node on the network of the code."),
            Example(
                "cairn join genesis.json --peer 203.0.113.7:7470 --home ./n1",
                "Makes another, with a genesis that came as a file."),
        ],
        exits: [.failed, .unreachable, .notFound, .refused, .locked, .conflict, .damaged],
        run: { session throws(Failure) in
            var (search, invitation) = try wanted(session)
            let home = try Home.chosen(session)
            let given = settings.map { ($0.name, session.invocation[all: $1]) }.filter { !$0.1.isEmpty }
            var config = Config()
            try config.take(settings, session)
            try config.checkWhole()
            let storage = KeyStorage(home: home, settings: session.surroundings.keys)
            try HomeMaker(storage: storage, values: [:]).checkFree()
            try search.find()
            guard let genesis = search.genesis else { return .failed }
            let trusted = invitation.map { [Setting.chainCheckpoint.name: [$0.checkpoint.words]] } ?? [:]
            let maker = HomeMaker(
                storage: storage,
                values: Dictionary(uniqueKeysWithValues: given).merging([
                    Setting.nodeNetwork.name: [genesis.network], Setting.chainBegin.name: ["auto"],
                    Setting.p2pPeers.name: search.peers.map { "\($0.endpoint)" },
                ]) { $1 }.merging(trusted) { $1 })
            let isOpen = session.invocation.has(development)
            try Directory.make(home.path)
            try TextFile.replace(home.genesisFile, genesis.json.indentedText + "\n")
            let made = try maker.make(
                isOpen ? .openRandom : .sealed(PassphraseSource.current(session).chosen("the keys of this node")))
            var facts = Facts()
            facts.add("network", genesis.network)
            facts.add("chain", search.chain.description)
            facts.add(
                "height", JSON(search.height.number), "\(search.height), as \(search.tried.last?.subject ?? "") says")
            if let invitation {
                facts.add(
                    "checkpoint", .string(invitation.checkpoint.words),
                    "committee \(invitation.checkpoint.committee.short) in epoch \(invitation.checkpoint.epoch)")
            }
            facts.add("peers", .array(search.peers.map { .string("\($0.endpoint)") }), "\(search.peers.count)")
            facts.add("home", home.path)
            session.answer(
                facts.members + (made.words.map { [$0.member] } ?? []),
                facts.text + (made.words?.text ?? "") + "\nnext  cairn run --home \(shellWord(home.path))\n")
            return .ok
        })

    private static let settings: [(Setting, Flag<String>)] = [
        (.nodeName, name), (.p2pListen, listen), (.apiListen, api), (.p2pPeers, peer),
    ]

    /// What is to be joined, by code or by file.
    private static func wanted(_ session: Session) throws(Failure) -> (Joining, Invitation?) {
        let what = session.invocation.argument(0) ?? ""
        let named = try session.invocation[all: peer].map { text throws(Failure) in try peer(text) }
        let timeout = session.invocation[GlobalFlags.timeout] ?? .seconds(5)
        guard what.hasPrefix(Invitation.prefix) else {
            let genesis = try GenesisFile.read(joinPath(session.surroundings.workingDirectory, what))
            guard !named.isEmpty else {
                throw Failure(
                    .missingArgument, "a genesis file does not say where its network is",
                    do: Hint("--peer ADDRESS:PORT", "names a node of it"))
            }
            return (
                Joining(chain: genesis.chain(using: Blake2b()), peers: named, genesis: genesis, timeout: timeout), nil
            )
        }
        let invitation: Invitation
        do throws(DecodeError) {
            invitation = try Invitation(code: what)
        } catch {
            throw Failure(.inviteInvalid, "this is no whole code: \(error)")
        }
        guard invitation.expiry == 0 || invitation.expiry >= Clock.wall().millisecondsSince1970 / 1_000 else {
            let day = WallTime(
                millisecondsSince1970: invitation.expiry.multipliedReportingOverflow(by: 1_000).partialValue)
            throw Failure(.inviteExpired, "the code held until \(day.rfc3339)")
        }
        let peers = named + invitation.peers.filter { invited in !named.contains { $0.endpoint == invited.endpoint } }
        return (Joining(chain: invitation.chain, peers: peers, timeout: timeout), invitation)
    }

    private static func peer(_ text: String) throws(Failure) -> Invitation.Peer {
        guard let endpoint = Endpoint(text), endpoint.port != 0, !endpoint.address.isUnspecified else {
            throw Failure(.badValue, "--peer \(quoted(text)) is not an address and port such as 203.0.113.7:7470")
        }
        return Invitation.Peer(node: nil, endpoint: endpoint)
    }
}
