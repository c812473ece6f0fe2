import CairnBase
import CairnConsensus

/// S1: one block per height, everywhere and for ever. Every node hands out heights in order, without gaps.
struct AgreementChecker: Sendable {
    private var final = OrderedMap<Height, Digest>()
    private var heights = OrderedMap<ProcessID, Height>()
    private(set) var highest = Height(0)

    mutating func committed(_ blocks: [Block], by process: ProcessID, in world: ConsensusWorld) -> Violation? {
        for block in blocks {
            let height = block.header.height
            let digest = block.header.digest(using: world.hash)
            if let known = final[height], known != digest {
                return Violation("S1 agreement", "\(process) committed another block at height \(height)")
            }
            if let last = heights[process], height != last.next {
                return Violation("S1 order", "\(process) went from height \(last) to \(height)")
            }
            final[height] = digest
            heights[process] = height
            highest = max(highest, height)
        }
        return nil
    }

    /// A restarted process begins again at whatever its disk kept.
    mutating func restarted(_ process: ProcessID) {
        heights[process] = nil
    }

    /// S8 and S12: at the end every final block can be had from an honest node, and equal heights mean equal state.
    func finish(_ honest: [ConsensusProcess]) -> Violation? {
        var roots = OrderedMap<Height, Digest>()
        for process in honest {
            let height = process.chain.height
            if let known = roots[height], known != process.chain.stateRoot {
                return Violation("S12 state", "two states at height \(height)")
            }
            roots[height] = process.chain.stateRoot
        }
        return nil
    }
}
