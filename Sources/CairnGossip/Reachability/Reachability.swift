public import CairnBase
public import CairnWire

/// Where this node is seen, and whether others can dial it there.
///
/// Peers that this node dialled say from which address they see it come. Enough of them, in enough networks of operators, are
/// believed. Then three members, again and again, are asked to dial that address, each of another district where there are
/// such; what they found is signed, and most of them decide. A single word, true or not, decides nothing about a
/// public address.
public struct Reachability: ProtocolCore {
    public typealias Input = ReachabilityInput
    public typealias Effect = ReachabilityEffect

    public enum State: String, Sendable, CaseIterable {
        case reachable, unreachable, unknown
    }

    struct Peer: Sendable {
        let address: IPAddress
        let isOutbound: Bool
        var observed: IPAddress?
    }

    /// One question to several members.
    struct Round: Sendable {
        let nonce: Bytes32
        let endpoint: Endpoint
        /// Who was asked and owes an answer, and until when.
        var waiting = OrderedMap<NodeID, Instant>()
        var asked = OrderedSet<NodeID>()
        var results: [Verified<DialBackResult>] = []
    }

    public private(set) var state = State.unknown
    public internal(set) var counters = ReachabilityCounters()
    /// The newest round that came to something.
    public private(set) var results: [DialBackResult] = []
    public private(set) var decidedAt: Instant?

    public let node: NodeID
    let listening: Endpoint
    let settings: ReachabilitySettings
    private let calendar: CalendarClock
    private var random: SeededRandom
    var peers = OrderedMap<NodeID, Peer>()
    /// What a router gave this node; what peers see counts for more than what it says its address is.
    var mapped: Endpoint?
    private var round: Round?
    private var lastBegan: Instant?
    private var due = Instant.distantFuture
    private var timerAt = Instant.distantFuture

    public init(
        of node: NodeID, listening: Endpoint, unixMilliseconds: UInt64, random: SeededRandom,
        settings: ReachabilitySettings = ReachabilitySettings(), at now: Instant
    ) {
        self.node = node
        self.listening = listening
        self.random = random
        self.settings = settings
        calendar = CalendarClock(unixMilliseconds: unixMilliseconds, at: now)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        let before = dialled
        switch input {
        case .joined(let peer, let address, let isOutbound): join(peer, address, isOutbound, now)
        case .left(let peer):
            peers[peer] = nil
            if round?.waiting.removeValue(forKey: peer) != nil { counters.failed += 1 }
        case .observed(let address, let peer):
            if address.isReachable { peers.mutate(peer) { $0.observed = address } }
        case .mapped(let endpoint): mapped = endpoint
        case .answered(let result, let peer): take(result, from: peer, at: now)
        case .failed(let peer):
            if round?.waiting.removeValue(forKey: peer) != nil { counters.failed += 1 }
        case .timer: if now >= timerAt { timerAt = .distantFuture }
        }
        if dialled != before { moved(now, into: &effects) }
        act(at: now, into: &effects)
    }

    // MARK: - Rounds

    private mutating func join(_ peer: NodeID, _ address: IPAddress, _ isOutbound: Bool, _ now: Instant) {
        guard peers[peer] != nil || peers.count < settings.members else { return counters.dropped += 1 }
        peers[peer] = Peer(address: address, isOutbound: isOutbound, observed: nil)
        // Too few have spoken so far; one more may be enough.
        if results.count < settings.wanted || (round == nil && due == .distantFuture) { hurry(now) }
    }

    /// Another address: nothing is known about it.
    private mutating func moved(_ now: Instant, into effects: inout [Effect]) {
        round = nil
        results = []
        decidedAt = nil
        become(.unknown, into: &effects)
        hurry(now)
    }

    private mutating func hurry(_ now: Instant) {
        let earliest = lastBegan.map { $0 + settings.shortest } ?? now
        due = min(due, max(now + settings.settling, earliest))
    }

