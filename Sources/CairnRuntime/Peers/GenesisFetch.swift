public import CairnBase
internal import CairnCrypto
public import CairnLedger
internal import CairnTransport
internal import CairnWire
internal import Glibc

/// Dials a node as somebody nobody knows and asks for the genesis of its network: what `cairn join` does.
public final class GenesisFetch {
    /// What the node handed out, and what it says of itself.
    public struct Offer: Sendable {
        public let node: NodeID
        public let agent: String
        public let network: String
        public let height: Height
        public let genesis: Genesis
        /// Why this program could not work with that node although the network is the same: its version, or its clock.
        public let misfit: String?
    }

    public enum Failure: Error, Sendable, Equatable {
        /// The sentence says how the connection ended.
        case ended(String)
        /// It answered, and has no genesis to hand out, or what it sent is none.
        case nothing(String)
        /// It closed the connection before it said who it is: it takes no more from here at this moment.
        case refused
        case timedOut
    }

    private let loop: EventLoop
    private var introductions: Introductions
    private var stream: SecureStream?
    private var question: StreamID?
    private var frames = FrameReader(.uvarint, limit: Genesis.byteCountMax + 1_024)
    private var node: NodeID?
    private var fault: String?
    private var result: Result<Offer, Failure>?

    /// Blocks until it is known, for at most `timeout`. Without `expecting` whoever answers is welcome.
    public static func run(
        at endpoint: Endpoint, expecting node: NodeID?, timeout: TimeSpan
    ) throws(Failure) -> Offer {
        let fetch: GenesisFetch
        do throws(SystemError) {
            let loop = try EventLoop()
            let socket = try StreamConnection.connect(on: loop, to: endpoint)
            fetch = GenesisFetch(on: loop, over: socket, expecting: node)
            loop.after(timeout) { [weak fetch] in fetch?.conclude(.failure(.timedOut)) }
            try loop.run()
        } catch {
            throw .ended("\(error)")
        }
        switch fetch.result {
        case .success(let offer): return offer
        case .failure(let failure): throw failure
        case nil: throw .timedOut
        }
    }

    private init(on loop: EventLoop, over socket: StreamConnection, expecting node: NodeID?) {
        self.loop = loop
        let identity = NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
        var ourselves = IdentifyMessage(node: identity.node)
        ourselves.protocols = Introductions.protocols.map(\.name)
        ourselves.agentVersion = "cairn-join"
        introductions = Introductions(as: ourselves)
        let connection = Connection(
            .dialer, as: identity, ephemeral: .generate(), expecting: node, speaking: Introductions.protocols,
            at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] _, event in self?.react(to: event) }
    }

    private func conclude(_ result: Result<Offer, Failure>) {
        guard self.result == nil else { return }
        self.result = result
        stream?.close()
        loop.stop()
    }

    private func react(to event: SecureStream.Event) {
        guard case .connection(let event) = event else {
            if case .ended(let ending) = event {
                let isRefusal = node == nil && fault == nil && ending.isTheirs
                conclude(.failure(isRefusal ? .refused : .ended(fault ?? ending.sentence)))
            }
            return
        }
        var heard: [Introductions.Event] = []
        let isTheirs =
            stream?.perform { connection, more in
                introductions.handle(event, on: &connection, at: loop.now, into: &heard, more: &more)
            } ?? true
        switch event {
        case .established(let node):
            self.node = node
            question =
                stream?.perform { connection, _ in
                    connection.open([GenesisService.stream.name], GenesisService.stream.sendClass)
                } ?? nil
        case .failed(let reason): fault = reason.sentence
        case .received(let id, let bytes) where !isTheirs && id == question:
            stream?.perform { connection, more in connection.consume(id, bytes.count, into: &more) }
            take(bytes)
        case .finished(let id) where id == question, .closed(let id) where id == question:
            conclude(.failure(.nothing("it hands out no genesis")))
        default: break
        }
    }

    private func take(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        do throws(DecodeError) {
            guard let frame = try frames.next(from: &reader) else { return }
            conclude(.success(try offer(frame)))
        } catch {
            conclude(.failure(.nothing("what it sent is no genesis: \(error)")))
        }
    }

    private func offer(_ frame: [UInt8]) throws(DecodeError) -> Offer {
        var reader = ByteReader(frame.span.bytes)
        let limit = 1_024
        let theirs = try PeerHello.decode(try reader.bytes(limit: limit), limit: limit)
        let genesis = try Genesis.decode(try reader.raw(reader.remaining), limit: Genesis.byteCountMax)
        let ours = PeerHello(
            chain: theirs.chain, network: theirs.network, agent: "", height: .genesis,
            time: Clock.wall().millisecondsSince1970)
        let misfit = ours.misfit(with: theirs, clockDifference: Limits().connections.clockDifference)
        return Offer(
            node: node ?? NodeID(.zero), agent: theirs.agent, network: theirs.network, height: theirs.height,
            genesis: genesis, misfit: misfit.map { ours.sentence($0, with: theirs) })
    }
}

extension StreamConnection.Ending {
    /// Whether the peer hung up: in good order, or while something of ours was on its way.
    fileprivate var isTheirs: Bool {
        switch self {
        case .finished: true
        case .failed(let error): error.code == ECONNRESET
        case .closedHere, .idle, .stalled: false
        }
    }
}
