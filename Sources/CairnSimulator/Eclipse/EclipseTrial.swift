public import CairnBase
import CairnGossip
import CairnTransport
import CairnWire

/// A newcomer among liars who want to be all it knows: real membership, address book and connections over links with delay.
///
/// Half of the two addresses it begins with, and as many machines as the setting says, are hostile. Each machine answers
/// under many names, tells everybody of its own kind only, vouches for it, denies the honest, accepts whoever dials it and
/// dials the newcomer with all it has. The honest network has stood for a while, under the same flood.
public struct EclipseTrial {
    public struct Setting: Sendable {
        public var honest: Int
        public var machines: Int
        public var namesPerMachine = 10
        public var seed: UInt64 = 1
        public var before = TimeSpan.seconds(20)
        public var watched = TimeSpan.seconds(120)

        public init(honest: Int, machines: Int) {
            self.honest = honest
            self.machines = machines
        }
    }

    public struct Outcome: Sendable, Equatable {
        /// Of the newcomer, at the end: peers that it dialled, and the honest among them.
        public var dialled = 0
        public var honestDialled = 0
        /// All honest peers it is connected with.
        public var honestPeers = 0
        /// How long after its start it had three honest peers, and never fewer from then on.
        public var threeAfter: TimeSpan?
        /// Over all honest nodes: the fewest honest peers one of them has at the end.
        public var fewestHonest = 0
        /// Over all honest nodes: the most members, addresses and wanted peers that one of them holds.
        public var held = 0
    }

    private enum Event {
        case question(from: Int, to: Int)
        case answer(from: Int, to: Int)
        case sealed(MembershipMessage, from: Int, to: Int)
        /// A connection arrives at who was dialled, or back at who dialled.
        case arrives(Int), accepted(Int)
        case ended(LinkID, at: Int, wasOpen: Bool)
        case timer(Int, EclipseNode.Clock)
        case spread(machine: Int)
    }

    private struct Connection {
        let dialler: Int
        let diallerLink: LinkID?
        let acceptor: Int
        var acceptorLink: LinkID?
        var isOpen = false
        var hasEnded = false
    }

    private struct End: Hashable, Comparable {
        let name: Int
        let link: LinkID

        static func < (left: End, right: End) -> Bool { (left.name, left.link) < (right.name, right.link) }
    }

    private static let spreadPause = TimeSpan.milliseconds(500)

    private let setting: Setting
    private let world: EclipseWorld
    private var random: SeededRandom
    private var nodes: [EclipseNode?]
    private var queue = Scheduler<Event>()
    private var connections: [Connection] = []
    private var ends = OrderedMap<End, Int>()
    private var now = Instant.origin
    private var threeSince: Instant?

    public init(_ setting: Setting) {
        self.setting = setting
        random = SeededRandom(seed: setting.seed)
        var draw = random.fork("world")
        world = EclipseWorld(setting, random: &draw)
        nodes = Array(repeating: nil, count: setting.honest + 1)
    }

    public mutating func run() -> Outcome {
        for name in 0..<setting.honest { boot(name, seeds: [0, 1].filter { $0 != name }) }
        for machine in 0..<setting.machines { queue.schedule(.spread(machine: machine), at: now + delay()) }
        advance(to: .origin + setting.before)
        let start = now
        let seeds = [Int(random.below(UInt64(setting.honest)))] + world.hostile.prefix(1)
        boot(world.newcomer, seeds: seeds)
        advance(to: start + setting.watched)
        return outcome(since: start)
    }

    private func outcome(since start: Instant) -> Outcome {
        var outcome = Outcome()
        for case let node? in nodes {
            let size = max(node.membership.members.count, node.book.entries.count, node.switchboard.wanted.count)
            outcome.held = max(outcome.held, size)
        }
        outcome.fewestHonest = nodes.prefix(setting.honest).compactMap { $0.map(honestPeers) }.min() ?? 0
        guard let newcomer = nodes[world.newcomer] else { return outcome }
        outcome.dialled = newcomer.connected.count { $0.value }
        outcome.honestDialled = newcomer.connected.count { $0.value && isHonest($0.key) }
        outcome.honestPeers = honestPeers(of: newcomer)
        outcome.threeAfter = threeSince.map { $0.since(start) }
        return outcome
    }

    private func honestPeers(of node: EclipseNode) -> Int { node.connected.count { isHonest($0.key) } }

    private func isHonest(_ node: NodeID) -> Bool { world.names[node].map { !world.hostile.contains($0) } ?? false }

    private mutating func delay() -> TimeSpan { random.span(.milliseconds(10), .milliseconds(50)) }

    private mutating func boot(_ name: Int, seeds: [Int]) {
        var node = EclipseNode(name, in: world, random: random.fork("node", UInt64(name)), at: now)
        node.start(seeds: seeds.map(world.endpoint), at: now)
        nodes[name] = node
        carryOut(of: name)
    }

