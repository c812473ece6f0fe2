public import CairnBase

/// Has the router that a node sits behind pass on what comes to a port of its own.
///
/// The router is asked by NAT-PMP, one question at a time: for its address, for TCP, for UDP under the same port. Where it does not
/// answer or refuses, UPnP is tried. What it gives is renewed at half its time, and mapped again as soon as the router shows that it has
/// forgotten: its clock went back. Nothing is asked from or of an address that is public or on loopback. Whether anybody is
/// reached at the address that it names is no business of this part: a router may be wrong, or there may be another before it.
public struct PortMapper: ProtocolCore {
    public typealias Input = PortMapperInput
    public typealias Effect = PortMapperEffect

    public enum State: String, Sendable, CaseIterable {
        case off, asking, mapped, refused, silent, ended
    }

    public internal(set) var state = State.off
    /// Why nothing is mapped, or why the last renewal failed.
    public internal(set) var trouble: PortMappingTrouble?
    /// The same of UPnP, once it was tried.
    public internal(set) var otherTrouble: PortMappingTrouble?
    public internal(set) var grant: PortGrant?
    public internal(set) var counters = PortMapperCounters()
    /// Where the machine is, while it is a place where somebody may be asked.
    public private(set) var place: PortMappingPlace?

    let listening: Endpoint
    let settings: PortMapperSettings
    var random: SeededRandom
    /// What is still to be asked; the first is under way.
    var plan: [GatewayQuestion] = []
    var attempts = 0
    var repeatAt = Instant.distantFuture
    var due = Instant.distantFuture
    var round = Round()
    /// The router may hold something of ours.
    var hasMapped = false
    /// The open order of UPnP.
    var order: UPnPOrder?
    private(set) var isStopping = false
    /// The router's clock, and when it was told.
    var epoch: (seconds: UInt32, at: Instant)?
    private var isPlaced = false
    private var timerAt = Instant.distantFuture

    /// What one round of questions has come to.
    struct Round: Sendable {
        var address: IPAddress?
        var tcp: (port: UInt16, seconds: UInt32)?
        /// It was begun again because the router was started anew, or gave different ports.
        var wasRestarted = false
        var wasRedrawn = false
    }

    public init(listening: Endpoint, random: SeededRandom, settings: PortMapperSettings = PortMapperSettings()) {
        self.listening = listening
        self.random = random
        self.settings = settings
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        let before = grant?.outside
        switch input {
        case .place(let place): settle(place, now)
        case .received(let bytes, let source): take(bytes, from: source, at: now, into: &effects)
        case .upnp(let answer): take(answer, at: now, into: &effects)
        case .timer: if now >= timerAt { timerAt = .distantFuture }
        case .stop: stop(now, into: &effects)
        }
        act(at: now, into: &effects)
        if grant?.outside != before { effects.append(.changed(grant?.outside)) }
    }

    /// What keeps a node that listens there from asking anybody.
    static func obstacle(
        to listening: IPAddress, at place: PortMappingPlace?, _ settings: PortMapperSettings
    ) -> PortMappingTrouble? {
        if listening.isLoopback, !settings.takesLoopback { return .loopback }
        if !listening.isUnspecified, !listening.isPrivate { return .publicAddress }
        if !listening.isUnspecified, listening.v4 == nil { return .notIPv4 }
        guard let place else { return .noGateway }
        let source = listening.isUnspecified ? place.local : listening
        if source.isLoopback, !settings.takesLoopback { return .loopback }
        guard source.v4 != nil, place.gateway.v4 != nil else { return .notIPv4 }
        if !source.isPrivate { return .publicAddress }
        let isRouter = place.gateway.isPrivate && (!place.gateway.isLoopback || settings.takesLoopback)
        return isRouter ? nil : .publicGateway
    }

