public import CairnBase
import CairnCrypto
public import CairnTransport

/// Where a peer can be reached, and who must answer there.
public struct PeerAddress: Sendable, Hashable {
    public let node: NodeID
    public let endpoint: Endpoint

    public init(_ node: NodeID, at endpoint: Endpoint) {
        self.node = node
        self.endpoint = endpoint
    }
}

/// What is known about a peer, for people and for the API.
public struct PeerStatus: Sendable, Equatable {
    public let node: NodeID
    public let endpoint: Endpoint?
    public let isConnected: Bool
    public let isOutbound: Bool
    public let connectedSince: Instant?
    public let roundTrip: TimeSpan?
    public let lastError: String?
}

/// Told of connections and messages. All calls come from the loop.
public protocol PeerNetworkHandler: AnyObject {
    func peerConnected(_ node: NodeID)
    func peerDisconnected(_ node: NodeID)
    func peerSent(_ node: NodeID, _ message: [UInt8])
}

/// Connections to peers: one per peer, dialled again when lost, with growing pauses.
///
/// When two nodes dial each other at once they end up with two connections; both keep the one that the smaller node id
/// dialled and close the other.
public final class PeerNetwork {
    private struct Wanted {
        let address: PeerAddress
        var failures: UInt64 = 0
        var isUnderWay = false
        var lastError: String?
    }

    private static let firstPause = TimeSpan.milliseconds(250)
    private static let longestPause = TimeSpan.seconds(15)

    private let loop: EventLoop
    private let identity: NoiseIdentity
    private let log: Logger
    private let messageLimit: Int
    private var random: SeededRandom
    private var listener: StreamListener?
    /// Links that have not proved who they are; kept alive here.
    private var pending: [ObjectIdentifier: PeerLink] = [:]
    private var links: [NodeID: (link: PeerLink, since: Instant)] = [:]
    private var wanted: [NodeID: Wanted] = [:]
    private var isClosed = false
    public weak var handler: (any PeerNetworkHandler)?

    public init(
        on loop: EventLoop, as identity: NoiseIdentity, messageLimit: Int, seed: UInt64, log: Logger
    ) {
        self.loop = loop
        self.identity = identity
        self.messageLimit = messageLimit
        self.log = log
        random = SeededRandom(seed: seed)
    }

    /// Starts to accept connections; returns where, with the port that was chosen.
    public func listen(at endpoint: Endpoint) throws(SystemError) -> Endpoint {
        let listener = try StreamListener(on: loop, at: .network(endpoint)) { [weak self] stream in
            self?.accept(stream)
        }
        self.listener = listener
        guard case .network(let bound) = listener.place else { return endpoint }
        return bound
    }

    /// Keeps a connection to a peer from now on.
    public func keep(_ address: PeerAddress) {
        guard address.node != identity.node, wanted[address.node] == nil else { return }
        wanted[address.node] = Wanted(address: address)
        dial(address.node)
    }

    /// Queues a message to a peer. False when it is not connected or has too much waiting.
    @discardableResult
    public func send(_ message: [UInt8], to node: NodeID, urgent: Bool) -> Bool {
        links[node]?.link.send(message, urgent: urgent) ?? false
    }

    public var connected: [NodeID] { links.keys.sorted() }

    public var status: [PeerStatus] {
        Set(links.keys).union(wanted.keys).sorted().map { node in
            let link = links[node]
            let target = wanted[node]
            return PeerStatus(
                node: node, endpoint: target?.address.endpoint ?? link?.link.endpoint, isConnected: link != nil,
                isOutbound: link?.link.isDialer ?? true, connectedSince: link?.since,
                roundTrip: link?.link.roundTrip, lastError: link == nil ? target?.lastError : nil)
        }
    }

    /// Ends a connection for a reason that the operator is told.
    public func disconnect(_ node: NodeID, because reason: String) {
        links[node]?.link.close(reason)
    }

    public func close() {
        isClosed = true
        listener?.close()
        for link in Array(pending.values) + links.values.map(\.link) { link.close("this node is stopping") }
    }

    private func accept(_ stream: StreamConnection) {
        open(stream, .listener, expecting: nil)
    }

    private func dial(_ node: NodeID) {
        guard !isClosed, let target = wanted[node], !target.isUnderWay, links[node] == nil else { return }
        do throws(SystemError) {
            let stream = try StreamConnection.connect(on: loop, to: target.address.endpoint)
            wanted[node]?.isUnderWay = true
            open(stream, .dialer, expecting: node)
        } catch {
            dialFailed(node, "\(error)")
        }
    }

    private func open(_ stream: StreamConnection, _ role: YamuxSession.Role, expecting node: NodeID?) {
        let connection = Connection(
            role, as: identity, ephemeral: .generate(), expecting: node,
            speaking: [PeerLink.urgent, PeerLink.bulk], at: loop.now)
        let link = PeerLink(
            on: loop, over: stream, as: connection, isDialer: role == .dialer, messageLimit: messageLimit
        ) { [weak self] link, event in self?.handle(event, of: link, dialled: node) }
        pending[ObjectIdentifier(link)] = link
    }

    private func handle(_ event: PeerLink.Event, of link: PeerLink, dialled node: NodeID?) {
        switch event {
        case .established(let peer): established(link, peer)
        case .message(let bytes):
            guard let peer = link.peer, links[peer]?.link === link else { return }
            handler?.peerSent(peer, bytes)
        case .closed(let reason): closed(link, dialled: node, reason)
        }
    }

    private func established(_ link: PeerLink, _ peer: NodeID) {
        guard peer != identity.node else { return link.close("this is our own key") }
        if link.isDialer { wanted[peer]?.isUnderWay = false }
        if let other = links[peer]?.link {
            guard prefers(link, over: other, with: peer) else { return link.close("connected already") }
            pending[ObjectIdentifier(link)] = nil
            links[peer] = (link, loop.now)
            return other.close("replaced by a newer connection")
        }
        pending[ObjectIdentifier(link)] = nil
        links[peer] = (link, loop.now)
        wanted[peer]?.failures = 0
        wanted[peer]?.lastError = nil
        log.info("connected", ["peer": .id(peer), "direction": link.isDialer ? "out" : "in"])
        handler?.peerConnected(peer)
    }

    /// Of two connections with a peer the one dialled by the smaller id; of two in one direction the newer.
    private func prefers(_ new: PeerLink, over old: PeerLink, with peer: NodeID) -> Bool {
        guard new.isDialer != old.isDialer else { return true }
        return new.isDialer == (identity.node < peer)
    }

    private func closed(_ link: PeerLink, dialled node: NodeID?, _ reason: String) {
        pending[ObjectIdentifier(link)] = nil
        if let peer = link.peer, links[peer]?.link === link {
            links[peer] = nil
            log.info("disconnected", ["peer": .id(peer), "reason": .text(reason)])
            handler?.peerDisconnected(peer)
        }
        guard let target = node ?? link.peer, wanted[target] != nil, links[target] == nil else { return }
        dialFailed(target, reason)
    }

    private func dialFailed(_ node: NodeID, _ reason: String) {
        guard !isClosed, var target = wanted[node] else { return }
        target.isUnderWay = false
        target.lastError = reason
        let pause = min(Self.longestPause, Self.firstPause * (1 << min(target.failures, 6)))
        target.failures += 1
        wanted[node] = target
        log.debug("cannot reach", ["peer": .id(node), "reason": .text(reason)])
        let jitter = TimeSpan(nanoseconds: random.below(pause.nanoseconds / 2))
        loop.after(pause + jitter) { [weak self] in self?.dial(node) }
    }
}