    private mutating func advance(to end: Instant) {
        while let (at, event) = queue.next(notAfter: end) {
            now = at
            happen(event)
        }
        now = end
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .question(let from, let to):
            if nodes.indices.contains(to), nodes[to] == nil { return }
            queue.schedule(.answer(from: to, to: from), at: now + delay())
        case .answer(let from, let to):
            let (record, endpoint, now) = (world.records[from], world.endpoint(from), now)
            with(to) { $0.met(record, at: endpoint, now) }
        case .sealed(let message, let from, let to):
            if world.hostile.contains(to) { return reply(to: message, from: from, as: to) }
            let now = now
            with(to) { $0.hear(message, from: from, at: now) }
        case .arrives(let number): arrive(number)
        case .accepted(let number): accept(number)
        case .ended(let link, let name, let wasOpen):
            ends[End(name: name, link: link)] = nil
            let now = now
            with(name) { $0.ended(link, wasOpen: wasOpen, at: now) }
        case .timer(let name, let clock):
            let now = now
            with(name) { $0.wake(clock, at: now) }
        case .spread(let machine): spread(machine)
        }
    }

    /// Lets an honest node act; nothing while it is not there.
    private mutating func with(_ name: Int, _ body: (inout EclipseNode) -> Void) {
        guard nodes.indices.contains(name), var node = nodes[name].take() else { return }
        body(&node)
        nodes[name] = node
        carryOut(of: name)
    }

    private mutating func carryOut(of name: Int) {
        while let acts = nodes[name]?.takeActs(), !acts.isEmpty {
            for act in acts { carryOut(act, of: name) }
        }
        guard name == world.newcomer, let node = nodes[name] else { return }
        if honestPeers(of: node) < 3 { threeSince = nil } else if threeSince == nil { threeSince = now }
    }

    private mutating func carryOut(_ act: EclipseNode.Act, of name: Int) {
        switch act {
        case .say(let message, let node):
            guard let other = world.names[node] else { return }
            queue.schedule(.sealed(message, from: name, to: other), at: now + delay())
        case .ask(let endpoint):
            guard let other = world.name(at: endpoint) else { return }
            queue.schedule(.question(from: name, to: other), at: now + delay())
        case .dial(let link, let address):
            guard let other = world.names[address.node] else { return }
            open(from: name, link, to: other)
        case .refuse: break
        case .close(let link): close(End(name: name, link: link))
        case .wake(let clock, let at): queue.schedule(.timer(name, clock), at: max(at, now))
        }
    }

    // MARK: Connections

    private mutating func open(from dialler: Int, _ link: LinkID?, to acceptor: Int) {
        if let link { ends[End(name: dialler, link: link)] = connections.count }
        queue.schedule(.arrives(connections.count), at: now + delay())
        connections.append(Connection(dialler: dialler, diallerLink: link, acceptor: acceptor))
    }

    private mutating func arrive(_ number: Int) {
        let connection = connections[number]
        if world.hostile.contains(connection.acceptor) {
            return queue.schedule(.accepted(number), at: now + delay())
        }
        var link: LinkID?
        let now = now
        if nodes[connection.acceptor] != nil, !connection.hasEnded {
            link = nodes[connection.acceptor]?.arrived(from: connection.dialler, at: now)
        }
        guard let link else {
            if let link = connection.diallerLink {
                queue.schedule(.ended(link, at: connection.dialler, wasOpen: false), at: now + delay())
            }
            return connections[number].hasEnded = true
        }
        connections[number].acceptorLink = link
        ends[End(name: connection.acceptor, link: link)] = number
        carryOut(of: connection.acceptor)
        queue.schedule(.accepted(number), at: now + delay())
    }

    private mutating func accept(_ number: Int) {
        guard !connections[number].hasEnded else { return }
        connections[number].isOpen = true
        guard let link = connections[number].diallerLink else { return }
        let (node, now) = (world.nodes[connections[number].acceptor], now)
        with(connections[number].dialler) { $0.meet(node, over: link, at: now) }
    }

    private mutating func close(_ end: End) {
        guard let number = ends[end], !connections[number].hasEnded else { return }
        connections[number].hasEnded = true
        let connection = connections[number]
        for (name, link) in [
            (connection.dialler, connection.diallerLink), (connection.acceptor, connection.acceptorLink),
        ] {
            guard let link else { continue }
            let wait = name == end.name ? TimeSpan.zero : delay()
            queue.schedule(.ended(link, at: name, wasOpen: connection.isOpen), at: now + wait)
        }
    }

    // MARK: The hostile

    /// Tells everybody of its own kind, and dials the newcomer under every name in turn.
    private mutating func spread(_ machine: Int) {
        queue.schedule(.spread(machine: machine), at: now + Self.spreadPause)
        let names = world.hostile.dropFirst(machine * setting.namesPerMachine).prefix(setting.namesPerMachine)
        func name(_ random: inout SeededRandom) -> Int {
            names.lowerBound + Int(random.below(UInt64(names.count)))
        }
        let targets =
            [Int(random.below(UInt64(setting.honest)))] + (nodes[world.newcomer] == nil ? [] : [world.newcomer])
        for target in targets {
            for _ in 0..<(target == world.newcomer ? 4 : 1) {
                queue.schedule(
                    .sealed(.sample(kind(), answer: false), from: name(&random), to: target), at: now + delay())
            }
        }
        if targets.count > 1 { open(from: name(&random), nil, to: world.newcomer) }
    }

    private mutating func kind() -> [NodeRecord] {
        (0..<MembershipMessage.sampleLimit).map { _ in
            world.records[world.hostile.lowerBound + Int(random.below(UInt64(world.hostile.count)))]
        }
    }

    private mutating func reply(to message: MembershipMessage, from: Int, as name: Int) {
        let answer: MembershipMessage
        switch message {
        case .ping(let number, _): answer = .acknowledgement(number: number)
        case .probe(let number, let subject): answer = .probed(number: number, answered: !isHonest(subject))
        case .digest, .want, .sample: answer = .sample(kind(), answer: false)
        case .acknowledgement, .probed, .suspicion, .record, .listing: return
        }
        queue.schedule(.sealed(answer, from: name, to: from), at: now + delay())
    }
}
