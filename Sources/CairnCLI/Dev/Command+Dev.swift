import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire
import Glibc

extension Command {
    private static let seed = Flag.integer(
        "seed", "S", in: 0...UInt64(UInt32.max), "The number that decides all keys; a new one unless told")

    static let dev = Command(
        path: ["dev"],
        summary: "Run a chain of one node with funded keys, to try things on",
        text: [
            "One command and nothing else: a validator that makes a block a second, and ten accounts of 10,000 tokens each, whose "
                + "keys follow from the seed that is printed. The home's own account and dev1 to dev9 are at hand for --key; any "
                + "of them is a faucet.",
            "Ctrl-C ends it and discards everything. With --home it is kept there, and the next start goes on with it.",
            "With --json it prints a document about the keys, those of cairn run, and one when all is discarded.",
        ],
        flags: [seed.declaration],
        examples: [
            Example("cairn dev", "Runs a chain until Ctrl-C."),
            Example("cairn dev --seed 7 --home ./mine", "The same keys each time, in a home that stays."),
        ],
        exits: [.failed, .conflict, .damaged],
        run: { session throws(Failure) in
            let given = session.invocation[GlobalFlags.home]
            let path =
                given.map { joinPath(session.surroundings.workingDirectory, $0) }
                ?? "/tmp/cairn-dev-\(session.surroundings.userID)-\(getpid())"
            let home = Home(path: path)
            let isNew = !fileExists(home.configFile)
            if !isNew, session.invocation[seed] != nil {
                throw Failure(
                    .homeExists, "\(path) has its keys already; --seed would make others",
                    do: Hint("cairn dev --home \(shellWord(path))", "goes on with it"))
            }
            let number = session.invocation[seed] ?? SecureRandom.seed() & UInt64(UInt32.max)
            if isNew { try DevelopmentHome(home: home, seed: number).make(session) }
            try tell(of: home, isNew ? number : nil, session)
            let code = session.run(
                ["run", "--home", path, "--log", "warn,chain=info,node=info"] + (session.isJSON ? ["--json"] : []))
            guard given == nil else { return code }
            try Directory.remove(path)
            session.note("state discarded; --home DIR keeps it")
            if session.isJSON { session.answer([.init("state", "discarded"), .init("home", .string(path))], "") }
            return code
        })

    /// What there is to try things on: for eyes a note beside the node's own line, for a script a document before it.
    private static func tell(of home: Home, _ seed: UInt64?, _ session: Session) throws(Failure) {
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        var table = TextTable(["KEY", "ACCOUNT"])
        var accounts: [JSON] = []
        for name in [KeyKind.account.rawValue] + DevelopmentHome.spareKeys {
            let id = try storage.description(name).id
            table.add([name, id])
            accounts.append(["key": .string(name), "account": .string(id)])
        }
        let api = "http://\(try Config(of: home, session).api)"
        let place = shellWord(home.path)
        session.note(
            "home    \(home.path)\n" + (seed.map { "seed    \($0)\n" } ?? "") + "api     \(api)\n"
                + "faucet  cairn --home \(place) wallet send ACCOUNT 100 --key dev1 --wait\n\n"
                + table.text(session.style))
        guard session.isJSON else { return }
        session.answer(
            [
                .init("state", "funded"), .init("home", .string(home.path)),
                .init("seed", seed.map { JSON($0) } ?? .null), .init("api", .string(api)),
                .init("accounts", .array(accounts)),
            ], "")
    }
}

/// The home of a chain with one validator, in which everything follows from a number.
struct DevelopmentHome {
    let home: Home
    let seed: UInt64

    static let spareKeys = (1...9).map { "dev\($0)" }

    /// A loopback network that follows from the process, behind those of a testnet: what is started at the same moment, and
    /// finds the same ports free, does not meet.
    private static var address: IPAddress { TestnetManifest.address(of: 128 + Int(getpid() % 100)) }

    func make(_ session: Session) throws(Failure) {
        let address = Self.address
        let node = TestnetManifest.Node(
            name: "dev", listen: Endpoint(address, port: TestnetManifest.firstPort),
            api: Endpoint(address, port: TestnetManifest.firstPort + 1))
        let manifest = TestnetManifest(name: "dev", seed: seed, nodes: [node])
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        try TestnetGenesis(manifest, spare: Self.spareKeys.count).place(in: home, ofNode: 0)
        for (index, name) in Self.spareKeys.enumerated() where !fileExists(home.keyFile(name)) {
            let key = HomeMaker.derivedSeed(seed, UInt64(index + 1), .account)
            _ = try storage.save(.development(key, role: .account), name)
        }
        let values = [
            Setting.nodeName.name: ["dev"], Setting.nodeNetwork.name: [manifest.name],
            Setting.p2pListen.name: ["\(node.listen)"], Setting.apiListen.name: ["\(node.api)"],
        ]
        _ = try HomeMaker(storage: storage, values: values).make(.derived(seed: seed, index: 0))
    }
}
