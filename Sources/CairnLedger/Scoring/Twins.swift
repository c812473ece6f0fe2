import CairnBase

/// Which resources are one antenna under several names: whoever hears two of them hears both alike, but for a difference
/// that is the same everywhere.
///
/// Two radios at two places differ by path and shadow, for each witness by another amount. What a beacon's secret power
/// did to a signal is taken out first.
public struct Twins: Sendable {
    /// What one witness says of one target, by their places: a mean in ten-thousandths of a decibel.
    public struct Mean: Sendable, Equatable {
        public let target: Int
        public let witness: Int
        let value: Int64

        /// - Parameter rows: signals in tenths of a decibel above a milliwatt, with the power step of each; not empty.
        public init(target: Int, witness: Int, of rows: [(signal: Int16, powerStep: UInt8)]) {
            (self.target, self.witness) = (target, witness)
            // Lifted above zero, so that there is one way to round.
            let sum = rows.reduce(Int64(0)) { $0 + Int64($1.signal) + 30 * Int64($1.powerStep) + 32_768 }
            value = 1_000 * sum / Int64(max(1, rows.count))
        }
    }

    /// How many witnesses two must have in common, and what the variance of their differences must stay below, in
    /// hundredths of a decibel squared.
    private let witnesses: Int
    private let variance: UInt64

    public init(witnesses: Int, variance: UInt64) {
        (self.witnesses, self.variance) = (max(1, witnesses), variance)
    }

    /// For each of so many resources those that look like it, ascending. Means are given by witnesses who are believed, at
    /// most one for a pair.
    public func lookalikes(_ means: [Mean], among count: Int) -> [[Int]] {
        var byTarget = [[Mean]](repeating: [], count: count)
        var byWitness = byTarget
        for mean in means where byTarget.indices.contains(mean.target) && byTarget.indices.contains(mean.witness) {
            byTarget[mean.target].append(mean)
            byWitness[mean.witness].append(mean)
        }
        var found = [[Int]](repeating: [], count: count)
        var sums = [Sums](repeating: Sums(), count: count)
        for (one, mine) in byTarget.enumerated() {
            var met: [Int] = []
            for mean in mine {
                for other in byWitness[mean.witness] where other.target > one {
                    if sums[other.target].count == 0 { met.append(other.target) }
                    sums[other.target].add(mean.value - other.value)
                }
            }
            for other in met.sorted() {
                if sums[other].count >= witnesses, sums[other].isBelow(variance) {
                    found[one].append(other)
                    found[other].append(one)
                }
                sums[other] = Sums()
            }
        }
        return found
    }

    /// The differences between two, over the witnesses they have in common.
    private struct Sums {
        var count = 0
        private var sum: Int128 = 0
        private var squares: Int128 = 0

        /// Below 2^27 each.
        mutating func add(_ difference: Int64) {
            count += 1
            sum += Int128(difference)
            squares += Int128(difference) * Int128(difference)
        }

        /// Population variance, without division.
        func isBelow(_ limit: UInt64) -> Bool {
            Int128(count) * squares - sum * sum < Int128(limit) * 1_000_000 * Int128(count) * Int128(count)
        }
    }

    /// For each resource how many share one unit with it, itself among them: all that are tied to it, directly or through
    /// others.
    public static func sharing(_ ties: [[Int]]) -> [UInt32] {
        var first = [Int?](repeating: nil, count: ties.count)
        var sizes = [UInt32](repeating: 0, count: ties.count)
        for start in ties.indices where first[start] == nil {
            first[start] = start
            var open = [start]
            while let next = open.popLast() {
                sizes[start] += 1
                for other in ties[next] where first.indices.contains(other) && first[other] == nil {
                    first[other] = start
                    open.append(other)
                }
            }
        }
        return first.indices.map { place in first[place].map { sizes[$0] } ?? 1 }
    }
}
