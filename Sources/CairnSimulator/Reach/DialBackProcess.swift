public import CairnBase
import CairnGossip
import CairnWire

/// A node under test: both cores of dial-backs, members that are all connected to it, and perhaps a lie.
public struct DialBackProcess: SimulatedProcess {
    public typealias Message = DialBackTraffic
    public enum Observation: Sendable {
        case dialled(asker: NodeID, Endpoint)
        case became(String)
    }

    private static let tick: TimerID = 0
    private static let patience = TimeSpan.seconds(5)

    let world: DialBackWorld
    let id: ProcessID
    private(set) var core: Reachability
    private(set) var desk: DialBackDesk
    private let setup: ProcessSetup
    private let bug: DialBackBug?
    private let lie: DialBackLie?
    /// Of each question that is being looked into: who asked.
    private var asked: OrderedMap<UInt64, ProcessID> = [:]
    private var dialling: OrderedMap<UInt64, ProcessID> = [:]
    private var firstNonce: Bytes32?

    init(world: DialBackWorld, setup: ProcessSetup, bug: DialBackBug?) {
        self.world = world
        self.setup = setup
        self.bug = bug
        id = setup.id
        lie = world.liars[setup.id.index]
        (core, desk) = Self.cores(world, setup, bug, unix: 0, at: .origin)
    }

    private static func cores(
        _ world: DialBackWorld, _ setup: ProcessSetup, _ bug: DialBackBug?, unix: UInt64, at now: Instant
    ) -> (Reachability, DialBackDesk) {
        var settings = ReachabilitySettings()
        if bug == .oneWord { (settings.wanted, settings.quorum) = (1, 1) }
        let node = world.nodes[setup.id.index]
        return (
            Reachability(
                of: node, listening: Endpoint(.any, port: 7_470), unixMilliseconds: unix,
                random: setup.random.fork("reach"), settings: settings, at: now),
            DialBackDesk(of: node, unixMilliseconds: unix, at: now)
        )
    }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        let time = now.monotonic
        switch event {
        case .started:
            (core, desk) = Self.cores(world, setup, bug, unix: now.unixMilliseconds, at: time)
            for (index, node) in world.nodes.enumerated() where index != id.index {
                give(.joined(node, at: world.endpoint(index).address, isOutbound: true), time, &effects)
                give(.observed(world.endpoint(id.index).address, by: node), time, &effects)
            }
        case .message(let from, let traffic): receive(traffic.body, from: from, now, &effects)
        case .timer(Self.tick): give(.timer, time, &effects)
        case .timer(let number):
            if dialling.removeValue(forKey: number - 1) != nil {
                give(.ended(number - 1, .unconnected), time, &effects)
            }
        case .disk: break
        }
    }

    private mutating func receive(
        _ body: DialBackTraffic.Body, from: ProcessID, _ now: ClockReading, _ effects: inout [Effect]
    ) {
        let time = now.monotonic
        switch body {
        case .question(let question):
            if lie != nil { return deceive(question, from, now, &effects) }
            asked[desk.nextTicket] = from
            let source = bug == .anybody ? question.endpoint.address : world.endpoint(from.index).address
            give(.asked(question, by: world.nodes[from.index], at: source), time, &effects)
        case .answer(let result):
            let node = world.nodes[from.index]
            let claimed = result.content.dialler.key
            if let verified = world.scheme.verify(result, by: claimed, on: world.chain) {
                give(.answered(verified, from: node), time, &effects)
            } else {
                give(.failed(node), time, &effects)
            }
        case .refusal: give(.failed(world.nodes[from.index]), time, &effects)
        // Who cannot be dialled is behind something that lets no stranger in.
        case .probe(let number):
            if world.isOpen[id.index] { effects.append(.send(to: from, DialBackTraffic(body: .here(number)))) }
        case .here(let number):
            guard dialling[number] == from else { return }
            dialling[number] = nil
            give(.ended(number, .reached), time, &effects)
        }
    }

    private mutating func give(_ input: ReachabilityInput, _ now: Instant, _ effects: inout [Effect]) {
        var wanted: [ReachabilityEffect] = []
        core.handle(input, at: now, into: &wanted)
        for effect in wanted {
            switch effect {
            case .ask(let node, let question):
                guard let place = world.place(of: node) else { continue }
                effects.append(.send(to: ProcessID(place), DialBackTraffic(body: .question(question))))
            case .changed(let state, _): effects.append(.observe(.became(state.rawValue)))
            case .setTimer(let at): effects.append(.setTimer(Self.tick, at: at))
            }
        }
    }

    private mutating func give(_ input: DialBackInput, _ now: Instant, _ effects: inout [Effect]) {
        var wanted: [DialBackEffect] = []
        desk.handle(input, at: now, into: &wanted)
        for effect in wanted {
            switch effect {
            case .dial(let number, let node, let endpoint):
                effects.append(.observe(.dialled(asker: node, endpoint)))
                effects.append(.setTimer(number + 1, at: now + Self.patience))
                guard let place = world.process(at: endpoint) else {
                    dialling[number] = id
                    continue
                }
                dialling[number] = place
                effects.append(.send(to: place, DialBackTraffic(body: .probe(number))))
            case .answer(let number, let content):
                guard let asker = asked.removeValue(forKey: number) else { continue }
                let result = world.signed(content, by: id.index)
                effects.append(.send(to: asker, DialBackTraffic(body: .answer(result))))
            case .refuse(let number, _):
                guard let asker = asked.removeValue(forKey: number) else { continue }
                effects.append(.send(to: asker, DialBackTraffic(body: .refusal)))
            }
        }
    }

    /// Answers without dialling anybody.
    private mutating func deceive(
        _ question: DialBackQuestion, _ asker: ProcessID, _ now: ClockReading, _ effects: inout [Effect]
    ) {
        let victim = (asker.index + 1) % world.cluster.servers
        firstNonce = firstNonce ?? question.nonce
        func say(
            _ outcome: DialBackResult.Outcome, dialler: Int? = nil, nonce: Bytes32? = nil, at endpoint: Endpoint? = nil
        ) {
            let content = DialBackResult.Content(
                asker: world.nodes[asker.index], dialler: world.nodes[dialler ?? id.index],
                nonce: nonce ?? question.nonce, endpoint: endpoint ?? question.endpoint, outcome: outcome,
                milliseconds: 1, time: now.unixMilliseconds / 1_000)
            effects.append(.send(to: asker, DialBackTraffic(body: .answer(world.signed(content, by: id.index)))))
        }
        switch lie {
        case .boaster: say(.reached)
        case .denier: say(.unconnected)
        case .displacer: say(.reached, at: world.endpoint(victim))
        case .impostor: say(.reached, dialler: victim)
        case .repeater: say(.reached, nonce: firstNonce)
        case .sender:
            let aimed = DialBackQuestion(nonce: question.nonce, endpoint: world.endpoint(victim))
            effects.append(.send(to: asker, DialBackTraffic(body: .question(aimed))))
        case .mute, nil: break
        }
    }
}
