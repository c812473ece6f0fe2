internal import CairnBase

/// How many requests each client address has left: so many at once, and so many more every second.
struct ClientBudget {
    private struct Account {
        var left: UInt64
        var since: Instant
    }

    private let limits: Limits.Interface
    // ORDER: asked by address; forgetting looks at all of them alike.
    private var accounts: [IPAddress: Account] = [:]

    init(_ limits: Limits.Interface) {
        self.limits = limits
    }

    /// Takes one request off a client's budget; false when it has none left.
    mutating func take(from client: IPAddress, at now: Instant) -> Bool {
        if accounts[client] == nil, accounts.count >= limits.clients {
            // Who has all of its budget is as good as new.
            accounts = accounts.filter { refilled($0.value, at: now).left < limits.requestsAtOnce }
            guard accounts.count < limits.clients else { return false }
        }
        var account = refilled(accounts[client] ?? Account(left: limits.requestsAtOnce, since: now), at: now)
        defer { accounts[client] = account }
        guard account.left > 0 else { return false }
        account.left -= 1
        return true
    }

    private func refilled(_ account: Account, at now: Instant) -> Account {
        let seconds = now.since(account.since).nanoseconds
        let (product, overflow) = seconds.multipliedReportingOverflow(by: limits.requestsPerSecond)
        let earned = overflow ? limits.requestsAtOnce : product / 1_000_000_000
        // Parts of a request that were earned are not lost.
        guard earned > 0 else { return account }
        return Account(left: min(limits.requestsAtOnce, account.left + min(earned, limits.requestsAtOnce)), since: now)
    }
}
