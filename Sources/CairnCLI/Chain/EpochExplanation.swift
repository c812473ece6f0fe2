import CairnBase
import CairnLedger
import CairnStore
import CairnWire

/// What came of an epoch: whether it is settled, what its verdicts say, and who was paid for it.
struct EpochExplanation {
    private let epoch: Epoch
    private let isSettled: Bool
    /// Whether that is due already.
    private let isOver: Bool
    private let services: [JSON]
    private let payouts: [Payout]
    private let verdicts: [StoredVerdict]
    /// Whether all that it was settled by are still kept.
    private let hasAll: Bool

    init(_ number: UInt64, on chain: ChainView) throws(Failure) {
        epoch = Epoch(number)
        let (parameters, now) = try chain.now()
        guard epoch <= now else {
            throw Failure(
                .notOnChain, "epoch \(number) has not begun; the chain is in epoch \(now)",
                do: Hint("cairn why \(now.number)", "says how that one stands"))
        }
        services = try chain.services(of: epoch)
        isSettled = !services.isEmpty
        isOver = parameters.isSettled(epoch, in: now)
        payouts = try chain.payouts().filter { $0.epoch.number == number }
        let verdicts = try chain.verdicts(on: epoch, parameters)
        self.verdicts = verdicts
        let counted = services.reduce(UInt64(0)) { $0 + ($1["verdicts"]?.integer(UInt64.self) ?? 0) }
        hasAll = UInt64(verdicts.count) >= counted && (isSettled || !isOver)
    }

    private var state: String {
        if isSettled { return "settled" }
        return isOver ? "kept no longer" : "not settled yet: it is paid when all of its verdicts are in"
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
            .init("verdicts_are_all", .bool(hasAll)),
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
        text += "\(verdicts.count) verdicts, of which \(verdicts.count { $0.passed }) passed"
        text += hasAll ? "\n" : "; others may be kept no longer\n"
        for found in reasons { text += "  \(found.reason) in \(found.count): \(found.reason.meaning)\n" }
        guard isSettled else { return text }
        return text + "\(paid) paid to \(payouts.count) resources: cairn rewards list --epoch \(epoch)\n"
    }
}

extension ChainView {
    /// Those on challenges of an epoch, by the blocks that may have them.
    fileprivate func verdicts(on epoch: Epoch, _ parameters: Parameters) throws(Failure) -> [StoredVerdict] {
        let last = min(height, parameters.lastHeight(of: epoch.advanced(by: parameters.settlementLag)))
        var found: [StoredVerdict] = []
        var next = parameters.firstHeight(of: epoch)
        while next <= last {
            let wanted = next
            found += try read { reader throws(StoreError) in try reader.verdicts(at: wanted) }
            next = next.next
        }
        return found.filter { parameters.epoch(of: $0.challenged) == epoch }
    }
}
