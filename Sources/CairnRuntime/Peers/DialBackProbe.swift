import CairnBase
import CairnCrypto
import CairnTransport
import CairnWire

/// One connection to a peer's address, only to see whether its key is there.
///
/// It comes under a key made for it and ends as soon as the other has proven its own, before it has said who dials: the peer
/// sees a handshake that was not finished, and no other link of the two is touched.
final class DialBackProbe {
    static let time = TimeSpan.seconds(5)

    private var stream: SecureStream?
    private var timer: TimerID?
    private let loop: EventLoop
    private var done: ((DialBackResult.Outcome) -> Void)?

    init(
        on loop: EventLoop, over socket: StreamConnection, to node: NodeID,
        _ done: @escaping (DialBackResult.Outcome) -> Void
    ) {
        self.loop = loop
        self.done = done
        let identity = NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
        let connection = Connection(
            .dialer, as: identity, ephemeral: .generate(), expecting: node, speaking: [], at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] _, event in self?.react(to: event) }
        timer = loop.after(Self.time) { [weak self] in self?.conclude(reached: false) }
    }

    private func react(to event: SecureStream.Event) {
        switch event {
        case .connection(.established): conclude(reached: true)
        case .connection(.failed), .ended: conclude(reached: false)
        case .connection: break
        }
    }

    private func conclude(reached: Bool) {
        guard let done, let stream else { return }
        self.done = nil
        if let timer { loop.cancel(timer) }
        let isOpen = !stream.socket.isConnecting
        stream.close()
        done(reached ? .reached : isOpen ? .unproven : .unconnected)
    }
}

extension PeerNetwork {
    /// Dials back a member that asked for it.
    func dialBack(_ node: NodeID, at endpoint: Endpoint, _ done: @escaping (DialBackResult.Outcome) -> Void)
        -> DialBackProbe?
    {
        do throws(SystemError) {
            let socket = try StreamConnection.connect(
                on: loop, to: endpoint, from: source(for: endpoint), limits: socketLimits)
            if let gate { socket.valve = gate.valve(to: endpoint.address) }
            return DialBackProbe(on: loop, over: socket, to: node, done)
        } catch {
            done(.unconnected)
            return nil
        }
    }

    /// From where a member is connected that asks a question.
    func source(of question: PeerQuestion) -> IPAddress? { links[question.link]?.endpoint?.address }

    /// From where a member is connected. Unlike the source of a datagram nobody can write that as it likes.
    func place(of node: NodeID) -> IPAddress? { connected[node]?.endpoint?.address }

    /// Where a connected member says that it sees us.
    func observed(by node: NodeID) -> IPAddress? {
        connected[node]?.session.identity?.observedAddress.flatMap { Endpoint(tcp: $0) }?.address
    }
}
