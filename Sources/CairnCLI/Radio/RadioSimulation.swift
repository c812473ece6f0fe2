import CairnBase
import CairnRadio
import CairnRuntime
import CairnWitness

/// A simulated air in real time: one socket for each gateway, which speaks to its node as a packet forwarder does.
final class RadioSimulation {
    private let loop: EventLoop
    private let file: String
    private let plan: RadioPlan
    private var air: Air
    private var forwarders: [Forwarder]
    private var sockets: [UDPSocket] = []
    private var signals: SignalSource?

    /// - Parameter file: the plan is read from it again on SIGHUP.
    init(_ plan: RadioPlan, file: String) throws(SystemError) {
        (self.plan, self.file) = (plan, file)
        let stations = plan.stations
        air = Air(stations, rules: plan.rules, seed: plan.seed)
        forwarders = stations.map { Forwarder($0) }
        loop = try EventLoop()
        signals = try SignalSource(on: loop) { [unowned self] request in
            switch request {
            case .stop: loop.stop()
            case .reload: reload()
            }
        }
        var limits = UDPSocket.Limits()
        limits.payload = 4_096
        for (number, gateway) in plan.gateways.enumerated() {
            // On the loopback network of its node where there is one: packets then show by address whose they are.
            let address = gateway.node.address.isLoopback ? gateway.node.address : .any
            sockets.append(
                try UDPSocket(on: loop, bind: Endpoint(address, port: 0), limits: limits) {
                    [unowned self] source, payload in
                    guard source == gateway.node else { return }
                    // SAFETY: the borrowed bytes are copied before the closure returns.
                    handle(.datagram(unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }), number)
                })
        }
    }

    /// Until SIGTERM or SIGINT.
    func run() throws(SystemError) {
        for number in forwarders.indices { handle(.start, number) }
        try loop.run()
    }

    /// What owners have done to their gateways since. A plan that cannot be read, or is about others, changes nothing.
    private func reload() {
        guard let text = try? TextFile.read(file), let changed = try? RadioPlan(file: file, text: text),
            changed.gateways.map(\.eui) == plan.gateways.map(\.eui)
        else { return }
        let stations = changed.stations
        air.replace(with: stations)
        for number in forwarders.indices { forwarders[number].station = stations[number] }
    }

    private func handle(_ input: Forwarder.Input, _ number: Int) {
        var effects: [Forwarder.Effect] = []
        forwarders[number].handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect, number) }
    }

    private func carryOut(_ effect: Forwarder.Effect, _ number: Int) {
        switch effect {
        case .datagram(let bytes): sockets[number].send(bytes, to: plan.gateways[number].node)
        case .transmit(let request): handle(.send(request, by: number))
        case .timer(let time): loop.at(time) { [unowned self] in handle(.timer, number) }
        case .hold(let reception, let time): loop.at(time) { [unowned self] in handle(.due(reception), number) }
        }
    }

    private func handle(_ input: Air.Input) {
        var effects: [Air.Effect] = []
        air.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .wake(let frame, let time): loop.at(time) { [unowned self] in handle(.ended(frame: frame)) }
            case .received(let reception, let number): handle(.received(reception), number)
            case .busy: break
            }
        }
    }
}

extension RadioPlan {
    fileprivate var stations: [Station] {
        gateways.map { gateway in
            Station(
                eui: gateway.eui, position: gateway.place.position, gain: gateway.place.gain,
                behaviour: gateway.place.behaviour)
        }
    }
}
