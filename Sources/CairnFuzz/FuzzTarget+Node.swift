import CairnNode

extension FuzzTarget {
    /// Everything one node says to another about the chain: consensus messages, blocks, transactions, hellos.
    static let nodeMessage = FuzzTarget("node") { bytes in
        try requireCanonical(NodeMessage.self, bytes)
    }
}
