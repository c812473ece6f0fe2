import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

/// Has the router before this node pass on what comes to its port, over a socket of its own.
final class PortMappingShell {
    private let loop: EventLoop
    private let log: Logger
    private let surroundings: () -> PortMappingPlace?
    private(set) var core: PortMapper
    private var socket: UDPSocket?
    /// What the socket is bound for.
    private var bound: PortMappingPlace?
    private let upnp: UPnPDesk
    private var told: Told?
    /// Others may reach this node there now; nil: nowhere any more.
    var onChange: ((Endpoint?) -> Void)?

    /// What was last written to the log.
    private struct Told: Equatable {
        let state: PortMapper.State
        let trouble: PortMappingTrouble?
        let outside: Endpoint?
    }

    /// How often it is looked whether the machine is somewhere else now.
    private static let look = TimeSpan.seconds(60)

    init(
        on loop: EventLoop, listening: Endpoint, log: Logger, settings: PortMapperSettings = PortMapperSettings(),
        upnp: UPnPDesk? = nil, surroundings: @escaping () -> PortMappingPlace? = { DefaultRoute.current }
    ) {
        self.loop = loop
        self.log = log
        self.surroundings = surroundings
        self.upnp = upnp ?? UPnPDesk(on: loop)
        core = PortMapper(listening: listening, random: SeededRandom(seed: SecureRandom.seed()), settings: settings)
    }

    func start() {
        guard !isDone else { return }
        give(.place(surroundings()))
        loop.after(Self.look) { [weak self] in self?.start() }
    }

    /// Takes away what was mapped, as far as the router answers.
    func stop() { give(.stop) }

    var isDone: Bool { core.state == .ended }

    private func give(_ input: consuming PortMapperInput) {
        var effects: [PortMapperEffect] = []
        core.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint): send(bytes, to: endpoint)
            case .upnp(let order): upnp.carryOut(order) { [weak self] in self?.give(.upnp($0)) }
            case .changed(let endpoint): onChange?(endpoint)
            case .setTimer(let instant): loop.at(instant) { [weak self] in self?.give(.timer) }
            case .ended: socket = nil
            }
        }
        tell()
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        guard let place = core.place else { return }
        if socket == nil || bound != place { open(at: place) }
        socket?.send(bytes, to: endpoint)
    }

    private func open(at place: PortMappingPlace) {
        var limits = UDPSocket.Limits()
        (limits.payload, limits.sendQueue, limits.receivePerTurn) = (GatewayAnswer.longest, 16, 16)
        limits.kernelBuffer = 16 << 10
        do throws(SystemError) {
            socket = try UDPSocket(on: loop, bind: Endpoint(place.local, port: 0), limits: limits) {
                [weak self] source, payload in
                // SAFETY: the borrowed bytes are copied before the closure returns.
                let bytes = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
                self?.give(.received(bytes, from: source))
            }
            bound = place
        } catch {
            // As if the router were silent: it is tried again later.
            socket = nil
            log.warn("no socket for the router", ["error": .text("\(error)")])
        }
    }

    private func tell() {
        let now = Told(state: core.state, trouble: core.trouble, outside: core.grant?.outside)
        guard now != told, now.state != .asking else { return }
        told = now
        log.info(
            "port mapping",
            [
                "state": .text(now.state.rawValue), "why": .text(now.trouble?.rawValue ?? "-"),
                "at": .text(now.outside?.description ?? "-"),
            ])
    }
}

extension PortMappingShell {
    /// What the API says of it.
    var document: JSON {
        let grant = core.grant
        return [
            "state": .string(core.state.rawValue),
            "why": core.trouble.map { .string($0.rawValue) } ?? .null,
            "upnp": core.otherTrouble.map { .string($0.rawValue) } ?? .null,
            "gateway": core.place.map { .string($0.gateway.description) } ?? .null,
            "way": grant.map { .string($0.way.rawValue) } ?? .null,
            "address": grant.map { .string($0.outside.description) } ?? .null,
            "left_ms": grant.map { JSON($0.until.since(loop.now).milliseconds) } ?? .null,
            "renewed_in_ms": grant.map { JSON($0.renewAt.since(loop.now).milliseconds) } ?? .null,
        ]
    }

    /// Of a node that asks no router.
    static let switchedOff: JSON = [
        "state": .string(PortMapper.State.off.rawValue), "why": .string(PortMappingTrouble.switchedOff.rawValue),
        "upnp": .null, "gateway": .null, "way": .null, "address": .null, "left_ms": .null, "renewed_in_ms": .null,
    ]
}
