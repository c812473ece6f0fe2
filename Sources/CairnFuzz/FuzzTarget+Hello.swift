import CairnTransport

extension FuzzTarget {
    /// What a peer says of itself first, before it is known to belong to our network.
    static let hello = FuzzTarget("hello") { bytes in
        try requireCanonical(PeerHello.self, bytes)
    }
}
