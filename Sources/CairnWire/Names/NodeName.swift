public import CairnBase

/// Three words that stand for a node in what people read and say: `brave-copper-heron`.
///
/// It is a label made from a hash of the node's id. There are 2²⁴ of them, anyone can make a key with a wanted one,
/// and two nodes may share one: a name is shown beside an id, never used as one.
public struct NodeName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    private static let tag = DomainTag("cn/name")

    public init(of node: NodeID, using hash: some HashFunction) {
        let bytes = hash.digest(Self.tag, node.raw.bytes).raw.bytes
        let lists = [NodeNameWords.adjectives, NodeNameWords.materials, NodeNameWords.animals]
        description = zip(lists, bytes).map { $0[Int($1)] }.joined(separator: "-")
    }

    /// Whether a text is the name of some node: a word of each list, in order.
    public static func isOne(_ text: String) -> Bool {
        let words = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let lists = [NodeNameWords.adjectives, NodeNameWords.materials, NodeNameWords.animals]
        return words.count == lists.count && zip(lists, words).allSatisfy { $0.contains($1) }
    }
}
