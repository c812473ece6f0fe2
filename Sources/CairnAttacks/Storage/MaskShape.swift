public import CairnBase
internal import CairnStorage

/// From which labels every label of one mask was made: what a cheat that keeps only some of them has to make again.
public struct MaskShape: Sendable {
    public let labels: Int
    public let passes: Int
    /// The label mixed in besides the one before, pass after pass.
    private let picks: [UInt32]

    public init(from seed: Bytes32, labels: Int, passes: Int, using hash: some WideHashFunction) {
        var growth = PadGrowth(from: seed, labels: labels)
        var picks: [UInt32] = []
        picks.reserveCapacity(labels * passes)
        for pass in 0..<passes {
            let beforeFirst = growth.drawn(labels - 1)
            growth.pass(using: hash)
            for label in 0..<labels {
                let drawn = label == 0 ? beforeFirst : growth.drawn(label - 1)
                picks.append(UInt32(PadGrowth.pick(drawn, at: label, pass: pass, of: labels)))
            }
        }
        self.labels = labels
        self.passes = passes
        self.picks = picks
    }

    /// How many labels must be made to have `wanted` of the last pass, `keeps` telling which (pass, label) are at hand.
    ///
    /// Each is made once, and all picks are taken to be known beforehand: both in the cheat's favour.
    public func made(for wanted: Range<Int>, keeping keeps: (Int, Int) -> Bool) -> Int {
        var above = [Bool](repeating: false, count: labels)
        for label in wanted { above[label] = true }
        var made = 0
        for pass in stride(from: passes - 1, through: 0, by: -1) {
            var below = [Bool](repeating: false, count: labels)
            for label in stride(from: labels - 1, through: 0, by: -1) where above[label] && !keeps(pass, label) {
                made += 1
                let pick = Int(picks[pass * labels + label])
                if label > 0 { above[label - 1] = true } else { below[labels - 1] = true }
                if pick < label { above[pick] = true } else { below[pick] = true }
                below[label] = true
            }
            above = below
        }
        return made
    }
}
