import CairnBase
import CairnWitness

/// The port that packet forwarders send to: the protocol's value over one UDP socket.
final class RadioPort {
    private(set) var server: ForwarderServer
    /// What came in lately, for people who look on.
    private(set) var packets: PacketMemory
    private let loop: EventLoop
    private var socket: UDPSocket?
    private let log: Logger
    private let heard: (Reception) -> BeaconObjection?

    /// - Parameter heard: takes a beacon up, or says why not.
    init(
        on loop: EventLoop, bind endpoint: Endpoint, eui: UInt64, log: Logger,
        heard: @escaping (Reception) -> BeaconObjection?
    ) throws(SystemError) {
        self.loop = loop
        self.log = log
        self.heard = heard
        let limits = Limits.Witness()
        server = ForwarderServer(listed: [eui], limits: limits)
        packets = PacketMemory(capacity: limits.radioPacketsKept)
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
        case .beacon(let reception, let eui):
            let fate = heard(reception).map { HeardPacket.Fate.ignored($0) } ?? .taken
            packets.add(HeardPacket(gateway: eui, time: Clock.wall(), reception: reception, fate: fate))
        // Counted by the server; a network server may want them one day.
        case .uplink(let reception, let eui):
            packets.add(HeardPacket(gateway: eui, time: Clock.wall(), reception: reception, fate: .notOurs))
        case .ignored(let refusal, let eui):
            packets.add(HeardPacket(gateway: eui, time: Clock.wall(), reception: nil, fate: .refused(refusal)))
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
