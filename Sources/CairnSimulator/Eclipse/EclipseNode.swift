import CairnBase
import CairnGossip
import CairnTransport
import CairnWire

/// An honest node of a trial, as far as whom it knows and is connected with goes: membership, address book and connections,
/// put together as the node's shells put them together.
struct EclipseNode {
    enum Clock: CaseIterable {
        case membership, book, switchboard
    }

    /// What leaves the node.
    enum Act {
        case say(MembershipMessage, to: NodeID)
        case ask(Endpoint)
        case dial(LinkID, PeerAddress)
        case refuse(LinkID)
        case close(LinkID)
        case wake(Clock, at: Instant)
    }

    let name: Int
    private(set) var membership: Membership
    private(set) var book: AddressBook<MixHash>
    private(set) var switchboard: Switchboard
    /// Whom it is connected with, and whether it dialled.
    private(set) var connected = OrderedMap<NodeID, Bool>()
    private(set) var acts: [Act] = []
    private let world: EclipseWorld
    private var contacts = OrderedSet<NodeID>()
    private var links = OrderedMap<LinkID, Endpoint>()
    private var seeds: [Endpoint] = []

    init(_ name: Int, in world: EclipseWorld, random: SeededRandom, at now: Instant) {
        self.name = name
        self.world = world
        let node = world.nodes[name]
        let unix = MembershipWorld.unixStart + now.milliseconds
        membership = Membership(
            own: world.records[name], chain: world.chain, unixMilliseconds: unix, random: random.fork("membership"),
            at: now)
        book = AddressBook(
            of: node, secret: MixHash().digest(DomainTag("cn-sim/book"), node.raw.bytes).raw, unixMilliseconds: unix,
            random: random.fork("book"), using: MixHash(), at: now)
        switchboard = Switchboard(node, limits: Limits().connections, random: random.fork("switchboard"))
    }

    mutating func takeActs() -> [Act] {
        defer { acts = [] }
        return acts
    }

    mutating func start(seeds: [Endpoint], at now: Instant) {
        self.seeds = seeds
        give(.start(seeds: seeds), now)
        note(.start, now)
    }

    mutating func wake(_ clock: Clock, at now: Instant) {
        switch clock {
        case .membership: give(MembershipInput.timer, now)
        case .book: note(.timer, now)
        case .switchboard: give(Switchboard.Input.timer, now)
        }
    }

    // MARK: Datagrams

    mutating func met(_ record: NodeRecord, at endpoint: Endpoint, _ now: Instant) {
        guard let verified = world.verified(record) else { return }
        give(.introduced(verified, at: endpoint), now)
    }

    mutating func hear(_ message: MembershipMessage, from other: Int, at now: Instant) {
        let record = world.records[other]
        if !membership.members.contains(record.node) { met(record, at: world.endpoint(other), now) }
        give(.received(message, from: record.node, at: world.endpoint(other)), now)
    }

    private mutating func give(_ input: MembershipInput, _ now: Instant) {
        var effects: [MembershipEffect] = []
        membership.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let message, let node): if contacts.contains(node) { acts.append(.say(message, to: node)) }
            case .check(let record, let informant): check(record, from: informant, now)
            case .contact(let node, _, _): contacts.insert(node)
            case .forget(let node): contacts.remove(node)
            case .ask(let endpoint): acts.append(.ask(endpoint))
            case .sign(let sequence): give(.signed(world.record(name, sequence: sequence)), now)
            case .changed(let node, let endpoint, let state): changed(node, at: endpoint, to: state, now)
            case .setTimer(let at): acts.append(.wake(.membership, at: at))
            }
        }
    }

    private mutating func check(_ record: NodeRecord, from informant: NodeID, _ now: Instant) {
        guard let verified = world.verified(record) else { return }
        give(.checked(verified, from: informant), now)
        guard let source = membership.members[informant]?.endpoint.address,
            let endpoint = record.content.addresses.first, record.node != informant
        else { return }
        note(.learned(record.node, at: endpoint, from: informant, source: source), now)
    }

    private mutating func changed(_ node: NodeID, at endpoint: Endpoint, to state: Member.State, _ now: Instant) {
        let isConfigured = seeds.contains(endpoint)
        switch state {
        case .alive:
            note(.reached(node, at: endpoint), now)
            give(.keep(PeerAddress(node, at: endpoint), isConfigured: isConfigured), now)
        case .dead: if !isConfigured { give(.forget(node), now) }
        case .known, .suspect: break
        }
    }

    private mutating func note(_ input: AddressBookInput, _ now: Instant) {
        var effects: [AddressBookEffect] = []
        book.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .reach(let node, let endpoint):
                acts.append(.ask(endpoint))
                give(.probe(PeerAddress(node, at: endpoint)), now)
            case .setTimer(let at): acts.append(.wake(.book, at: at))
            case .save: break
            }
        }
    }

    // MARK: Connections

    /// Somebody's connection arrives; nil if it is turned away.
    mutating func arrived(from other: Int, at now: Instant) -> LinkID? {
        let id = switchboard.newLink()
        let endpoint = Endpoint(world.endpoint(other).address, port: 40_000)
        give(.arrived(id, from: endpoint), now)
        guard switchboard.phase(of: id) != nil else { return nil }
        links[id] = endpoint
        meet(world.nodes[other], over: id, at: now)
        return id
    }

    /// The other end of a connection has proved its key and said hello.
    mutating func meet(_ node: NodeID, over id: LinkID, at now: Instant) {
        if let endpoint = links[id], switchboard.dialled(by: id) != nil { note(.reached(node, at: endpoint), now) }
        give(.established(id, node), now)
        give(.introduced(id), now)
    }

    mutating func ended(_ id: LinkID, wasOpen: Bool, at now: Instant) {
        links[id] = nil
        if !wasOpen, let node = switchboard.dialled(by: id) { note(.failed(node), now) }
        give(.ended(id, .broken), now)
    }

    private mutating func give(_ input: Switchboard.Input, _ now: Instant) {
        var effects: [Switchboard.Effect] = []
        switchboard.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .dial(let id, let address):
                links[id] = address.endpoint
                acts.append(.dial(id, address))
            case .refuse(let id, _): acts.append(.refuse(id))
            case .close(let id, _): acts.append(.close(id))
            case .connected(let node, let id):
                guard let endpoint = links[id] else { continue }
                let isOutbound = switchboard.dialled(by: id) != nil
                connected[node] = isOutbound
                note(.joined(node, at: endpoint, isOutbound: isOutbound), now)
            case .disconnected(let node):
                connected[node] = nil
                note(.left(node), now)
            case .setTimer(let at): acts.append(.wake(.switchboard, at: at))
            }
        }
    }
}
