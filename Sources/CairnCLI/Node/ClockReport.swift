import CairnWire

/// How far the clocks of others are from a node's.
struct ClockReport: Sendable {
    let offset: Int64
    /// From where on peers do not speak with each other.
    private let bound: Int64
    private let peers: UInt64
    private let blocks: UInt64

    /// Nil where the node knows of nobody's clock.
    init?(_ document: JSON?) {
        guard let document, let offset = document["offset_ms"]?.integer(Int64.self),
            let bound = document["bound_ms"]?.integer(Int64.self)
        else { return nil }
        (self.offset, self.bound) = (offset, bound)
        isFine = document["apart"] != .bool(true)
        peers = document["peers"]?.integer() ?? 0
        blocks = document["blocks"]?.integer() ?? 0
    }

    let isFine: Bool

    var sentence: String {
        let source = blocks > 0 ? "the newest blocks of \(blocks) others" : "\(peers) peers when they said hello"
        let way = offset < 0 ? "behind" : "ahead of"
        return "others are \(offset.magnitude) ms \(way) this clock, by \(source)"
            + (isFine ? "" : "; from \(bound / 1_000) s on peers turn away")
    }
}
