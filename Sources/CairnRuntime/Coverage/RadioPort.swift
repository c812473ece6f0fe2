import CairnBase
import CairnWitness

/// The port that packet forwarders send to: the protocol's value over one UDP socket.
final class RadioPort {
    private(set) var server: ForwarderServer
    private let loop: EventLoop
    private var socket: UDPSocket?
    private let log: Logger
    private let heard: (Reception) -> Void

    init(
        on loop: EventLoop, bind endpoint: Endpoint, eui: UInt64, log: Logger, heard: @escaping (Reception) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.log = log
        self.heard = heard
        let limits = Limits.Witness()
        server = ForwarderServer(listed: [eui], limits: limits)
        var sizes = UDPSocket.Limits()
        sizes.payload = limits.radioDatagram
        sizes.sendQueue = 4 * limits.radioQueue
        socket = try UDPSocket(on: loop, bind: endpoint, limits: sizes) { [unowned self] source, payload in
            // SAFETY: the borrowed bytes are copied before the closure returns.
            let bytes = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
            handle(.datagram(bytes, from: source))
        }
    }

    var local: Endpoint? { socket?.local }

    func send(_ request: SendRequest, by eui: UInt64) { handle(.send(request, by: eui)) }

    private func handle(_ input: ForwarderServer.Input) {
        var effects: [ForwarderServer.Effect] = []
        server.handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: ForwarderServer.Effect) {
        switch effect {
        case .reply(let bytes, let endpoint): socket?.send(bytes, to: endpoint)
        case .beacon(let reception, _): heard(reception)
        // Counted by the server; a network server may want them one day.
        case .uplink: break
        case .ignored(let refusal, let eui):
            log.debug("packet ignored", ["gateway": .text(hex(eui)), "reason": .text("\(refusal)")])
        case .sent(let outcome, let eui):
            if case .refused(let why) = outcome {
                log.warn("the gateway did not send", ["gateway": .text(hex(eui)), "reason": .text(why)])
            }
        case .unsent(_, let eui):
            log.warn("no gateway to send a beacon with", ["gateway": .text(hex(eui))])
        }
    }
}
