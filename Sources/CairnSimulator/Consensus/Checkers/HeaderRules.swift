import CairnBase
import CairnConsensus

/// What makes a header sound, written apart from the core: from the world's own knowledge of epochs and committees.
enum HeaderRules {
    /// - Parameters:
    ///   - parent: nil when the checker has not seen it, or it is the block the epoch starts from.
    ///   - startState: nil while no honest node has begun the epoch.
    static func fault(
        in header: Header, parent: Header?, startState: Digest?, _ world: ConsensusWorld
    ) -> String? {
        let length = world.parameters.epochLength
        guard header.nextCommittee == world.committeeHash(of: header.epoch.next) else {
            return "it names a next committee that nobody computed"
        }
        if let startState, header.startState != startState {
            return "it names a state to start from that nobody computed"
        }
        let last = (header.epoch.number + 1) * length
        if header.height.number > last, header.payload.size > 0 {
            return "height \(header.height) above the epoch's last, \(last), carries a payload"
        }
        guard let parent else { return nil }
        guard parent.height.next == header.height, parent.view == header.parentView, parent.time <= header.time else {
            return "height, view or time do not follow from the parent"
        }
        guard header.randomness.previous == parent.randomness.next(using: world.hash) else {
            return "its randomness does not start from the parent's"
        }
        return nil
    }
}
