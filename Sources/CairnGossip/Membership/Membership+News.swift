internal import CairnBase
internal import CairnWire

/// What a node still wants to pass on, and how often. What was told least goes first.
struct News: Sendable {
    enum Item: Sendable, Hashable {
        /// The present record of a node, ours or a member's.
        case record(NodeID)
        case suspicion(MembershipMessage.Suspicion)
    }

    private static let limit = 256
    private var items: [(item: Item, left: Int)] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func add(_ item: Item, budget: Int) {
        if let index = items.firstIndex(where: { $0.item == item }) {
            items[index].left = max(items[index].left, budget)
            return
        }
        if items.count >= Self.limit { items.removeFirst() }
        items.append((item, budget))
    }

    /// The items told least so far, at most `count`; each has one telling less left.
    mutating func take(_ count: Int) -> [Item] {
        let chosen = items.indices.sorted { items[$0].left > items[$1].left }.prefix(count)
        let taken = chosen.map { items[$0].item }
        for index in chosen { items[index].left -= 1 }
        items.removeAll { $0.left <= 0 }
        return taken
    }
}

extension Membership {
    /// Together with a ping they still fit one datagram.
    private static var newsPerDatagram: Int { 4 }

    mutating func spreadSoon(_ now: Instant) {
        nextSpread = min(nextSpread, now + jitter(.milliseconds(20)))
    }

    /// Tells a few members at random what is new, until it was told often enough.
    mutating func spread(at now: Instant, into effects: inout [Effect]) {
        let alive = members.compactMap { $0.value.state == .alive ? $0.key : nil }
        guard !alive.isEmpty else {
            nextSpread = .distantFuture
            return
        }
        for _ in 0..<settings.fanOut where !news.isEmpty {
            tellNews(to: alive[Int(random.below(UInt64(alive.count)))], into: &effects)
        }
        nextSpread = news.isEmpty ? .distantFuture : now + settings.spreadPause
    }

    mutating func tellNews(to target: NodeID, into effects: inout [Effect]) {
        guard !news.isEmpty else { return }
        for item in news.take(Self.newsPerDatagram) {
            switch item {
            case .record(let subject):
                guard subject != target, let record = subject == node ? own : presentRecord(of: subject) else {
                    continue
                }
                effects.append(.send(.record(record), to: target))
            case .suspicion(let suspicion): effects.append(.send(.suspicion(suspicion), to: target))
            }
        }
    }

    /// Only what is there is passed on.
    func presentRecord(of node: NodeID) -> NodeRecord? {
        members[node].flatMap { $0.isPresent ? $0.record : nil }
    }
}
