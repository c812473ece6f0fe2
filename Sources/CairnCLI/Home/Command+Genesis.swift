import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnWire

extension Command {
    private static let action = Argument(
        name: "ACTION",
        summary:
            "new: print a template · check: find mistakes · show: say what a file founds · place: put it into this home",
        value: .choice(["new", "check", "show", "place"]))
    private static let file = Argument(
        name: "FILE", summary: "The genesis file; for new, where to write it", value: .path("FILE"), isRequired: false)
    private static let profile = Flag.choice(
        "profile", Parameter.Profile.allCases.map(\.rawValue),
        "For new: which parameters to begin with; testnet unless told")
    private static let symbol = Flag.text("symbol", "CRN", "For new: what the token is called")
    private static let founder = Flag(
        declaration: FlagDeclaration(
            name: "founder", value: .path("DIR"), summary: "For new: a home whose keys found the network", repeats: true
        )
    ) { if case .text(let path) = $0 { path } else { nil } }

    static let netGenesis = Command(
        path: ["net", "genesis"],
        summary: "Make, check and explain the file that a network begins with",
        text: [
            "A network is named by the hash of its genesis. new prints one with every value explained; founders are the homes "
                + "given by --founder, or places to fill in. check names the path of the first mistake, and warns of what is "
                + "allowed and unwise. show explains a finished file, or the one of this home. Members called // are comments: "
                + "they change nothing, the chain id neither.",
            "place puts the file into this home, and for a founder makes the sign log that belongs to its validator key. It does "
                + "so once, in a home without a chain, and within a week of the network's beginning: a key that may have voted "
                + "must not begin a second log.",
        ],
        arguments: [action, file],
        flags: [
            profile.declaration, symbol.declaration, founder.declaration, PassphraseSource.file.declaration,
        ],
        examples: [
            Example(
                "cairn net genesis new mine.json --network mine --founder n1", "Writes a file founded by the home n1."),
            Example("cairn net genesis check mine.json --json", "Checks it, for a script."),
        ],
        exits: [.failed, .notFound, .locked, .conflict, .damaged, .safetyStop],
        run: { session throws(Failure) in
            let file = session.invocation.argument(1).map { joinPath(session.surroundings.workingDirectory, $0) }
            switch session.invocation.argument(0) {
            case "new": try writeTemplate(to: file, session)
            case "check": try show(GenesisFile.read(wanted(file, "check")), session, withWarnings: true)
            case "place": try place(GenesisFile.read(wanted(file, "place")), session)
            default:
                var path = file
                if path == nil { path = try NodeFinder(session).home().genesisFile }
                try show(GenesisFile.read(path ?? ""), session, withWarnings: false)
            }
            return .ok
        })

    private static func wanted(_ file: String?, _ action: String) throws(Failure) -> String {
        guard let file else {
            throw Failure(.missingArgument, "which file is meant?", do: Hint("cairn net genesis \(action) FILE"))
        }
        return file
    }

    private static func place(_ genesis: Genesis, _ session: Session) throws(Failure) {
        let founding = Founding(genesis: genesis, home: try Home.chosen(session))
        let isFounder = try founding.place(session)
        let (home, chain) = (founding.home.path, genesis.chain(using: Blake2b()))
        session.answer(
            [
                .init("home", .string(home)), .init("network", .string(genesis.network)),
                .init("chain", .string(chain.description)), .init("founder", .bool(isFounder)),
            ],
            "\(home) is on network \(genesis.network), chain \(chain.short)"
                + (isFounder ? "; its validator key has its sign log and votes from the first block on\n" : "\n"))
    }

    private static func writeTemplate(to file: String?, _ session: Session) throws(Failure) {
        if let file, fileExists(file) {
            throw Failure(.genesisExists, "\(file) is there already; a genesis is never overwritten")
        }
        var founders: [Genesis.FoundingValidator] = []
        for home in session.invocation[all: founder] {
            let storage = KeyStorage(
                home: Home(path: joinPath(session.surroundings.workingDirectory, home)),
                settings: session.surroundings.keys)
            founders.append(try storage.founder(session))
        }
        let name = session.invocation[profile].flatMap(Parameter.Profile.init) ?? .testnet
        let template = GenesisTemplate(
            network: session.invocation[GlobalFlags.network] ?? "my-network",
            symbol: session.invocation[symbol] ?? "CRN", profile: name, founders: founders,
            time: Clock.wall().millisecondsSince1970)
        guard let file else { return session.out.write(template.json.indentedText + "\n") }
        try TextFile.replace(file, template.json.indentedText + "\n")
        session.answer(
            [.init("file", .string(file)), .init("founders", JSON(founders.count))],
            "\(file) written"
                + (founders.isEmpty ? "; fill in its validators, then check it\n" : "; check it before use\n"))
    }

