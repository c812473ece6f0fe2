import CairnBase

/// The hashes of the state tree: the whole definition of a state root.
///
/// The tree is binary over the bits of paths. A subtree without leaves is zero; a subtree of exactly one leaf is
/// that leaf's hash, however high it stands; every other is the hash of its two halves. The root therefore depends on
/// the set of entries and on nothing else, and a way is about as long as the logarithm of the number of entries.
struct TreeHash<Hash: HashFunction>: Sendable {
    let hash: Hash

    init(_ hash: Hash) {
        self.hash = hash
    }

    /// Where an entry lies: its table, then 31 bytes of its key's hash. Entries of one table are neighbours in the tree
    /// and in the database, and nobody chooses where among them.
    func path(_ key: StateKey) -> Digest {
        Digest(hash.digest(Tags.stateKey, key.bytes).raw.behind(key.bytes.first ?? 0))
    }

    func value(_ value: [UInt8]) -> Digest { hash.digest(Tags.stateValue, value) }

    /// A leaf commits to where it lies and to the hash of its value.
    func leaf(at path: Digest, _ value: Digest) -> Digest { hash.digest(Tags.stateLeaf, path.raw, value.raw) }
    func leaf(at path: Digest, _ value: [UInt8]) -> TreeLeaf {
        TreeLeaf(path: path, hash: leaf(at: path, self.value(value)))
    }

    func node(_ left: Digest, _ right: Digest) -> Digest { hash.digest(Tags.stateNode, left.raw, right.raw) }

    /// The subtree over leaves in key order that agree in their first `bit` bits.
    func fold(_ leaves: ArraySlice<TreeLeaf>, bit: Int) -> Digest {
        guard let first = leaves.first else { return .zero }
        if leaves.count == 1 { return first.hash }
        let middle = split(leaves, bit: bit)
        return node(fold(leaves[..<middle], bit: bit + 1), fold(leaves[middle...], bit: bit + 1))
    }

    /// Where the leaves whose given bit is set begin.
    func split(_ leaves: ArraySlice<TreeLeaf>, bit: Int) -> Int {
        leaves.firstIndex { $0.path.raw.bit(bit) } ?? leaves.endIndex
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
