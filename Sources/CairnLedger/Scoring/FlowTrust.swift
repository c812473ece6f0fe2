import CairnBase

/// Who is believed: trust starts at those whom strangers pay, or whom genesis names, and flows along who hears whom.
///
/// A ring that hears only itself receives nothing, however large it is. Everything is whole numbers, and the order in
/// which edges are given does not matter.
public struct FlowTrust: Sendable {
    /// One resource, by its place in the list, that took seats in another's verdicts.
    public struct Edge: Sendable, Equatable {
        public let witness: Int
        public let target: Int
        public let count: UInt64

        public init(witness: Int, target: Int, count: UInt64) {
            self.witness = witness
            self.target = target
            self.count = count
        }
    }

    /// All the trust there is.
    public static let mass: UInt64 = 1_000_000_000_000
    private static let rounds = 6

    /// How much of the mass starts where others pay; the rest starts at the anchors.
    public static func paidPPM(burned: [UInt64], bootstrapPool: UInt64) -> UInt64 {
        let sum = burned.reduce(UInt128(0)) { $0 + UInt128($1) }
        return UInt64(clamping: min(1_000_000, 1_000_000 * sum / UInt128(max(1, bootstrapPool))))
    }

    /// Where trust starts. One payee is the source of a hundredth of it at most.
    public static func seeds(burned: [UInt64], anchors: [Int], bootstrapPool: UInt64) -> [UInt64] {
        let paid = paidPPM(burned: burned, bootstrapPool: bootstrapPool)
        let sum = burned.reduce(UInt128(0)) { $0 + UInt128($1) }
        let forPaid = UInt128(mass) * UInt128(paid) / 1_000_000
        var seeds = burned.map { value in
            sum == 0 ? 0 : min(mass / 100, UInt64(clamping: forPaid * UInt128(value) / sum))
        }
        let forAnchors = mass.ppm(.millionPPM - paid) ?? 0
        for anchor in anchors where seeds.indices.contains(anchor) {
            seeds[anchor] += forAnchors / UInt64(anchors.count)
        }
        return seeds
    }

    /// The trust of each resource: a quarter comes from its seed, the rest from those who heard it, each of whom spreads
    /// its own over all it heard.
    public static func flow(seeds: [UInt64], edges: [Edge]) -> [UInt64] {
        let known = edges.filter { seeds.indices.contains($0.witness) && seeds.indices.contains($0.target) }
        var heard = [UInt128](repeating: 0, count: seeds.count)
        for edge in known { heard[edge.witness] += UInt128(edge.count) }
        var trust = seeds
        for _ in 0..<rounds {
            var inbound = [UInt128](repeating: 0, count: seeds.count)
            for edge in known where heard[edge.witness] > 0 {
                inbound[edge.target] += UInt128(trust[edge.witness]) * UInt128(edge.count) / heard[edge.witness]
            }
            trust = zip(seeds, inbound).map { seed, inbound in seed / 4 + UInt64(clamping: 3 * inbound / 4) }
        }
        return trust
    }

    /// How much of its units each resource is paid for, in parts per million, apart from the island rate.
    ///
    /// The reference is the smallest trust such that those with no more hold a quarter of all trust: a flood of new
    /// names holds none and cannot move it.
    public static func multipliers(_ trust: [UInt64]) -> [UInt64] {
        let all = trust.reduce(UInt128(0)) { $0 + UInt128($1) }
        var sum = UInt128(0)
        var reference: UInt64 = 0
        for value in trust.sorted() where 4 * sum < all {
            sum += UInt128(value)
            reference = value
        }
        guard reference > 0 else { return trust.map { _ in 0 } }
        return trust.map { $0 >= reference ? .millionPPM : $0.times(.millionPPM, over: reference) ?? .millionPPM }
    }
}
