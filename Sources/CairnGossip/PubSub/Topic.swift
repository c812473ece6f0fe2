/// What a message is about. Nodes hear only of topics they know.
public struct Topic: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let name: String

    /// Bytes of a name that is read.
    public static let longest = 128

    public init(_ name: String) { self.name = name }

    /// Transactions on their way to a leader, as their canonical bytes.
    public static let transactions = Topic("/cairn/tx/1")
    /// That a block is final, as its header and its proof.
    public static let blocks = Topic("/cairn/block/1")
    /// What gateways say about challenges: that they heard one, what they heard, and what they had to send.
    public static let receipts = Topic("/cairn/receipt/1")

    public static func < (left: Topic, right: Topic) -> Bool { left.name < right.name }
    public var description: String { name }
}
