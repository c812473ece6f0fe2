import CairnBase

/// How much of the chain's past each peer is given: a budget that refills with time, so that answering is never what a
/// node spends its disk and its links on.
struct ServingAllowance: Sendable {
    /// What may be taken at once, and what comes back in a second.
    static let burst: UInt64 = 256
    static let perSecond: UInt64 = 128

    private struct Budget: Sendable {
        var left: UInt64
        var since: Instant
    }

    private var budgets = OrderedMap<NodeID, Budget>()
    /// Requests that were not answered.
    private(set) var refused: UInt64 = 0

    /// Whether a request is answered now.
    mutating func take(_ request: HistoryRequest, by peer: NodeID, at now: Instant) -> Bool {
        var budget = budgets[peer] ?? Budget(left: Self.burst, since: now)
        let nanosecondsEach = 1_000_000_000 / Self.perSecond
        let refill = now.since(budget.since).nanoseconds / nanosecondsEach
        if refill > 0 {
            budget.left = min(Self.burst, budget.left + min(refill, Self.burst))
            budget.since = now
        }
        let isAllowed = budget.left >= request.cost
        if isAllowed { budget.left -= request.cost } else { refused += 1 }
        budgets[peer] = budget
        return isAllowed
    }

    mutating func forget(_ peer: NodeID) { budgets.removeValue(forKey: peer) }
}

extension HistoryRequest {
    /// By what an answer may weigh, in quarters of a mebibyte.
    fileprivate var cost: UInt64 {
        switch self {
        case .block, .headers, .receipts: 1
        case .handoffs, .payloads, .snapshot, .chunk: 2
        }
    }
}
