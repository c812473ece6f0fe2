public import CairnBase
public import CairnConsensus

/// How far a peer's handoffs lead.
public struct HandoffCheck: Sendable {
    public let peer: NodeID
    /// The ends of epochs that are proven, in order.
    public private(set) var found: [VerifiedFinality] = []
    /// Where they lead to.
    public private(set) var guide: LightClient
    /// False when one of them was refused.
    public private(set) var isWhole = true

    /// Follows as many as hold: work for a thread beside the loop.
    public init(
        _ handoffs: [Handoff], by peer: NodeID, after guide: LightClient, hash: some HashFunction,
        using cryptography: some ConsensusCryptography
    ) {
        self.peer = peer
        self.guide = guide
        for handoff in handoffs {
            do throws(HandoffError) {
                found.append(try self.guide.follow(handoff, hash: hash, using: cryptography))
            } catch {
                isWhole = false
                return
            }
        }
    }
}
