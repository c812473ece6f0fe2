public import CairnBase
public import CairnLedger
public import CairnWire

/// Transactions that wait for a block: bounded, each at most once, the best paid first.
///
/// Per sender they stand in nonce order, because only an unbroken run from the account's nonce can execute. Within that,
/// a block takes whoever pays most, and of two that pay the same the older. A full pool gives up its worst paid tail
/// for a better one, never the middle of a run. What was in a lost proposal never left, so nothing has to be put back.
public struct TransactionPool: Sendable {
    public struct Entry: Sendable {
        public let transaction: Verified<Transaction>
        public let id: Digest
        public let byteCount: Int
        let rank: Rank
    }

    /// What decides between two transactions: the fee, then age. The greater goes first.
    struct Rank: Comparable, Sendable {
        let fee: Amount
        let arrival: UInt64

        static func < (left: Rank, right: Rank) -> Bool {
            left.fee != right.fee ? left.fee < right.fee : left.arrival > right.arrival
        }
    }

    /// What the pool says to a transaction.
    public enum Answer: UInt8, Sendable, CaseIterable {
        case accepted
        /// Took the place of one with the same nonce that pays less.
        case replaced
        case known
        case expired
        /// The account owns nothing yet.
        case unknownSender
        /// It holds no shard of the object that it speaks of.
        case notAHolder
        /// What it says of the object is known.
        case nothingNew
        /// Another key speaks for the account.
        case wrongKey
        case feeTooLow
        /// The account does not own the fees of all that waits for it.
        case unpayable
        /// The account is past this nonce.
        case stale
        /// Too far ahead of what the account can execute.
        case farAhead
        /// Another one with this nonce pays nearly as much, or more.
        case underpriced
        /// Everything that waits pays as much or more.
        case full

        public var isAccepted: Bool { self == .accepted || self == .replaced }
    }

    /// How much more a replacement must pay, in parts per million: else one fee would pay for any number of messages.
    static let replacementBump: UInt64 = 100_000

    private let limits: Limits.Ledger
    private var queues = OrderedMap<AccountID, SenderQueue>()
    /// The last transaction of every sender: what a full pool may give up.
    private var tails = OrderedMap<Rank, AccountID>()
    /// Where each one waits.
    private var places = OrderedMap<Digest, (sender: AccountID, nonce: UInt64)>()
    private var arrivals: UInt64 = 0
    public private(set) var byteCount = 0
    public private(set) var evicted: UInt64 = 0

    public init(limits: Limits.Ledger = Limits.Ledger()) {
        self.limits = limits
    }

    public var count: Int { places.count }

    public func contains(_ id: Digest) -> Bool { places.contains(id) }

    /// Offers a transaction. `sender` is what the state says of its account, `head` the newest committed height.
    public mutating func insert(
        _ transaction: Verified<Transaction>, id: Digest, byteCount size: Int, sender: SenderState, head: Height
    ) -> Answer {
        let (value, nonce) = (transaction.value, sender.nonce)
        guard !contains(id) else { return .known }
        guard value.expiry > head else { return .expired }
        if let objection = sender.objection(to: transaction, after: head) { return objection }
        guard value.nonce >= nonce else { return .stale }
        guard value.nonce - nonce < UInt64(limits.poolTransactionsPerSender) else { return .farAhead }
        change(value.sender, startingAt: nonce) { queue, removed in removed = queue.advance(to: nonce) }

        let previous = queues[value.sender]?[value.nonce]
        if let previous, !pays(value.fee, toReplace: previous.rank.fee) { return .underpriced }
        // Each word of a holder is news once: what repeats it would fill the block above.
        if value.action.isOfHolder, queues[value.sender]?.says(value.action, beside: value.nonce) == true {
            return .nothingNew
        }
        let others = queues[value.sender]?.fees(except: value.nonce) ?? .zero
        guard let fees = others.adding(value.fee), sender.canPay(fees, for: value.action) else { return .unpayable }
        let entry = Entry(
            transaction: transaction, id: id, byteCount: size, rank: Rank(fee: value.fee, arrival: arrivals))
        guard makeRoom(for: entry, inPlaceOf: previous) else { return .full }
        arrivals += 1
        change(value.sender, startingAt: nonce) { queue, removed in
            if let previous { removed = [previous] }
            queue.insert(entry)
        }
        places[id] = (value.sender, value.nonce)
        byteCount += size
        return previous == nil ? .accepted : .replaced
    }

