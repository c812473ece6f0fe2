public import CairnBase

/// Why a connection ended. The peer sees the same thing in every case: the connection closes.
public enum ConnectionFault: Error, Sendable, Equatable {
    /// The other end does not negotiate, or not what we speak.
    case negotiation(MultistreamFault)
    /// A frame longer than the layer allows.
    case badFrame
    case noise(NoiseFault)
    /// The identity does not vouch for the key it came with.
    case badIdentity
    /// The peer proved to be somebody else than the one that was dialled.
    case wrongPeer(NodeID)
    case streams(YamuxFault)
    /// The handshake took longer than it may.
    case tooSlow
}
