import CairnBase
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

extension Command {
    /// How many verdicts are looked through for the words of one's own.
    private static let looked: UInt64 = 500

    static let witness = Command(
        path: ["witness"],
        summary: "Show what the resources of an account said as witnesses, and what that paid",
        text: [
            "Of the account of this home, or of ACCOUNT: the newest verdicts in which one of its resources was a drawn witness, what "
                + "it said, and why it did not count where it did not. Looked through are the newest 500 verdicts, as far as their "
                + "epochs are not settled: afterwards the state keeps no longer who was drawn. Receipts themselves are off the chain.",
            "If the home's node runs, its own counts since its start are shown, too.",
        ],
        arguments: [
            Argument(
                name: "ACCOUNT", summary: "Whose resources; this home's account unless told", value: .text("ACCOUNT"),
                isRequired: false)
        ],
        examples: [
            Example("cairn witness", "Shows what this home's resources said."),
            Example("cairn witness --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let account = try session.wantedAccount()
            let duties = try Duties(of: account, on: session.chain(), lookingThrough: looked)
            let home = try NodeFinder(session).home()
            let counts = OwnCounts(NodeClient(socket: home.controlSocket, timeout: .seconds(2)))
            session.answer(
                [.init("account", .string(account.text))] + duties.members + [.init("node", counts.json)],
                duties.text(session) + counts.text)
            return .ok
        })
}

/// What an account's resources did as witnesses, as far as the chain keeps it.
private struct Duties {
    struct Row {
        let witness: ResourceID
        let about: StoredVerdict
        let testimony: Testimony
    }

    let resources: [ResourceID]
    /// Verdicts of epochs that are not settled.
    let looked: Int
    let rows: [Row]
    /// The newest epoch that was settled, and what being a witness paid in it.
    let paid: (epoch: UInt64, amount: Amount)?

    init(of account: AccountID, on chain: ChainView, lookingThrough limit: UInt64) throws(Failure) {
        let own = try chain.records(.resource, Resource.self).filter { $0.value.controller == account }
            .compactMap { ResourceID(Array($0.key.bytes.dropFirst())) }
        resources = own
        let (parameters, now) = try chain.now()
        let newest = try chain.read { reader throws(StoreError) in
            try reader.verdicts(of: nil, page: Page(limit: limit))
        }.filter { !parameters.isSettled(parameters.epoch(of: $0.challenged), in: now) }
        looked = newest.count
        var rows: [Row] = []
        var seen: Set<UInt64> = []
        for block in newest.map(\.block) where !own.isEmpty && seen.insert(block.number).inserted {
            for verdict in try chain.verdicts(in: block) ?? [] {
                let epoch = parameters.epoch(of: verdict.stored.challenged)
                for testimony in verdict.whole.testimonies {
                    guard let who = try chain.load(RecordKey<FrozenResource>.frozen(epoch, testimony.place))?.id,
                        own.contains(who)
                    else { continue }
                    rows.append(Row(witness: who, about: verdict.stored, testimony: testimony))
                }
            }
        }
        self.rows = rows
        paid = try chain.newestPaid().map { epoch throws(Failure) in
            let mine = try chain.payouts().filter { $0.epoch == epoch && own.contains($0.id) }
            return (epoch.number, mine.map(\.reward.witnessing).total() ?? .zero)
        }
    }

    private var silent: Int { rows.count { $0.testimony.isSilent } }

    var members: [JSON.Member] {
        [
            .init("resources", .array(resources.map { .string($0.description) })),
            .init("looked_through", JSON(looked)), .init("drawn", JSON(rows.count)), .init("silent", JSON(silent)),
            .init("epoch", paid.map { JSON($0.epoch) } ?? .null),
            .init("paid_units", paid.map { JSON($0.amount.units) } ?? .null),
            .init(
                "testimonies",
                .array(
                    rows.map { row in
                        [
                            "block": JSON(row.about.block.number), "challenged": JSON(row.about.challenged.number),
                            "challenge": .string("\(row.about.kind)"),
                            "about": row.about.resource.map { .string($0.description) } ?? .null,
                            "testimony": row.testimony.json(by: row.witness),
                        ]
                    })),
        ]
    }

    func text(_ session: Session) -> String {
        guard !resources.isEmpty else { return "the account has no resource, so nothing of it is drawn as a witness\n" }
        var text =
            "drawn \(rows.count) times in the newest \(looked) verdicts of epochs that are not settled, silent \(silent) times\n"
        if let paid { text += "epoch \(paid.epoch) paid \(paid.amount) for it\n" }
        var table = TextTable(["BLOCK", "ABOUT", "WITNESS", "SAID", "BUT"], right: [0])
        for row in rows.prefix(20) {
            table.add([
                "\(row.about.block)", row.about.resource.map(session.shown) ?? "nobody", session.shown(row.witness),
                row.testimony.said, row.testimony.reasons.map { "\($0)" }.joined(separator: " "),
            ])
        }
        return rows.isEmpty ? text : text + table.text(session.style)
    }
}

/// What a running node counts of its own words; nothing where none runs.
private struct OwnCounts {
    /// Providers asked for a shard or a walk, by what they showed.
    private let audits: JSON
    /// What its gateway said of what it heard.
    private let radio: JSON

    init(_ client: NodeClient) {
        func part(_ target: String, _ key: String) -> JSON {
            guard let answer = try? client.exchange(.get, target), answer.status == 200,
                let document = try? client.document(answer)
            else { return .null }
            return document[key] ?? .null
        }
        audits = part("/v1/storage", "witnessed")
        radio = part("/v1/radio", "said")
    }

    var json: JSON { ["storage": audits, "radio": radio] }

    var text: String {
        [("storage rounds, since the start", audits), ("radio, since the start", radio)].map { label, counts in
            let words = (counts.object ?? []).map { "\($0.key) \($0.value.text)" }
            return words.isEmpty ? "" : "\(label): \(words.joined(separator: ", "))\n"
        }.joined()
    }
}