    private mutating func settle(_ found: PortMappingPlace?, _ now: Instant) {
        let obstacle = Self.obstacle(to: listening.address, at: found, settings)
        var usable = obstacle == nil ? found : nil
        if let found = usable, !listening.address.isUnspecified {
            usable = PortMappingPlace(local: listening.address, gateway: found.gateway)
        }
        guard !isStopping, !isPlaced || usable != place || (usable == nil && obstacle != trouble) else { return }
        (isPlaced, place) = (true, usable)
        // What another router holds of ours runs out there.
        (grant, epoch, plan, hasMapped) = (nil, nil, [], false)
        (trouble, otherTrouble) = (obstacle, nil)
        state = usable == nil ? .off : .asking
        due = usable == nil ? .distantFuture : now
    }

    private mutating func stop(_ now: Instant, into effects: inout [Effect]) {
        guard !isStopping else { return }
        isStopping = true
        due = .distantFuture
        let held = grant
        grant = nil
        plan = hasMapped ? removals : []
        (attempts, repeatAt) = (0, now)
        // An open order is answered first.
        if let held, held.way == .upnp, order == nil { give(.unmap, held.outside.port, into: &effects) }
    }

    private mutating func act(at now: Instant, into effects: inout [Effect]) {
        if let grant, grant.until <= now {
            counters.lapsed += 1
            self.grant = nil
            if state == .mapped { state = .silent }
        }
        if due <= now, plan.isEmpty, order == nil { begin(now, into: &effects) }
        while !plan.isEmpty, repeatAt <= now { ask(now, into: &effects) }
        if isStopping, plan.isEmpty, order == nil, state != .ended {
            state = .ended
            effects.append(.ended)
        }
        // What is due while an order is open begins with its answer.
        let wake = !plan.isEmpty ? repeatAt : order == nil ? due : .distantFuture
        let next = min(wake, grant?.until ?? .distantFuture)
        guard next < timerAt, state != .ended else { return }
        timerAt = next
        effects.append(.setTimer(at: next))
    }

    // MARK: - Asking

    private mutating func begin(_ now: Instant, into effects: inout [Effect]) {
        due = .distantFuture
        round = Round()
        (attempts, repeatAt) = (0, now)
        switch grant {
        case .some(let grant) where grant.way == .upnp: give(.map, grant.outside.port, into: &effects)
        case .some(let grant) where now < grant.renewAt: plan = [.address]
        default: plan = [.address] + mappings(grant?.outside.port ?? listening.port)
        }
    }

    private mutating func ask(_ now: Instant, into effects: inout [Effect]) {
        guard let place, let question = plan.first,
            attempts < (isStopping ? settings.lastTries : settings.tries)
        else {
            counters.silent += 1
            return fail(.silent, now, into: &effects)
        }
        counters.asked += 1
        effects.append(.send(question.bytes, to: Endpoint(place.gateway, port: settings.gatewayPort)))
        repeatAt = now + settings.repetition * (1 << UInt64(attempts))
        attempts += 1
    }

    /// Nothing comes of this round. What is mapped stays so until its time is over.
    mutating func fail(_ why: PortMappingTrouble, _ now: Instant, into effects: inout [Effect]) {
        plan = []
        guard !isStopping else { return }
        trouble = why
        due = now + (grant == nil ? settings.retry : settings.hurriedRetry)
        guard grant == nil else { return }
        state = why == .silent ? .silent : .refused
        // A router that says itself that there is another one before it would say so again.
        if why != .behindAnother, order == nil { give(.map, listening.port, into: &effects) }
    }

    mutating func give(_ action: UPnPOrder.Action, _ outside: UInt16, into effects: inout [Effect]) {
        guard let place else { return }
        let next = UPnPOrder(
            action: action, place: place, inside: listening.port, outside: outside, seconds: seconds)
        order = next
        if action == .map, grant == nil { state = .asking }
        effects.append(.upnp(next))
    }

    // MARK: - Questions

    var seconds: UInt32 { UInt32(clamping: settings.lease.milliseconds / 1_000) }

    /// TCP first: what it gets is asked for again for UDP.
    func mappings(_ outside: UInt16) -> [GatewayQuestion] {
        [GatewayTransport.tcp, .udp].map { .map($0, inside: listening.port, outside: outside, seconds: seconds) }
    }

    var removals: [GatewayQuestion] {
        [GatewayTransport.tcp, .udp].map { .map($0, inside: listening.port, outside: 0, seconds: 0) }
    }
}
