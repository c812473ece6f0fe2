public import CairnBase
public import CairnCrypto
import CairnStorage
public import CairnTransport
import CairnWire

/// A program that puts pieces with holders and fetches them back: a member of the network that has no chain.
///
/// It runs a loop of its own while one of its methods is waited for. What comes back was compared with its name.
public final class PieceClient {
    public struct Setting: Sendable {
        public let chain: ChainID
        public let network: String
        public let agent: String
        /// How long one piece may take with one holder.
        public var pieceTime = TimeSpan.seconds(300)
        /// After so long without enough pieces, one more holder is asked.
        public var patience = TimeSpan.seconds(5)
        public var limits: Limits

        public init(chain: ChainID, network: String, agent: String) {
            self.chain = chain
            self.network = network
            self.agent = agent
            limits = Limits()
            // All holders at once, however near to each other they are.
            limits.connections.outbound = 255
            limits.connections.outboundPerSubnet16 = 255
        }
    }

    private static let moment = TimeSpan.milliseconds(500)

    let setting: Setting
    let loop: EventLoop
    let network: PeerNetwork
    // ORDER: only kept alive here; nothing is decided by their order.
    var transfers: [ObjectIdentifier: PieceTransfer] = [:]
    /// Is told how many bytes have gone to a holder or come from one, portion by portion.
    public var moved: ((Int) -> Void)?
    private var wanted: (all: Int, enough: Int)?

    public init(_ identity: borrowing StorageIdentity, _ setting: Setting, log: Logger) throws(SystemError) {
        self.setting = setting
        loop = try EventLoop()
        var settings = PeerNetwork.Settings(messageLimit: 1 << 20, seed: SecureRandom.seed())
        settings.limits = setting.limits
        settings.agent = setting.agent
        network = PeerNetwork(
            on: loop, as: NoiseIdentity(signedBy: identity.key, local: .generate()), settings, log: log)
        network.handler = self
    }

    /// Connects with holders; those that are there when all are, a moment after enough are, or when the time is over.
    public func connect(
        to holders: [PeerAddress], enough: Int, within time: TimeSpan
    ) throws(SystemError) -> [NodeID] {
        wanted = (holders.count, enough)
        for holder in holders { network.keep(holder) }
        let timer = loop.after(time) { [weak self] in self?.loop.stop() }
        if network.members.count < holders.count { try loop.run() }
        loop.cancel(timer)
        wanted = nil
        return network.members
    }

    /// Ends the connections in order.
    public func close() {
        network.close()
        guard !network.isIdle else { return }
        loop.after(.seconds(1)) { [weak self] in self?.loop.stop() }
        wait()
        // What the loop could not do any more, the end of the process does.
        try? loop.run()
    }

    private func wait() {
        if network.isIdle { return loop.stop() }
        loop.after(.milliseconds(5)) { [weak self] in self?.wait() }
    }

    /// Starts a transfer; what came of it is told once, and never in this call.
    func start(
        _ work: PieceTransfer.Work, _ name: PieceName, with holder: NodeID,
        _ done: @escaping (Result<[UInt8], PieceTransfer.Refusal>) -> Void
    ) {
        let transfer = PieceTransfer(network, work, name, with: holder) { [weak self] transfer, result in
            self?.transfers[ObjectIdentifier(transfer)] = nil
            done(result)
        }
        transfer.moved = moved
        transfers[ObjectIdentifier(transfer)] = transfer
        loop.after(.zero) { [setting] in transfer.start(within: setting.pieceTime) }
    }

    func cancelAll() {
        for transfer in transfers.values { transfer.cancel() }
        transfers.removeAll()
    }
}

extension PieceClient: PeerNetworkHandler {
    public var peerHello: PeerHello? {
        PeerHello(
            chain: setting.chain, network: setting.network, agent: setting.agent, height: .genesis,
            time: Clock.wall().millisecondsSince1970)
    }

    public func peerConnected(_ node: NodeID, _ hello: PeerHello) {
        guard let wanted else { return }
        let count = network.members.count
        if count >= wanted.all { return loop.stop() }
        guard count >= wanted.enough else { return }
        // The others are on their way, or will not come.
        self.wanted?.enough = .max
        loop.after(Self.moment) { [weak self] in if self?.wanted != nil { self?.loop.stop() } }
    }

    public func peerDisconnected(_ node: NodeID) {}
    /// What members tell each other is of no use here.
    public func peerSent(_ node: NodeID, _ message: [UInt8]) {}
    /// None of the kinds that are asked here is served.
    public func peerAsked(_ question: PeerQuestion) {}
}
