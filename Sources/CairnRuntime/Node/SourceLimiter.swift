internal import CairnBase

/// How many datagrams per second are looked at, per address and for all strangers together.
///
/// Checking a signature costs a hundred times what sending one costs an attacker, so the count comes first. Windows of
/// one second; a bounded number of addresses is told apart, the others share one allowance.
struct SourceLimiter {
    private let limits: Limits.Datagrams
    private var counts: [IPAddress: Int] = [:]
    private var others = 0
    private var windowEnd = Instant.origin

    static let addresses = 4_096

    init(limits: Limits.Datagrams) {
        self.limits = limits
    }

    mutating func admits(_ address: IPAddress, isKnown: Bool, at now: Instant) -> Bool {
        if now >= windowEnd {
            counts.removeAll(keepingCapacity: true)
            others = 0
            windowEnd = now + .seconds(1)
        }
        let allowance = isKnown ? limits.perSecondFromKnown : limits.perSecondFromUnknown
        if counts[address] != nil || counts.count < Self.addresses {
            counts[address, default: 0] += 1
            return counts[address, default: 0] <= allowance
        }
        others += 1
        return others <= allowance
    }
}
