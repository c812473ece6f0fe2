import CairnWire

/// How far the clocks of others are from a node's.
struct ClockReport: Sendable {
    let offset: Int64
    /// From where on that is worth a word, and from where on peers do not speak with each other.
    private let concern: Int64
    private let bound: Int64
    private let peers: UInt64
    private let blocks: UInt64

    /// Nil where the node knows of nobody's clock.
    init?(_ document: JSON?) {
        guard let document, let offset = document["offset_ms"]?.integer(Int64.self),
            let concern = document["concern_ms"]?.integer(Int64.self),
            let bound = document["bound_ms"]?.integer(Int64.self)
        else { return nil }
        (self.offset, self.concern, self.bound) = (offset, concern, bound)
        peers = document["peers"]?.integer() ?? 0
        blocks = document["blocks"]?.integer() ?? 0
    }

    var isFine: Bool { offset.magnitude <= UInt64(clamping: concern) }

    var sentence: String {
        let source = blocks > 0 ? "the newest \(blocks) blocks" : "\(peers) peers when they said hello"
        let way = offset < 0 ? "behind" : "ahead of"
        return "others are \(offset.magnitude) ms \(way) this clock, by \(source)"
            + (isFine ? "" : "; from \(bound / 1_000) s on peers turn away")
    }
}
