public import CairnBase
public import CairnWire

/// Who is there: found through records that their subjects signed, believed through answers, lost through silence.
///
/// It is SWIM with what Lifeguard adds, for a network whose members may lie. A record makes a node known; only what it
/// says itself makes it alive. Every member is probed in turn, again and again: a few direct tries, then through helpers
/// in other networks. When all fail it is suspect, which it hears from others and refutes with a newer record. Others'
/// suspicions only make us probe at once and shorten our own suspicion when they come from distinct networks; nobody is
/// declared dead whom we did not probe in vain ourselves. A node that keeps missing answers is probably slow itself, so
/// it grows more patient.
///
/// Up to `Limits.Membership.fullView` members everybody knows everybody, and digests make views equal. Above that a
/// node keeps a few neighbours it probes and a bounded random sample of the rest. All of it is a hint: nothing here
/// enters consensus or rewards.
public struct Membership: ProtocolCore {
    public typealias Input = MembershipInput
    public typealias Effect = MembershipEffect

    public internal(set) var counters = MembershipCounters()
    public internal(set) var members = OrderedMap<NodeID, Member>()
    public internal(set) var own: NodeRecord

    let settings: MembershipSettings
    let chain: ChainID
    /// What sequences are compared with.
    private let calendar: CalendarClock
    let started: Instant
    var random: SeededRandom

    var seeds: [Endpoint] = []
    // ORDER: looked up by number only.
    var byNumber: [UInt64: NodeID] = [:]
    var probes = OrderedMap<UInt32, Probe>()
    /// Probes that others asked us for.
    var errands = OrderedMap<UInt32, Errand>()
    var lastNumber: UInt32 = 0
    /// Whom to probe next; made anew and shuffled when it is empty.
    var round: [NodeID] = []
    /// How slow we seem to be ourselves: zero is well.
    var health: UInt64 = 0
    /// Those whose state is suspect: few, and looked through at every input.
    var suspects = OrderedSet<NodeID>()
    var news = News()
    var view = View()
    var banned = Banned()
    /// The same nodes by the names that messages use.
    var bannedNumbers = OrderedSet<UInt64>()
    var lastRefutation: Instant?

    var nextProbe = Instant.distantFuture
    var nextSpread = Instant.distantFuture
    var nextDigest = Instant.distantFuture
    var nextSeed = Instant.distantFuture
    var nextDeadProbe = Instant.distantFuture
    var seedPause = TimeSpan.milliseconds(500)
    private var timerAt = Instant.distantFuture

    public init(
        own: NodeRecord, chain: ChainID, unixMilliseconds: UInt64, random: SeededRandom,
        settings: MembershipSettings = MembershipSettings(), at now: Instant
    ) {
        self.own = own
        self.chain = chain
        self.random = random
        self.settings = settings
        calendar = CalendarClock(unixMilliseconds: unixMilliseconds, at: now)
        started = now
    }

    public var node: NodeID { own.node }

    public func count(_ state: Member.State) -> Int { members.reduce(0) { $0 + ($1.value.state == state ? 1 : 0) } }

    /// What this node holds as there, itself included: equal on nodes that agree.
    public var digest: ViewDigest {
        var digest = ViewDigest()
        digest.add(.init(member: node.shortNumber, sequence: own.content.sequence))
        for (_, member) in members where member.isPresent { digest.add(member.reference) }
        return digest
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .start(let seeds): start(seeds, at: now)
        case .introduced(let record, let endpoint):
            learn(record.value, at: endpoint, from: nil, now, into: &effects)
            if !members.contains(record.value.node) { effects.append(.forget(record.value.node)) }
        case .received(let message, let node, let endpoint):
            receive(message, from: node, at: endpoint, now, into: &effects)
        case .checked(let record, let node):
            learn(record.value, at: nil, from: node, now, into: &effects)
        case .banned(let banned): obey(banned, into: &effects)
        case .signed(let record):
            own = record
            news.add(.record(node), budget: budget)
            spreadSoon(now)
        case .timer:
            guard now >= timerAt else { break }
            timerAt = .distantFuture
            act(at: now, into: &effects)
        }
        armTimer(at: now, into: &effects)
    }

    private mutating func start(_ seeds: [Endpoint], at now: Instant) {
        self.seeds = seeds
        nextSeed = now
        nextProbe = now + jitter(settings.limits.probePeriod)
        nextDigest = now + jitter(settings.firstDigestPause)
        nextDeadProbe = now + settings.deadProbePause
    }

    /// Everything that is due.
    private mutating func act(at now: Instant, into effects: inout [Effect]) {
        if nextSeed <= now { askSeeds(at: now, into: &effects) }
        continueProbes(at: now, into: &effects)
        if nextProbe <= now { probeNext(at: now, into: &effects) }
        if nextDeadProbe <= now { probeDead(at: now, into: &effects) }
        endSuspicions(at: now, into: &effects)
        if nextDigest <= now { compareViews(at: now, into: &effects) }
        if nextSpread <= now { spread(at: now, into: &effects) }
    }

    private mutating func armTimer(at now: Instant, into effects: inout [Effect]) {
        var next = min(nextProbe, nextSpread, nextDigest, nextSeed, nextDeadProbe)
        for (_, probe) in probes { next = min(next, probe.nextTry) }
        for (_, errand) in errands { next = min(next, errand.deadline) }
        next = min(next, nextSuspicionEnd)
        guard next < timerAt else { return }
        timerAt = max(next, now)
        effects.append(.setTimer(at: timerAt))
    }

    mutating func jitter(_ span: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: random.below(span.nanoseconds)) }

    /// How often a piece of news is passed on by one node: enough to reach all of them.
    var budget: Int {
        var digits = 1
        var size = members.count + 1
        while size >= 10 {
            size /= 10
            digits += 1
        }
        return 4 * digits
    }
}

