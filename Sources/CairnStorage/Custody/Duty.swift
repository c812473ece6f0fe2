public import CairnBase

/// A shard that the chain says is ours, and who has the others.
public struct Duty: Sendable, Hashable {
    public struct Holder: Sendable, Hashable {
        public let node: NodeID
        /// It has said on the chain that its shard is there.
        public let isHolding: Bool
        /// Enough have said that it is gone.
        public let isLost: Bool
        /// We have said so, lately enough to count.
        public let isMissedByUs: Bool

        public init(node: NodeID, isHolding: Bool, isLost: Bool, isMissedByUs: Bool) {
            self.node = node
            self.isHolding = isHolding
            self.isLost = isLost
            self.isMissedByUs = isMissedByUs
        }
    }

    public let object: Digest
    /// Over the roots of the object's shards.
    public let root: Digest
    public let code: ErasureCode
    /// How long every shard is.
    public let units: Int
    /// The number of ours.
    public let own: Int
    /// In the order of shards, ours among them.
    public let holders: [Holder]
    /// For so many blocks another may show nothing before we say that it is gone.
    public let grace: UInt64

    /// Nil where the chain orders what no piece can be.
    public init?(
        object: Digest, root: Digest, code: ErasureCode, units: Int, own: Int, holders: [Holder], grace: UInt64
    ) {
        guard (1...PieceName.unitsMax).contains(units), holders.count == code.total, holders.indices.contains(own)
        else { return nil }
        self.object = object
        self.root = root
        self.code = code
        self.units = units
        self.own = own
        self.holders = holders
        self.grace = grace
    }
}

extension ErasureCode: Hashable {
    public static func == (left: ErasureCode, right: ErasureCode) -> Bool {
        left.needed == right.needed && left.total == right.total
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(needed)
        hasher.combine(total)
    }
}

public enum CustodyInput: Sendable {
    /// What the chain says now; those that are not there any more are ours no longer.
    case duties([Duty])
    /// Another block was executed.
    case block(Height)
    /// The list of an object as our own shelf or another holder has it; nil where it has none.
    case list(PieceList?, root: Digest)
    /// Whether a piece of ours is on our shelf, whole as far as is known.
    case checked(PieceName, isThere: Bool)
    /// A piece of ours was found changed.
    case damaged(Digest)
    /// Whether another holder showed the leaves that it was asked for.
    case probed(object: Digest, shard: Int, of: NodeID, isGood: Bool)
    /// Whether a piece was made anew and is durable.
    case made(PieceName, isDone: Bool)
}

public enum CustodyEffect: Sendable, Equatable {
    /// Look for a list on our own shelf, and answer `list`.
    case look(root: Digest)
    /// Ask another holder for a list, and answer `list`.
    case askList(root: Digest, of: NodeID)
    /// Look whether a piece is on our shelf, from now on kept for the chain, and answer `checked`.
    case check(PieceName, of: Digest)
    case probe(PieceName, object: Digest, shard: Int, node: NodeID, start: Digest)
    /// Fetch enough of the others, make ours from them, keep it, and answer `made`.
    case make(Making)
    /// Say on the chain that our shard is there.
    case hold(Digest, shard: Int)
    /// Say on the chain that another's is not.
    case miss(Digest, shard: Int)
    /// Let go of everything that is kept for other objects than these.
    case settle(roots: [Digest])
}

/// A piece to be made, and what from.
public struct Making: Sendable, Hashable {
    public let name: PieceName
    /// The root of its object, and the list that it is the root of.
    public let root: Digest
    public let list: PieceList
    public let code: ErasureCode
    public let own: Int
    /// Other shards by their numbers, with those who have them.
    public let sources: [Source]

    public struct Source: Sendable, Hashable {
        public let shard: Int
        public let name: PieceName
        public let node: NodeID
    }
}