    private mutating func act(at now: Instant, into effects: inout [Effect]) {
        let late = round?.waiting.filter { $0.value <= now }.map(\.key) ?? []
        for peer in late {
            round?.waiting[peer] = nil
            counters.failed += 1
        }
        if round == nil, now >= due { begin(now) }
        askMore(now, into: &effects)
        if let open = round, open.waiting.isEmpty { conclude(open, now, into: &effects) }
        arm(into: &effects)
    }

    private mutating func begin(_ now: Instant) {
        due = .distantFuture
        guard let endpoint = dialled, !peers.isEmpty else { return }
        lastBegan = now
        round = Round(nonce: nonce(), endpoint: endpoint)
    }

    /// So many numbers that nobody can have asked to sign them before.
    private mutating func nonce() -> Bytes32 {
        Bytes32((0..<32).map { _ in UInt8(random.below(256)) }) ?? .zero
    }

    private mutating func askMore(_ now: Instant, into effects: inout [Effect]) {
        while let open = round, open.waiting.count + open.results.count < settings.wanted,
            open.asked.count < settings.tries, let peer = choose(beside: open)
        {
            round?.asked.insert(peer)
            round?.waiting[peer] = now + settings.answerTime
            counters.asked += 1
            effects.append(.ask(peer, DialBackQuestion(nonce: open.nonce, endpoint: open.endpoint)))
        }
    }

    /// Those that this node chose itself go first, and of them those of districts that were not asked.
    private mutating func choose(beside open: Round) -> NodeID? {
        let districts = open.asked.compactMap { peers[$0]?.address.district }
        func rank(_ peer: Peer) -> Int {
            (districts.contains(peer.address.district) ? 2 : 0) + (peer.isOutbound ? 0 : 1)
        }
        let candidates = peers.filter { !open.asked.contains($0.key) }
        guard let best = candidates.map({ rank($0.value) }).min() else { return nil }
        let equal = candidates.filter { rank($0.value) == best }
        return equal[Int(random.below(UInt64(equal.count)))].key
    }

    private mutating func take(_ result: Verified<DialBackResult>, from peer: NodeID, at now: Instant) {
        let content = result.value.content
        let clock = calendar.seconds(at: now)
        let allowed = settings.clockDifference.milliseconds / 1_000
        guard let open = round, open.waiting[peer] != nil, content.dialler == peer, result.signer == peer.key,
            content.asker == node, content.nonce == open.nonce, content.endpoint == open.endpoint,
            max(content.time, clock) - min(content.time, clock) <= allowed
        else {
            round?.waiting[peer] = nil
            return counters.strange += 1
        }
        round?.waiting[peer] = nil
        round?.results.append(result)
        if content.outcome == .reached { counters.reached += 1 } else { counters.unreached += 1 }
    }

    private mutating func conclude(_ open: Round, _ now: Instant, into effects: inout [Effect]) {
        round = nil
        let yes = open.results.count { $0.value.content.outcome == .reached }
        let no = open.results.count - yes
        let quorum = open.endpoint.address.isPrivate ? settings.privateQuorum : settings.quorum
        let next: State = yes >= quorum && yes > no ? .reachable : no >= quorum && no > yes ? .unreachable : .unknown
        // Silence takes back what was known only when it lasts: a round without any word says nothing.
        let pause = next == .unknown ? settings.whileUnknown : settings.between
        due = min(due, now + pause + TimeSpan(nanoseconds: random.below(pause.nanoseconds / 4)))
        guard !open.results.isEmpty || isStale(now) else { return }
        results = open.results.map(\.value)
        decidedAt = now
        become(next, into: &effects)
    }

    private func isStale(_ now: Instant) -> Bool {
        decidedAt.map { now.since($0) > settings.between * 2 } ?? false
    }

    private mutating func become(_ next: State, into effects: inout [Effect]) {
        guard next != state else { return }
        state = next
        effects.append(.changed(next, dialled))
    }

    private mutating func arm(into effects: inout [Effect]) {
        let answers = round?.waiting.map(\.value).min() ?? .distantFuture
        let next = min(answers, round == nil ? due : .distantFuture)
        guard next < timerAt else { return }
        timerAt = next
        effects.append(.setTimer(at: next))
    }
}
