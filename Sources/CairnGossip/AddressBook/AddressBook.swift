public import CairnBase

/// Where peers listen: heard of, reached, and kept over restarts, so that nobody who tells us many addresses decides whom
/// we know.
///
/// Two tables of buckets, after Bitcoin's. In that of *new* addresses the bucket follows from the district of who told and
/// that of the address: one informant's district fills at most a sixteenth of it, whatever it says. Only what proved its key
/// at its address enters the table of *tried* ones, where a district has eight buckets; whoever holds a place there is tried again
/// before it goes to another. Every two minutes one of the new is tried, so that the tried are many. When fewer peers are
/// connected than we want, others are tried, each from another district. The two that were connected longest are anchors:
/// after a restart they come first, so that a restart is no chance to surround us.
///
/// Where an address stands follows from a secret. All of it is a hint about whom to dial.
public struct AddressBook<Hash: HashFunction>: ProtocolCore {
    public typealias Input = AddressBookInput
    public typealias Effect = AddressBookEffect

    public internal(set) var counters = AddressBookCounters()
    public internal(set) var entries = OrderedMap<NodeID, AddressEntry>()
    /// Whom a restart begins with.
    public internal(set) var anchors: [NodeID] = []

    let node: NodeID
    let secret: Bytes32
    let settings: AddressBookSettings
    let hash: Hash
    private let calendar: CalendarClock
    var random: SeededRandom

    var fresh = OrderedMap<AddressEntry.Place, NodeID>()
    var tried = OrderedMap<AddressEntry.Place, NodeID>()
    /// Newcomers to a place of the tried that another holds, and since when.
    var contests = OrderedMap<NodeID, UInt64>()
    /// Tries under way, and when they are given up.
    var pending = OrderedMap<NodeID, Instant>()
    var connected = OrderedMap<NodeID, Connected>()
    var banned = Banned()
    var allowances = OrderedMap<NodeID, Allowance>()

    var nextCandidate = Instant.distantFuture
    var nextFeeler = Instant.distantFuture
    var nextSave = Instant.distantFuture
    private var timerAt = Instant.distantFuture

    struct Connected: Sendable {
        let endpoint: Endpoint
        let isOutbound: Bool
        let since: Instant
    }

    /// A book with nothing in it. `secret` is drawn once and stays the book's.
    public init(
        of node: NodeID, secret: Bytes32, unixMilliseconds: UInt64, random: SeededRandom, using hash: Hash,
        settings: AddressBookSettings = AddressBookSettings(), at now: Instant
    ) {
        self.node = node
        self.secret = secret
        self.hash = hash
        self.random = random
        self.settings = settings
        calendar = CalendarClock(unixMilliseconds: unixMilliseconds, at: now)
    }

    public var triedCount: Int { tried.count }
    public var newCount: Int { entries.count - tried.count }
    public var contestCount: Int { contests.count }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .start: start(at: now, into: &effects)
        case .learned(let node, let endpoint, let informant, let source):
            learn(node, at: endpoint, from: informant, source, now)
        case .listed(let node, let endpoint, let name): learn(node, at: endpoint, from: name, now)
        case .reached(let node, let endpoint): reach(node, at: endpoint, now)
        case .failed(let node): fail(node, now)
        case .joined(let node, let endpoint, let isOutbound): join(node, at: endpoint, isOutbound, now)
        // What it may still tell outlives it: whoever comes back is owed no more for that.
        case .left(let node): connected[node] = nil
        case .banned(let banned): obey(banned, now)
        case .timer: if now >= timerAt { timerAt = .distantFuture }
        }
        act(at: now, into: &effects)
        armTimer(into: &effects)
    }

    private mutating func start(at now: Instant, into effects: inout [Effect]) {
        nextCandidate = now + settings.candidatePause
        nextFeeler = now + pace(settings.feelerPause)
        for anchor in anchors { attempt(anchor, now, into: &effects) }
    }

    private mutating func join(_ node: NodeID, at endpoint: Endpoint, _ isOutbound: Bool, _ now: Instant) {
        connected[node] = Connected(endpoint: endpoint, isOutbound: isOutbound, since: now)
        guard isOutbound else { return }
        reach(node, at: endpoint, now)
        chooseAnchors(now)
    }

    /// Everything that is due.
    private mutating func act(at now: Instant, into effects: inout [Effect]) {
        pending.removeAll { $1 <= now }
        resolveContests(now)
        if nextCandidate <= now { seekCandidate(now, into: &effects) }
        if nextFeeler <= now { feel(now, into: &effects) }
        if nextSave <= now {
            nextSave = .distantFuture
            effects.append(.save)
        }
    }

    private mutating func armTimer(into effects: inout [Effect]) {
        let next = min(nextCandidate, nextFeeler, nextSave)
        guard next < timerAt else { return }
        timerAt = next
        effects.append(.setTimer(at: next))
    }

    mutating func attempt(_ node: NodeID, _ now: Instant, into effects: inout [Effect]) {
        guard let entry = entries[node], connected[node] == nil, !banned.forbids(entry.endpoint) else { return }
        let time = unix(now)
        entries.mutate(node) { $0.lastTry = time }
        pending[node] = now + settings.tryTime
        counters.tries += 1
        effects.append(.reach(node, at: entry.endpoint))
    }

    func unix(_ now: Instant) -> UInt64 { calendar.seconds(at: now) }

    /// About the span, and never twice the same.
    mutating func pace(_ span: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: span.nanoseconds / 2) + TimeSpan(nanoseconds: random.below(span.nanoseconds))
    }

    mutating func saveSoon(_ now: Instant, isUrgent: Bool = false) {
        nextSave = min(nextSave, now + (isUrgent ? settings.urgentSavePause : settings.savePause))
    }
}
