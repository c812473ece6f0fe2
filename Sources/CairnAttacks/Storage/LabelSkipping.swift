internal import CairnBase
internal import CairnStorage

/// A way to keep part of a mask: every `every`-th label of each of the last `last` passes.
public struct LabelSkipping: Sendable, Hashable {
    public let every: Int
    public let last: Int

    public init(every: Int, last: Int) {
        self.every = every
        self.last = last
    }

    /// One after another: half of the mask kept in all ways, then less and less.
    public static func ways(passes: Int) -> [LabelSkipping] {
        let half = [1, 2, 4, 8, 16, 48].filter { $0 <= passes }.map { LabelSkipping(every: 2 * $0, last: $0) }
        return half + [4, 8, 16, 64].map { LabelSkipping(every: $0, last: 1) }
    }

    /// What is kept, in parts of what an honest provider keeps.
    public var keptPPM: UInt64 { UInt64(last) * 1_000_000 / UInt64(max(1, every)) }

    /// What a leaf costs on the average of some, in parts of a whole mask.
    public func costPPM(in shape: MaskShape, leaves: Int, seed: UInt64) -> UInt64 {
        let perLeaf = StorageUnits.leafBytes / 64
        var random = SeededRandom(seed: seed)
        var made: UInt64 = 0
        for _ in 0..<leaves {
            let first = Int(random.below(UInt64(max(1, shape.labels / perLeaf)))) * perLeaf
            let wanted = first..<min(shape.labels, first + perLeaf)
            // Another label in every pass, so that what was kept of one pass is no parent of what was kept of the next.
            made += UInt64(
                shape.made(for: wanted) { pass, label in
                    pass >= shape.passes - last && (label + pass) % every == 0
                })
        }
        return made * 1_000_000 / UInt64(max(1, leaves * shape.labels * shape.passes))
    }
}
