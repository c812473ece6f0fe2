internal import CairnBase

/// How many requests each client has left: so many at once, and so many more every second.
struct ClientBudget<Client: Hashable> {
    private struct Account {
        var left: UInt64
        var since: Instant
    }

    private let atOnce: UInt64
    private let perSecond: UInt64
    private let clients: Int
    // ORDER: asked by client; forgetting looks at all of them alike.
    private var accounts: [Client: Account] = [:]

    /// - Parameter clients: how many are told apart; one more is refused while all of them ask.
    init(atOnce: UInt64, perSecond: UInt64, clients: Int) {
        self.atOnce = atOnce
        self.perSecond = perSecond
        self.clients = clients
    }

    /// Takes one request off a client's budget; false when it has none left.
    mutating func take(from client: Client, at now: Instant) -> Bool {
        if accounts[client] == nil, accounts.count >= clients {
            // Who has all of its budget is as good as new.
            accounts = accounts.filter { refilled($0.value, at: now).left < atOnce }
            guard accounts.count < clients else { return false }
        }
        var account = refilled(accounts[client] ?? Account(left: atOnce, since: now), at: now)
        defer { accounts[client] = account }
        guard account.left > 0 else { return false }
        account.left -= 1
        return true
    }

    private func refilled(_ account: Account, at now: Instant) -> Account {
        let seconds = now.since(account.since).nanoseconds
        let (product, overflow) = seconds.multipliedReportingOverflow(by: perSecond)
        let earned = overflow ? atOnce : product / 1_000_000_000
        // Parts of a request that were earned are not lost.
        guard earned > 0 else { return account }
        return Account(left: min(atOnce, account.left + min(earned, atOnce)), since: now)
    }
}
