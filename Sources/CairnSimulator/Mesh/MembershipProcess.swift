public import CairnBase
import CairnGossip
import CairnWire

/// A member under test: its core, in the place of the sealed plane a table of whom it can address, and perhaps a lie.
public struct MembershipProcess: SimulatedProcess {
    public typealias Message = MembershipTraffic
    public enum Observation: Sendable, Equatable {
        case changed(NodeID, String)
    }

    private static let tick: TimerID = 1

    let world: MembershipWorld
    let id: ProcessID
    let incarnation: UInt32
    private let setup: ProcessSetup
    var core: Membership
    private var lie: MembershipLie?
    private var random: SeededRandom
    // ORDER: looked up by node only.
    private var contacts: [NodeID: ProcessID] = [:]
    private let forgetsSuspicion: Bool
    private var outbox: OrderedMap<NodeID, [MembershipMessage]> = [:]
    /// How many datagrams of each peer were opened in this second.
    private var opened: OrderedMap<Int, Int> = [:]
    private var second: UInt64 = 0

    init(world: MembershipWorld, setup: ProcessSetup, forgetsSuspicion: Bool) {
        self.world = world
        id = setup.id
        incarnation = setup.incarnation
        random = setup.random.fork("lie")
        self.forgetsSuspicion = forgetsSuspicion
        lie = world.liars[setup.id.index].map { MembershipLie($0) }
        core = Self.core(world, setup, unix: MembershipWorld.unixStart, at: .origin, forgetsSuspicion)
        self.setup = setup
    }

    private static func core(
        _ world: MembershipWorld, _ setup: ProcessSetup, unix: UInt64, at now: Instant, _ forgetsSuspicion: Bool
    ) -> Membership {
        var settings = MembershipSettings()
        // The planted bug: whoever misses one probe is dead.
        if forgetsSuspicion {
            settings.limits.suspicion = .zero
            settings.tries = 1
        }
        return Membership(
            own: world.record(setup.id.index, incarnation: setup.incarnation, sequence: unix), chain: world.chain,
            unixMilliseconds: unix, random: setup.random.fork("membership"), settings: settings, at: now)
    }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        switch event {
        case .started:
            core = Self.core(world, setup, unix: now.unixMilliseconds, at: now.monotonic, forgetsSuspicion)
            // Everybody knows the first two addresses of the network and one more.
            let seeds = Set([0, 1, (id.index + 1) % world.cluster.servers]).subtracting([id.index]).sorted()
            give(.start(seeds: seeds.map { world.endpoint($0) }), now.monotonic, &effects)
        case .message(let from, let traffic): receive(traffic.body, from: from, now.monotonic, &effects)
        case .timer: give(.timer, now.monotonic, &effects)
        case .disk: break
        }
        flush(&effects)
    }

    private mutating func receive(
        _ body: MembershipTraffic.Body, from: ProcessID, _ now: Instant, _ effects: inout [Effect]
    ) {
        let endpoint = world.endpoint(from.index)
        switch body {
        case .question: effects.append(.send(to: from, MembershipTraffic(body: .answer(core.own))))
        case .answer(let record): introduce(record, at: endpoint, now, &effects)
        case .sealed(let messages, let record, let receiver):
            guard receiver == core.node, admits(from, now) else { return }
            // A session is made once; the plane tells of its maker then.
            let held = core.members[record.node]?.record
            if held == nil
                || (held?.content.datagramKey != record.content.datagramKey
                    && held.map { $0.content.sequence < record.content.sequence } ?? true)
            {
                introduce(record, at: endpoint, now, &effects)
            }
            for message in messages {
                overhear(message, from: from)
                give(.received(message, from: record.node, at: endpoint), now, &effects)
            }
        }
    }

    /// The plane's limit of what one peer may make us open.
    private mutating func admits(_ from: ProcessID, _ now: Instant) -> Bool {
        let present = now.nanoseconds / 1_000_000_000
        if present != second {
            second = present
            opened.removeAll()
        }
        opened[from.index, default: 0] += 1
        return opened[from.index, default: 0] <= Limits.Datagrams().perSecondFromPeer
    }

    private mutating func introduce(
        _ record: NodeRecord, at endpoint: Endpoint, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard let verified = world.verified(record) else { return }
        give(.introduced(verified, at: endpoint), now, &effects)
    }

    private mutating func give(_ input: MembershipInput, _ now: Instant, _ effects: inout [Effect]) {
        var wanted: [MembershipEffect] = []
        core.handle(input, at: now, into: &wanted)
        for effect in wanted {
            switch effect {
            case .send(let message, let node): speak(message, to: node)
            case .check(let record, let informant):
                if let verified = world.verified(record) { give(.checked(verified, from: informant), now, &effects) }
            case .contact(let node, _, let endpoint): contacts[node] = world.process(at: endpoint)
            case .forget(let node): contacts[node] = nil
            case .ask(let endpoint):
                guard let process = world.process(at: endpoint) else { continue }
                effects.append(.send(to: process, MembershipTraffic(body: .question)))
            case .sign(let sequence):
                give(.signed(world.record(id.index, incarnation: incarnation, sequence: sequence)), now, &effects)
            case .changed(let node, _, let state): effects.append(.observe(.changed(node, state.rawValue)))
            case .setTimer(let at): effects.append(.setTimer(Self.tick, at: at))
            }
        }
    }

    private mutating func overhear(_ message: MembershipMessage, from: ProcessID) {
        guard var lie else { return }
        var random = random
        lie.overhear(message, from: from, as: self, random: &random)
        (self.lie, self.random) = (lie, random)
    }

    private mutating func speak(_ message: MembershipMessage, to node: NodeID) {
        guard contacts[node] != nil else { return }
        guard var lie else { return outbox[node, default: []].append(message) }
        var random = random
        let sayings = lie.speak(message, as: self, random: &random)
        (self.lie, self.random) = (lie, random)
        for said in sayings { outbox[node, default: []].append(said) }
    }

    /// As the plane does at the end of a turn: what goes to one peer shares datagrams.
    private mutating func flush(_ effects: inout [Effect]) {
        while let (node, messages) = outbox.popFirst() {
            guard let target = contacts[node] else { continue }
            func send(_ batch: [MembershipMessage]) {
                effects.append(.send(to: target, MembershipTraffic(body: .sealed(batch, by: core.own, to: node))))
            }
            var batch: [MembershipMessage] = []
            var size = 0
            for message in messages {
                let count = 3 + message.encoded.count
                if size + count > 1_171 {
                    send(batch)
                    (batch, size) = ([], 0)
                }
                batch.append(message)
                size += count
            }
            send(batch)
        }
    }
}
