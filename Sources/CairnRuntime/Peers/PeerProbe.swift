public import CairnBase
internal import CairnCrypto
internal import CairnTransport

/// Dials a libp2p node as somebody nobody knows, pings it a few times and hears who it is: what `cairn peers ping` does.
///
/// It needs no node here, and speaks nothing but what every libp2p node answers, so it tells whether a peer can be reached
/// from this machine and whether the right key is there.
public final class PeerProbe {
    public struct Report: Sendable, Equatable {
        public let node: NodeID
        public let agent: String
        public let protocols: [String]
        /// From the first packet to the first answer, which takes three round trips.
        public let firstAnswer: TimeSpan
        public let roundTrips: [TimeSpan]
    }

    public enum Failure: Error, Sendable, Equatable {
        /// The sentence says how the connection ended.
        case ended(String)
        case timedOut
    }

    private let loop: EventLoop
    private let count: Int
    private let started: Instant
    private var introductions: Introductions
    private var stream: SecureStream?
    private var node: NodeID?
    private var firstAnswer: TimeSpan?
    private var roundTrips: [TimeSpan] = []
    private var fault: String?
    private var result: Result<Report, Failure>?

    /// Blocks until it is known, for at most `timeout`. Without `expecting` whoever answers is welcome.
    public static func run(
        at endpoint: Endpoint, expecting node: NodeID?, count: Int, timeout: TimeSpan
    ) throws(Failure) -> Report {
        let probe: PeerProbe
        do throws(SystemError) {
            let loop = try EventLoop()
            let socket = try StreamConnection.connect(on: loop, to: endpoint)
            probe = PeerProbe(on: loop, over: socket, expecting: node, count: count)
            loop.after(timeout) { [weak probe] in probe?.conclude(.failure(.timedOut)) }
            try loop.run()
        } catch {
            throw .ended("\(error)")
        }
        switch probe.result {
        case .success(let report): return report
        case .failure(let failure): throw failure
        case nil: throw .timedOut
        }
    }

    private init(on loop: EventLoop, over socket: StreamConnection, expecting node: NodeID?, count: Int) {
        self.loop = loop
        self.count = count
        started = loop.now
        let identity = NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
        var ourselves = IdentifyMessage(node: identity.node)
        ourselves.protocols = Introductions.protocols.map(\.name)
        ourselves.agentVersion = "cairn-ping"
        introductions = Introductions(as: ourselves)
        let connection = Connection(
            .dialer, as: identity, ephemeral: .generate(), expecting: node, speaking: Introductions.protocols,
            at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] _, event in self?.react(to: event) }
    }

    private func conclude(_ result: Result<Report, Failure>) {
        guard self.result == nil else { return }
        self.result = result
        stream?.close()
        loop.stop()
    }

    private func react(to event: SecureStream.Event) {
        guard case .connection(let event) = event else {
            if case .ended(let ending) = event { conclude(.failure(.ended(fault ?? ending.sentence))) }
            return
        }
        var heard: [Introductions.Event] = []
        stream?.perform { connection, more in
            _ = introductions.handle(event, on: &connection, at: loop.now, into: &heard, more: &more)
        }
        switch event {
        case .established(let node):
            self.node = node
            ask { $0.ping(SecureRandom.bytes32(), on: &$1, at: self.loop.now) }
            ask { introductions, connection in introductions.askIdentity(on: &connection) }
        case .failed(let reason): fault = reason.sentence
        default: break
        }
        for event in heard { learn(event) }
        if let node, let firstAnswer, roundTrips.count >= count, let identity = introductions.peer {
            conclude(
                .success(
                    Report(
                        node: node, agent: identity.agentVersion, protocols: identity.protocols,
                        firstAnswer: firstAnswer, roundTrips: roundTrips)))
        }
    }

    private func learn(_ event: Introductions.Event) {
        firstAnswer = firstAnswer ?? loop.now.since(started)
        switch event {
        case .identified: break
        case .ponged(let time):
            // The first ping leaves with the handshake's last message, so its time includes the other end's work on that.
            roundTrips.append(time)
            if roundTrips.count < count { ask { $0.ping(SecureRandom.bytes32(), on: &$1, at: self.loop.now) } }
        case .lied: conclude(.failure(.ended("it claims another key than it has proven")))
        }
    }

    private func ask(_ body: (inout Introductions, inout Connection) -> Void) {
        stream?.perform { connection, _ in body(&introductions, &connection) }
    }
}
