public import CairnBase

/// Everything a coverage verdict of one epoch may depend on, apart from the receipts: fixed before the epoch begins.
///
/// Keys, places, trust and history are those at the end of the epoch before the last, so nothing that happens inside
/// an epoch changes a verdict in it.
public struct CoverageView: Sendable, Equatable {
    public let epoch: Epoch
    public let rules: CoverageRules
    /// Ascending by id; the position is the index in commits and verdicts.
    public let members: [Member]
    public let pairs: OrderedMap<Pair, PairFacts>
    private let devices: OrderedMap<PublicKey, UInt32>

    /// Sorts the members; the pairs name them by the resulting positions.
    public init(epoch: Epoch, rules: CoverageRules, members: [Member], pairs: OrderedMap<Pair, PairFacts>) {
        self.epoch = epoch
        self.rules = rules
        let sorted = members.sorted { $0.id < $1.id }
        var devices = OrderedMap<PublicKey, UInt32>()
        for (index, member) in sorted.enumerated() { devices[member.device] = UInt32(index) }
        self.members = sorted
        self.pairs = pairs
        self.devices = devices
    }

    /// The one at a place, if it takes part.
    public func member(_ index: UInt32) -> Member? {
        guard members.indices.contains(Int(index)), members[Int(index)].takesPart else { return nil }
        return members[Int(index)]
    }

    /// By binary search.
    public func index(of id: ResourceID) -> UInt32? {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low].id == id ? UInt32(low) : nil
    }

    /// Whose device signs with this key.
    public func index(of device: PublicKey) -> UInt32? { devices[device] }

    public func facts(target: UInt32, witness: UInt32) -> PairFacts {
        pairs[Pair(target: target, witness: witness)] ?? PairFacts()
    }

    /// Whether more than half of a witness's trust comes from the target's controller.
    func leans(_ witness: UInt32, on target: UInt32) -> Bool {
        guard let captor = member(witness)?.captor else { return false }
        return captor == member(target)?.controller
    }
}

/// A gateway and one that hears it, by their places in the view.
public struct Pair: Sendable, Hashable, Comparable {
    public let target: UInt32
    public let witness: UInt32

    public init(target: UInt32, witness: UInt32) {
        self.target = target
        self.witness = witness
    }

    public static func < (left: Pair, right: Pair) -> Bool {
        left.target != right.target ? left.target < right.target : left.witness < right.witness
    }
}

/// What is known of a pair from before.
public struct PairFacts: Sendable, Hashable {
    /// The shortest round trip measured between them, in microseconds.
    public var shortestRoundTrip: UInt32?
    public var isTooPerfect = false
    public var ignoresPowerSteps = false

    public init() {}
}