// MARK: - Records

extension Membership {
    private mutating func obey(_ banned: Banned, into effects: inout [Effect]) {
        self.banned = banned
        bannedNumbers = OrderedSet(banned.nodes.map(\.shortNumber))
        for (node, member) in members where banned.forbids(node, at: member.endpoint) {
            remove(node, into: &effects)
            effects.append(.changed(node, member.endpoint, .dead))
        }
    }

    /// Asks the configured addresses whose they are, until somebody alive is there.
    private mutating func askSeeds(at now: Instant, into effects: inout [Effect]) {
        var missing = false
        for seed in seeds where !members.contains(where: { $0.value.isPresent && $0.value.endpoint == seed }) {
            missing = true
            effects.append(.ask(seed))
        }
        nextSeed = seeds.isEmpty ? .distantFuture : now + seedPause + jitter(.milliseconds(100))
        seedPause = missing ? min(seedPause * 2, .seconds(15)) : .seconds(5)
    }

    /// Takes a record with a good signature. `endpoint` is where its subject was met in person; without one, `informant`
    /// passed it on.
    mutating func learn(
        _ record: NodeRecord, at endpoint: Endpoint?, from informant: NodeID?, _ now: Instant,
        into effects: inout [Effect]
    ) {
        guard record.node != node else { return outdo(record, now, into: &effects) }
        guard record.content.network == NodeRecord.Content.network(of: chain), isTimely(record, now),
            let place = endpoint ?? address(in: record, from: informant) ?? members[record.node]?.endpoint,
            !banned.forbids(record.node, at: place)
        else { return counters.refusedRecords += 1 }
        guard var member = members[record.node] else {
            guard makeRoom(for: record.node, into: &effects) else { return counters.refusedRecords += 1 }
            members[record.node] = Member(record, at: place)
            byNumber[record.node.shortNumber] = record.node
            effects.append(.contact(record.node, key: record.content.datagramKey, at: place))
            return verify(record.node, now, into: &effects)
        }
        let isNewer = record.content.sequence > member.sequence
        guard isNewer || endpoint != nil else { return }
        if isNewer {
            if record.content.datagramKey != member.record.content.datagramKey { member.relapses = 0 }
            member.record = record
            member.accusers.removeAll()
            news.add(.record(record.node), budget: budget)
            spreadSoon(now)
        }
        if endpoint != nil || !member.isPresent { member.endpoint = place }
        members[record.node] = member
        effects.append(.contact(record.node, key: member.record.content.datagramKey, at: member.endpoint))
        switch member.state {
        case .suspect: if isNewer { prove(record.node, at: nil, now, into: &effects) }
        case .known, .dead: verify(record.node, now, into: &effects)
        case .alive: break
        }
    }

    /// Somebody holds a newer record of ours than we do: of an earlier run with a clock ahead. Ours must be newer.
    private mutating func outdo(_ record: NodeRecord, _ now: Instant, into effects: inout [Effect]) {
        guard
            record.content.sequence > own.content.sequence
                || (record.content.sequence == own.content.sequence && record != own), isTimely(record, now)
        else { return }
        refute(atLeast: record.content.sequence, now, into: &effects)
    }

    func unixMilliseconds(_ now: Instant) -> UInt64 { calendar.milliseconds(at: now) }

    /// A sequence is a time. One far ahead would keep its subject from ever being newer.
    private func isTimely(_ record: NodeRecord, _ now: Instant) -> Bool {
        record.content.sequence <= unixMilliseconds(now) &+ settings.limits.clockAhead.milliseconds
    }

    /// The first address of a record that may be tried on somebody's word: nobody public sends us to private places.
    private func address(in record: NodeRecord, from informant: NodeID?) -> Endpoint? {
        let isPrivateWord = informant.flatMap { members[$0]?.endpoint.address.isPrivate } ?? false
        return record.content.addresses.first {
            $0.port != 0 && $0.address.isReachable && (isPrivateWord || !$0.address.isPrivate)
        }
    }

    /// The member is heard: whatever was doubted is settled.
    mutating func prove(_ node: NodeID, at endpoint: Endpoint?, _ now: Instant, into effects: inout [Effect]) {
        guard var member = members[node] else { return }
        let before = member.state
        member.lastProof = now
        member.state = .alive
        member.suspectedSince = nil
        _ = suspects.remove(node)
        member.accusers.removeAll()
        if let endpoint, endpoint != member.endpoint { member.endpoint = endpoint }
        members[node] = member
        guard before != .alive else { return }
        effects.append(.changed(node, member.endpoint, .alive))
        if before != .suspect {
            // Where nobody knows everybody it would be news to most, again and again, and each knows others that we do not.
            guard !view.isPartial else { return }
            news.add(.record(node), budget: budget)
            spreadSoon(now)
            // One that was not there before may know more than we do; it is asked now rather than in its turn.
            if now.since(started) < settings.firstDigests { effects.append(.send(.digest(digest), to: node)) }
        }
    }
}