    /// What waits under an account and nonce, whatever its signature.
    public subscript(account: AccountID, nonce: UInt64) -> Entry? { queues[account]?[nonce] }

    /// Those that have waited longest, at most `limit` of them.
    public func oldest(_ limit: Int) -> [Entry] {
        let entries = queues.flatMap { $0.value.all }
        return Array(entries.sorted { $0.rank.arrival < $1.rank.arrival }.prefix(limit))
    }

    /// The first nonce that a new transaction of an account can take, after the unbroken run that waits.
    public func nextNonce(of account: AccountID, from nonce: UInt64) -> UInt64 {
        var next = nonce
        while next < .max, queues[account]?[next] != nil { next += 1 }
        return next
    }

    /// What the next block should carry: the best paid that can execute, within a size, of which every transaction takes
    /// `overhead` beside its own bytes. `pending` are on their way in the blocks below: they count as executed.
    public func select(
        byteLimit: Int, overhead: Int = 0, countLimit: Int, head: Height, excluding pending: OrderedSet<Digest> = []
    ) -> [Entry] {
        var heads = OrderedMap<Rank, Entry>()
        func offer(_ entry: Entry?) {
            if let entry, entry.transaction.value.expiry > head { heads[entry.rank] = entry }
        }
        for (_, queue) in queues { offer(queue[queue.nonce]) }
        var chosen: [Entry] = []
        var left = byteLimit
        while chosen.count < countLimit, let best = heads.popLast()?.value {
            if !pending.contains(best.id) {
                guard best.byteCount + overhead <= left else { continue }
                left -= best.byteCount + overhead
                chosen.append(best)
            }
            let (next, overflow) = best.transaction.value.nonce.addingReportingOverflow(1)
            if !overflow { offer(queues[best.transaction.value.sender]?[next]) }
        }
        return chosen
    }

    /// Forgets what a committed block has settled: `nonces` are those of the accounts it touched. What it `refused` paid
    /// nothing and would fill the next block in the same way.
    public mutating func settle(
        _ nonces: [(account: AccountID, nonce: UInt64)], refused: [Digest] = [], head: Height
    ) {
        for place in refused.compactMap({ places[$0] }) {
            change(place.sender, startingAt: place.nonce) { queue, removed in
                if let entry = queue.remove(place.nonce) { removed = [entry] }
            }
        }
        for (account, nonce) in nonces where queues.contains(account) {
            change(account, startingAt: nonce) { queue, removed in removed = queue.advance(to: nonce) }
        }
        for account in queues.map(\.key) {
            change(account, startingAt: 0) { queue, removed in removed = queue.removeExpired(at: head) }
        }
    }

    private func pays(_ fee: Amount, toReplace old: Amount) -> Bool {
        guard fee > old, let needed = old.adding(old.share(ppm: Self.replacementBump)) else { return false }
        return fee >= needed
    }

    /// Gives up worse paid tails until `entry` fits. False when it is itself the worst.
    private mutating func makeRoom(for entry: Entry, inPlaceOf previous: Entry?) -> Bool {
        let freed = previous?.byteCount ?? 0
        let added = previous == nil ? 1 : 0
        while byteCount - freed + entry.byteCount > limits.poolBytes || count + added > limits.poolTransactions {
            guard let worst = tails.first, worst.key < entry.rank, worst.key != previous?.rank,
                worst.value != entry.transaction.value.sender
            else { return false }
            change(worst.value, startingAt: 0) { queue, removed in
                if let last = queue.removeLast() { removed = [last] }
            }
            evicted += 1
        }
        return true
    }

    /// Changes one sender's queue and keeps the index of tails, the ids and the size in step with it.
    private mutating func change(
        _ sender: AccountID, startingAt nonce: UInt64, _ body: (inout SenderQueue, _ removed: inout [Entry]) -> Void
    ) {
        var queue = queues[sender] ?? SenderQueue(nonce: nonce)
        if let tail = queue.last { tails[tail.rank] = nil }
        var removed: [Entry] = []
        body(&queue, &removed)
        for entry in removed {
            places[entry.id] = nil
            byteCount -= entry.byteCount
        }
        if let tail = queue.last { tails[tail.rank] = sender }
        queues[sender] = queue.count == 0 ? nil : queue
    }
}
