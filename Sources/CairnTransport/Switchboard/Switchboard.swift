public import CairnBase

/// Which connections a node has: who may come in, who is dialled and when, which of two connections with one peer stays,
/// and who keeps a slot when they run out.
///
/// A link is `opening` until the other end has proved its key, `introducing` until it has said hello, and then a `member`
/// of our network or a `stranger`: some libp2p node that may identify us, ping and listen, in a few slots of its own.
/// There is at most one link with a peer; `current` says which. A link that is told to close no longer counts.
public struct Switchboard: ProtocolCore {
    public enum Phase: String, Sendable, CaseIterable { case opening, introducing, stranger, member }

    struct Link: Sendable {
        let endpoint: Endpoint
        /// The peer that was dialled; nil for an arrival.
        let dialled: NodeID?
        let isConfigured: Bool
        /// Dialled only to see who is there: it holds no slot until it is of use.
        var isProbe = false
        /// Dialled to ask something: it holds no slot while that lasts.
        var isVisit = false
        var phase = Phase.opening
        var peer: NodeID?
        /// When the peer proved its key.
        var since: Instant
        var merit = Merit()
        var parting: Parting?

        var isInbound: Bool { dialled == nil }
        var counts: Bool { parting == nil }
    }

    struct Target: Sendable {
        var endpoint: Endpoint
        var isConfigured: Bool
        var failures: UInt64 = 0
        var next: Instant
        var link: LinkID?
    }

    public let node: NodeID
    let limits: Limits.Connections
    var random: SeededRandom
    var rates: ArrivalRates
    var links = OrderedMap<LinkID, Link>()
    var current = OrderedMap<NodeID, LinkID>()
    var targets: BoundedMap<NodeID, Target>
    var banned = Banned()
    /// When another of those nobody configured may be dialled, and when one of them goes.
    var nextChoice = Instant.origin
    var nextRotation = Instant.distantFuture
    private var lastLink: UInt64 = 0
    private var timerAt = Instant.distantFuture
    private(set) var isStopping = false

    public init(_ node: NodeID, limits: Limits.Connections, random: SeededRandom) {
        self.node = node
        self.limits = limits
        self.random = random
        rates = ArrivalRates(limits: limits)
        targets = BoundedMap(capacity: limits.wanted, overflow: .refuseNewest)
    }

    /// The name of a connection that begins now.
    public mutating func newLink() -> LinkID {
        lastLink += 1
        return LinkID(lastLink)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .keep(let address, let isConfigured): keep(address, isConfigured: isConfigured, at: now)
        case .probe(let address): probe(address, at: now, into: &effects)
        case .visit(let address): visit(address, at: now, into: &effects)
        case .leave(let node): leave(node, into: &effects)
        case .forget(let node): targets.removeValue(forKey: node)
        case .arrived(let id, let endpoint): admit(id, from: endpoint, at: now, into: &effects)
        case .established(let id, let peer): establish(id, peer, at: now, into: &effects)
        case .introduced(let id): introduce(id, into: &effects)
        case .strange(let id): estrange(id, into: &effects)
        case .measured(let id, let merit): links.mutate(id) { $0.merit = merit }
        case .banned(let banned): obey(banned, into: &effects)
        case .ended(let id, let ending): end(id, ending, at: now, into: &effects)
        case .timer:
            // An earlier one that was outdone comes too, and must not have another set.
            if now >= timerAt { timerAt = .distantFuture }
            giveUpIntroductions(at: now, into: &effects)
        case .stop:
            isStopping = true
            targets.removeAll()
        }
        dialWhatIsDue(at: now, into: &effects)
        setTimer(at: now, into: &effects)
    }

    public func phase(of link: LinkID) -> Phase? { links[link]?.phase }

    /// The peer that a link was dialled to; nil for an arrival.
    public func dialled(by link: LinkID) -> NodeID? { links[link]?.dialled }

    /// True while a peer is dialled that is not connected.
    public func isDialling(_ node: NodeID) -> Bool {
        current[node] == nil && links.contains { $0.value.counts && !$0.value.isInbound && $0.value.dialled == node }
    }

    /// When a wanted peer will be tried again, and how often that failed since it was last there.
    public func nextTry(of node: NodeID) -> (at: Instant, failures: UInt64)? {
        targets[node].map { ($0.next, $0.failures) }
    }

    /// The peers that are wanted, with where they are looked for.
    public var wanted: [PeerAddress] { targets.entries.map { PeerAddress($0.key, at: $0.value.endpoint) } }

    /// Whoever is banned goes, and is not dialled.
    private mutating func obey(_ banned: Banned, into effects: inout [Effect]) {
        self.banned = banned
        targets.removeAll { banned.forbids($0, at: $1.endpoint) }
        for (id, link) in links where link.counts {
            let isBanned = (link.peer ?? link.dialled).map { banned.forbids($0) } ?? false
            if isBanned || banned.forbids(link.endpoint) { close(id, .banned, into: &effects) }
        }
    }

    /// Ends a link: from here on it holds no slot, and its peer is not connected through it.
    mutating func close(_ id: LinkID, _ parting: Parting, into effects: inout [Effect]) {
        guard let link = links[id], link.counts else { return }
        links.mutate(id) { $0.parting = parting }
        release(id, link, into: &effects)
        effects.append(.close(id, parting))
    }

    /// The link is no longer the one to its peer.
    private mutating func release(_ id: LinkID, _ link: Link, into effects: inout [Effect]) {
        guard let peer = link.peer, current[peer] == id else { return }
        current[peer] = nil
        if link.phase == .member { effects.append(.disconnected(peer)) }
    }

    private mutating func end(_ id: LinkID, _ ending: Ending, at now: Instant, into effects: inout [Effect]) {
        guard let link = links.removeValue(forKey: id) else { return }
        if link.counts { release(id, link, into: &effects) }
        if let node = link.dialled ?? link.peer { scheduleAgain(node, id, link, ending, at: now) }
    }

    private mutating func setTimer(at now: Instant, into effects: inout [Effect]) {
        let next = min(nextDial(after: now), nextIntroduction)
        guard next < timerAt else { return }
        timerAt = next
        effects.append(.setTimer(next))
    }
}
