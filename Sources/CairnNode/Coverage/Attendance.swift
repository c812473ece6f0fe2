import CairnBase

/// Whether this node was there while the chain grew, or read afterwards what it had missed.
///
/// What gateways say about a challenge is said along with the blocks that follow it. Whose blocks came as proposals, one
/// after another, had its ear open; one of them may be lost on its way. Who had to fetch two in a row was away.
struct Attendance: Sendable {
    private static let capacity = 64

    private var heard = OrderedMap<Digest, Height>()
    private var missedInARow = 0

    mutating func hear(_ block: Digest, at height: Height) {
        heard[block] = height
        guard heard.count > Self.capacity, let lowest = heard.min(by: { $0.value < $1.value }) else { return }
        heard.removeValue(forKey: lowest.key)
    }

    /// The next block is executed: whether messages of its time were missed.
    mutating func wasAway(at block: Digest, _ height: Height) -> Bool {
        missedInARow = heard[block] == nil ? missedInARow + 1 : 0
        for old in heard.filter({ $0.value <= height }).map(\.key) { heard.removeValue(forKey: old) }
        return missedInARow > 1
    }
}
