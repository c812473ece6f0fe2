import CairnBase
import CairnLedger
import CairnStore
import CairnWire

extension Noun {
    static let rewards = Noun(
        name: "rewards", summary: "See what proofs were paid, and why",
        commands: [.rewardsList, .rewardsHistory, .rewardsExplain])
}

extension Command {
    private static let epoch = Flag.integer(
        "epoch", "N", in: 0...UInt64.max, "That epoch; the newest that was paid unless told")
    private static let resource = Argument(
        name: "RESOURCE", summary: "The resource's id, or its start", value: .text("RESOURCE"))

    static let rewardsList = Command(
        path: ["rewards", "list"],
        summary: "List what services paid for an epoch, and to which resources",
        text: [
            "An epoch is paid when all of its verdicts are in, about an epoch later. Rewards are kept for rewardEpochs epochs; "
                + "the blocks keep what they follow from."
        ],
        flags: [epoch.declaration] + ChainFlags.paged,
        examples: [
            Example("cairn rewards", "Shows the newest epoch that was paid."),
            Example("cairn rewards list --epoch 12 --limit 20 --json", "Shows the first 20 of epoch 12, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let newest = try chain.newestPaid()
            guard let wanted = session.invocation[epoch] ?? newest?.number else {
                throw Failure(.notOnChain, "no epoch was paid yet")
            }
            let services = try chain.services(of: Epoch(wanted))
            guard !services.isEmpty else {
                throw Failure(.notOnChain, "epoch \(wanted) is not paid yet, or its rewards are kept no longer")
            }
            let rows = try chain.payouts().filter { $0.epoch.number == wanted }.sorted {
                ($1.reward.total, $0.id) < ($0.reward.total, $1.id)
            }
            let paid = rows.map(\.reward.total).total() ?? .zero
            session.answer(
                [
                    .init("height", JSON(chain.height.number)), .init("epoch", JSON(wanted)),
                    .init("paid_units", JSON(paid.units)),
                    .init("services", .array(services)),
                ] + pageMembers("rewards", session.page(of: rows).map(\.json), of: rows.count),
                rows.isEmpty
                    ? "epoch \(wanted): no resource proved anything that was paid\n"
                    : "epoch \(wanted): \(paid) to \(rows.count) resources\n"
                        + Payout.table(session.page(of: rows), session, by: .resource))
            return .ok
        })

    static let rewardsHistory = Command(
        path: ["rewards", "history"],
        summary: "List what a resource got, epoch by epoch",
        text: ["The newest first, as far as they are kept."],
        arguments: [resource], flags: ChainFlags.paged,
        examples: [
            Example("cairn rewards history b2cffc9b", "Shows those of the resource whose id begins so."),
            Example("cairn rewards history b2cffc9b --limit 5 --json", "Shows the newest five, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let id = try chain.resource(session.invocation.argument(0) ?? "").id
            let rows = try chain.payouts().filter { $0.id == id }.sorted { $0.epoch > $1.epoch }
            session.answer(
                [.init("resource", .string(id.description))]
                    + pageMembers("rewards", session.page(of: rows).map(\.json), of: rows.count),
                rows.isEmpty
                    ? "no rewards are kept for \(session.shown(id))\n"
                    : Payout.line(session.page(of: rows), session)
                        + Payout.table(session.page(of: rows), session, by: .epoch))
            return .ok
        })

    static let rewardsExplain = Command(
        path: ["rewards", "explain"],
        summary: "Show every factor of one reward",
        text: [
            "With these numbers anybody can compute the payment again: weight = units x trust x quality x streak / 10^18, and "
                + "pay = pool x weight / all weights, rounded down. The command does so and says if it comes to something else. The "
                + "verdicts that the units come from stand below; seats in others' verdicts bring units too."
        ],
        arguments: [resource], flags: [epoch.declaration],
        examples: [
            Example("cairn rewards explain b2cffc9b", "Explains the newest reward of that resource."),
            Example("cairn rewards explain b2cffc9b --epoch 12 --json", "Explains that of epoch 12, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let id = try chain.resource(session.invocation.argument(0) ?? "").id
            let kept = try chain.payouts().filter { $0.id == id }
            let wanted = session.invocation[epoch].map { Epoch($0) }
            guard let payout = kept.filter({ wanted == nil || $0.epoch == wanted }).max(by: { $0.epoch < $1.epoch }),
                let result = try chain.load(RecordKey<EpochResult>.result(payout.epoch, payout.reward.profile))
            else {
                throw Failure(
                    .notOnChain, "no reward of \(id.short) is kept" + (wanted.map { " for epoch \($0)" } ?? ""),
                    do: Hint("cairn proofs list \(id.short)", "shows what its verdicts say"))
            }
            let explanation = Explanation(payout, result)
            let proofs = try chain.proofs(of: id, in: payout.epoch)
            session.answer(
                explanation.facts.members + [.init("proofs", .array(proofs.map(\.json)))],
                explanation.facts.text + explanation.sentences
                    + proofs.map { "proof      of block \($0.challenged), in block \($0.block): \($0.words)\n" }
                    .joined())
            return explanation.holds ? .ok : .damaged
        })
}

/// A reward with whose and when.
struct Payout {
    enum Heading { case resource, epoch }

    let epoch: Epoch
    let id: ResourceID
    let reward: Reward

    init?(_ key: StateKey, _ reward: Reward) {
        guard let number = key.leadingNumber, let id = ResourceID(Array(key.bytes.dropFirst(9))) else { return nil }
        (epoch, self.id, self.reward) = (Epoch(number), id, reward)
    }

    /// What was paid, as bars: rows have the newest first, and the line has it last.
    static func line(_ rows: [Payout], _ session: Session) -> String {
        let paid = rows.reversed().map(\.reward.total.units)
        return "paid  \(Sparkline.text(paid, plain: !session.showsBlocks))  the newest at the right\n"
    }

    static func table(_ rows: [Payout], _ session: Session, by heading: Heading) -> String {
        let first = heading == .resource ? "RESOURCE" : "EPOCH"
        var table = TextTable([first, "SERVICE", "PROOFS", "PAID", "OF THAT HELD", "REASONS"], right: [2, 3, 4])
        for row in rows {
            table.add([
                heading == .resource ? session.shown(row.id) : "\(row.epoch)", row.reward.profile.name,
                "\(row.reward.verdicts)", "\(row.reward.total)", "\(row.reward.held)",
                row.reward.reasons.list.map { "\($0)" }.joined(separator: " "),
            ])
        }
        return table.text(session.style)
    }

    var json: JSON {
        .object([
            .init("epoch", JSON(epoch.number)), .init("resource", .string(id.description)),
            .init("service", .string(reward.profile.name)), .init("verdicts", JSON(reward.verdicts)),
            .init("units", JSON(reward.units)), .init("island_units", JSON(reward.islandUnits)),
            .init("trust", JSON(reward.trust)), .init("quality", JSON(reward.quality)),
            .init("streak", JSON(reward.streak)), .init("weight", JSON(reward.weight)),
            .init("island_weight", JSON(reward.islandWeight)),
            .init("for_proofs_units", JSON(reward.bootstrap.units)),
            .init("as_witness_units", JSON(reward.witnessing.units)),
            .init("for_usage_units", JSON(reward.usage.units)), .init("from_owners_units", JSON(reward.paid.units)),
            .init("burned_units", JSON(reward.burned.units)), .init("held_units", JSON(reward.held.units)),
            .init("total_units", JSON(reward.total.units)),
            .init("reasons", .array(reward.reasons.list.map { .string("\($0)") })),
        ])
    }
}

extension StateKey {
    /// The number right after the table's byte, where the key has one.
    var leadingNumber: UInt64? {
        bytes.count >= 9 ? bytes.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) } : nil
    }
}

extension ChainView {
    /// The verdicts about a resource whose challenges belong to an epoch, the oldest first.
    fileprivate func proofs(of id: ResourceID, in epoch: Epoch) throws(Failure) -> [StoredVerdict] {
        let parameters = try require(RecordKey<Parameters>.parameters)
        let verdicts = try read { reader throws(StoreError) in
            try reader.verdicts(of: id, page: Page(limit: Page.limitMax))
        }
        return verdicts.filter { parameters.epoch(of: $0.challenged) == epoch }.reversed()
    }

    /// All rewards that are kept.
    func payouts() throws(Failure) -> [Payout] {
        try records(.reward, Reward.self).compactMap { Payout($0.key, $0.value) }
    }

    func newestPaid() throws(Failure) -> Epoch? {
        try records(.result, EpochResult.self).compactMap { $0.key.leadingNumber.map { Epoch($0) } }.max()
    }

    /// What each service had to pay out for an epoch.
    func services(of epoch: Epoch) throws(Failure) -> [JSON] {
        var rows: [JSON] = []
        for profile in Profile.allCases {
            guard let result = try load(RecordKey<EpochResult>.result(epoch, profile)) else { continue }
            rows.append([
                "service": .string(profile.name), "pool_units": JSON(result.pool.units), "weight": JSON(result.weight),
                "island_pool_units": JSON(result.islandPool.units), "island_weight": JSON(result.islandWeight),
                "witness_pool_units": JSON(result.witnessPool.units), "receipts": JSON(result.receipts),
                "carry_units": JSON(result.carry.units), "verdicts": JSON(result.verdicts),
            ])
        }
        return rows
    }
}
