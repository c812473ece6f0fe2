import CairnBase
import CairnLedger
import CairnStore
import CairnWire

/// What came of an epoch: whether it is settled, what its verdicts say, and who was paid for it.
struct EpochExplanation {
    private let epoch: Epoch
    private let isSettled: Bool
    private let services: [JSON]
    private let payouts: [Payout]
    /// Of the newest thousand that the chain has.
    private let verdicts: [StoredVerdict]
    private let now: Epoch

    init(_ number: UInt64, on chain: ChainView) throws(Failure) {
        epoch = Epoch(number)
        let (parameters, now) = try chain.now()
        self.now = now
        guard epoch <= now else {
            throw Failure(
                .notOnChain, "epoch \(number) has not begun; the chain is in epoch \(now)",
                do: Hint("cairn why \(now.number)", "says how that one stands"))
        }
        services = try chain.services(of: epoch)
        isSettled = !services.isEmpty
        payouts = try chain.records(.reward, Reward.self).compactMap { Payout($0.key, $0.value) }
            .filter { $0.epoch.number == number }
        verdicts = try chain.read { reader throws(StoreError) in
            try reader.verdicts(of: nil, page: Page(limit: Page.limitMax))
        }.filter { parameters.epoch(of: $0.challenged).number == number }
    }

    private var state: String {
        if isSettled { return "settled" }
        // Its verdicts come within forty blocks, and it is paid at the end of the next epoch at the earliest.
        return epoch.advanced(by: 3) > now
            ? "not settled yet: it is paid when all of its verdicts are in" : "kept no longer"
    }

    private var reasons: [(reason: Reason, count: Int)] {
        Reason.allCases.map { reason in (reason, verdicts.count { $0.reasons.contains(reason) }) }.filter { $0.1 > 0 }
            .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
    }

    private var paid: Amount { payouts.map(\.reward.total).total() ?? .zero }

    var members: [JSON.Member] {
        [
            .init("about", "epoch"), .init("epoch", JSON(epoch.number)), .init("settled", .bool(isSettled)),
            .init("state", .string(state)), .init("verdicts", JSON(verdicts.count)),
            .init("passed", JSON(verdicts.count { $0.passed })),
            .init(
                "reasons",
                .array(
                    reasons.map { found in
                        [
                            "reason": .string("\(found.reason)"), "verdicts": JSON(found.count),
                            "meaning": .string(found.reason.meaning),
                        ]
                    })), .init("services", .array(services)), .init("resources_paid", JSON(payouts.count)),
            .init("paid_units", JSON(paid.units)),
        ]
    }

    var text: String {
        var text = "epoch \(epoch): \(state)\n"
        text += "\(verdicts.count) verdicts, of which \(verdicts.count { $0.passed }) passed\n"
        for found in reasons { text += "  \(found.reason) in \(found.count): \(found.reason.meaning)\n" }
        guard isSettled else { return text }
        return text + "\(paid) paid to \(payouts.count) resources: cairn rewards list --epoch \(epoch)\n"
    }
}
