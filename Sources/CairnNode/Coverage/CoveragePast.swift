public import CairnBase
public import CairnWitness

/// What a node that starts reads of the blocks before, to follow coverage from there on.
public struct CoveragePast: Sendable {
    /// Of the epochs whose challenges may still be open.
    public let views: [CoverageView]
    /// The newest heights with the chain's random values, lowest first.
    public let blocks: [(height: Height, randomness: Digest)]

    public static let none = CoveragePast(views: [], blocks: [])

    public init(views: [CoverageView], blocks: [(height: Height, randomness: Digest)]) {
        self.views = views
        self.blocks = blocks
    }
}

extension Judge {
    /// Knows the chain up to now, and that it missed what was said meanwhile.
    mutating func begin(_ past: CoveragePast) {
        var effects: [JudgeEffect] = []
        for view in past.views { handle(.view(view), at: .origin, into: &effects) }
        for (height, value) in past.blocks {
            handle(.block(height, randomness: value, adopted: []), at: .origin, into: &effects)
        }
        handle(.resumed, at: .origin, into: &effects)
    }
}