    private static func show(_ genesis: Genesis, _ session: Session, withWarnings: Bool) throws(Failure) {
        let warnings = withWarnings ? genesis.warnings(now: Clock.wall().millisecondsSince1970) : []
        let owned = genesis.accounts.reduce(UInt128(0)) { $0 + UInt128($1.balance.units) }
        let bonded = genesis.validators.reduce(UInt128(0)) { $0 + UInt128($1.bond.units) }
        var facts = Facts()
        facts.add("network", genesis.network)
        facts.add("chain", genesis.chain(using: Blake2b()).description)
        facts.add("symbol", genesis.symbol)
        facts.add("time", WallTime(millisecondsSince1970: genesis.time).rfc3339)
        facts.add("accounts", genesis.accounts.count)
        facts.add("owned", Amount(units: UInt64(clamping: owned)))
        facts.add("treasury", genesis.treasury)
        facts.add("validators", genesis.validators.count)
        facts.add("bonded", Amount(units: UInt64(clamping: bonded)))
        facts.add(
            "reserve",
            Amount.cap.reduced(by: Amount(units: UInt64(clamping: owned + bonded))).reduced(by: genesis.treasury))
        facts.add("anchors", genesis.anchors.count)
        let services = genesis.profiles.map { "\($0.profile.name) \(permille($0.sharePPM, of: .millionPPM))" }
        facts.add("services", .array(services.map { .string($0) }), services.joined(separator: ", "))
        let epoch = genesis.parameters[.epochBlocks] * genesis.parameters[.blockPace]
        facts.add(
            "epoch", JSON(epoch), "\(genesis.parameters[.epochBlocks]) blocks, \(TimeSpan.milliseconds(epoch).rough)")
        if withWarnings { facts.add("warnings", .array(warnings.map { .string($0) })) }
        session.answer(
            facts.members, facts.text + warnings.map { session.style.paint("warning", .yellow) + "  \($0)\n" }.joined())
    }
}

extension KeyStorage {
    /// The keys of a home as a founder; the bond is for the file's writer to choose.
    fileprivate func founder(_ session: Session) throws(Failure) -> Genesis.FoundingValidator {
        let (account, node) = (try description(KeyKind.account.rawValue), try description(KeyKind.node.rawValue))
        let name = KeyKind.validator.rawValue
        let validator = ValidatorIdentity(seed: try seed(of: load(name), name, session))
        return Genesis.FoundingValidator(
            account: AccountID(account.publicKey),
            keys: ValidatorKeys(
                node: NodeID(node.publicKey), vote: validator.key.publicKey, randomness: validator.vrf.publicKey),
            bond: Amount(units: 100_000 * Amount.one.units))
    }
}

extension Genesis {
    /// What is allowed and unwise.
    fileprivate func warnings(now: UInt64) -> [String] {
        var warnings: [String] = []
        let bonds = validators.map(\.bond.units)
        let all = bonds.reduce(UInt128(0)) { $0 + UInt128($1) }
        if validators.count < 4 {
            warnings.append(
                "\(validators.count) validators: with fewer than four the network stands still when one fails")
        }
        if let heaviest = bonds.max(), 3 * UInt128(heaviest) >= all, validators.count > 1 {
            warnings.append("one validator has a third of the weight or more: alone it can stop the network")
        }
        if anchors.isEmpty {
            warnings.append(
                "no anchors: until somebody pays for services, nobody is trusted and all are paid as islands")
        }
        if time > now + 86_400_000 { warnings.append("the network begins more than a day from now") }
        if treasury == .zero {
            warnings.append("no treasury: the network can pay for nothing until it has emitted some")
        }
        return warnings
    }
}
