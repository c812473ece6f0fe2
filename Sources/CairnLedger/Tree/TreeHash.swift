public import CairnBase

/// The hashes of the state tree: the whole definition of a state root.
///
/// The tree is binary over the bits of key hashes. A subtree without leaves is zero; a subtree of exactly one leaf is
/// that leaf's hash, however high it stands; every other is the hash of its two halves. The root therefore depends on
/// the set of entries and on nothing else, and a path is about as long as the logarithm of the number of entries.
public struct TreeHash<Hash: HashFunction>: Sendable {
    let hash: Hash

    public init(_ hash: Hash) {
        self.hash = hash
    }

    public func key(_ key: StateKey) -> Digest { hash.digest(Tags.stateKey, key.bytes) }
    public func value(_ value: [UInt8]) -> Digest { hash.digest(Tags.stateValue, value) }

    func leaf(_ leaf: TreeLeaf) -> Digest { hash.digest(Tags.stateLeaf, leaf.key.raw, leaf.value.raw) }
    func node(_ left: Digest, _ right: Digest) -> Digest { hash.digest(Tags.stateNode, left.raw, right.raw) }

    /// The subtree over leaves in key order that agree in their first `bit` bits.
    func fold(_ leaves: ArraySlice<TreeLeaf>, bit: Int) -> Digest {
        guard let first = leaves.first else { return .zero }
        if leaves.count == 1 { return leaf(first) }
        let middle = split(leaves, bit: bit)
        return node(fold(leaves[..<middle], bit: bit + 1), fold(leaves[middle...], bit: bit + 1))
    }

    /// The subtree over a run of slots of a branch page.
    func fold(_ children: ArraySlice<TreePage.Child?>) -> Digest {
        var count: UInt64 = 0
        var last = Digest.zero
        for case let child? in children {
            count += child.count
            last = child.hash
        }
        if count <= 1 || children.count == 1 { return last }
        let middle = children.startIndex + children.count / 2
        return node(fold(children[..<middle]), fold(children[middle...]))
    }

    /// Where the leaves whose given bit is set begin.
    func split(_ leaves: ArraySlice<TreeLeaf>, bit: Int) -> Int {
        leaves.firstIndex { $0.key.raw.bit(bit) } ?? leaves.endIndex
    }
}

/// The domain tags of the ledger.
enum Tags {
    static let transaction = DomainTag("cn/tx")
    static let transactionID = DomainTag("cn/txid")
    static let order = DomainTag("cn/order")
    static let stateKey = DomainTag("cn/state.key")
    static let stateValue = DomainTag("cn/state.value")
    static let stateLeaf = DomainTag("cn/state.leaf")
    static let stateNode = DomainTag("cn/state.node")
    static let chain = DomainTag("cn/chain")
    static let vote = DomainTag("cn/vote")
    static let resource = DomainTag("cn/res")
    static let device = DomainTag("cn/device")
    static let object = DomainTag("cn/object")
    static let placement = DomainTag("cn/place")
    static let candidate = DomainTag("cn/candidate")
}
