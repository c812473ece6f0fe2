public import CairnBase
public import CairnTransport

/// Something that speaks its own protocols on the streams of every link, those of strangers included.
///
/// All calls come from the loop. A service opens streams in `linkEstablished` or later, through `PeerLink.perform`, and
/// claims the events of its own streams by answering true. When a link ends, so have its streams.
public protocol StreamService: AnyObject {
    /// What peers may open, and identify lists.
    var protocols: [StreamProtocol] { get }
    func linkEstablished(_ link: PeerLink)
    /// The peer has said that it is of our network.
    func linkIntroduced(_ link: PeerLink)
    func handle(_ event: Connection.Event, on link: PeerLink) -> Bool
    func linkEnded(_ link: PeerLink)
}

extension StreamService {
    public func linkIntroduced(_: PeerLink) {}
}

/// Told of the peers of our network. All calls come from the loop.
public protocol PeerNetworkHandler: AnyObject {
    /// What we say of ourselves at this moment; nil while we take part in nothing.
    var peerHello: PeerHello? { get }
    func peerConnected(_ node: NodeID, _ hello: PeerHello)
    func peerDisconnected(_ node: NodeID)
    func peerSent(_ node: NodeID, _ message: [UInt8])
    /// A question, to be answered with `PeerNetwork.answer` now or later.
    func peerAsked(_ question: PeerQuestion)
}

/// A question of a peer that waits for its answer.
public struct PeerQuestion: Sendable {
    public let node: NodeID
    /// The name of the kind: `/cairn/block/1`.
    public let name: String
    public let bytes: [UInt8]
    let link: LinkID
    let stream: StreamID
}

/// What becomes of a question of ours.
public enum PeerAnswer: Sendable, Equatable {
    case answered(status: UInt8, [UInt8])
    case failed(Requests.Failure)
    /// The connection ended first.
    case disconnected
}
