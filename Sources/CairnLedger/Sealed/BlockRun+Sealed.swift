import CairnBase

/// Claims about sealed partitions. Nobody checks one when it is made: rounds ask for what it says, and a round in which one
/// full check is wrong is not paid. They are made in the order of their numbers, so that whoever looks for them reads as many
/// as were paid for, whatever room is claimed.
extension BlockRun {
    mutating func seal(_ claim: SealedClaim, by sender: AccountID) throws(StateError) -> Outcome {
        guard let resource = try state.load(.resource(claim.resource)) else { return .unknownResource }
        guard resource.controller == sender else { return .notTheController }
        guard !resource.isRetired else { return .resourceRetired }
        guard resource.offer.profile == .storageSealed, let capacity = resource.offer.capacity,
            let rules = try state.load(.profile(.storageSealed)), claim.partition < rules.partitions(in: capacity)
        else { return .unknownPartition }
        if claim.partition > 0 {
            let before = try state.load(.sealedPartition(resource.index, claim.partition - 1))
            guard before != nil else { return .unknownPartition }
        }
        state.store(.sealedPartition(resource.index, claim.partition), SealedPartition(claim))
        return .applied
    }
}
