import CairnBase

/// Claims about sealed partitions. Nobody checks one when it is made: rounds ask for what it says, and a round in which one
/// full check is wrong is not paid.
extension BlockRun {
    mutating func seal(_ claim: SealedClaim, by sender: AccountID) throws(StateError) -> Outcome {
        guard let resource = try state.load(.resource(claim.resource)) else { return .unknownResource }
        guard resource.controller == sender else { return .notTheController }
        guard !resource.isRetired else { return .resourceRetired }
        guard resource.offer.profile == .storageSealed, let capacity = resource.offer.capacity,
            let rules = try state.load(.profile(.storageSealed)), claim.partition < rules.partitions(in: capacity)
        else { return .unknownPartition }
        state.store(.sealedPartition(resource.index, claim.partition), SealedPartition(claim))
        return .applied
    }
}
