import CairnBase

/// Resources: registered and moved for a fee that is burned, backed by a bond, retired for good.
extension BlockRun {
    mutating func register(_ registration: Registration, by controller: AccountID) throws(StateError) -> Outcome {
        let offer = registration.offer
        guard try state.load(.device(offer.device)) == nil else { return .deviceTaken }
        if let radio = offer.radio, try state.load(.radio(radio.eui)) != nil { return .radioTaken }
        let sequence = try state.load(.registrations(by: controller))?.value ?? 0
        let number = try state.load(.resourceCount)?.value ?? 0
        guard let index = UInt32(exactly: number) else { return .tooManyResources }
        guard try payPlaceFee(controller) else { return .insufficientBalance }
        let id = Resource.id(chain: ledger.chain, controller: controller, sequence: sequence, using: ledger.hash)
        let resource = Resource(
            index: index, controller: controller, offer: offer, site: registration.site,
            stakeRoot: registration.backer, bond: .zero, isRetired: false, since: epoch)
        state.store(.resource(id), resource)
        try beginTrack(resource, sequence: sequence)
        state.store(.resourceName(index), ResourceName(id))
        state.store(.device(offer.device), ResourceName(id))
        if let radio = offer.radio { state.store(.radio(radio.eui), ResourceName(id)) }
        state.store(.registrations(by: controller), Count(sequence + 1))
        state.store(.resourceCount, Count(number + 1))
        try insert(index, RecordKey.liveNumbers)
        return .applied
    }

    mutating func move(_ id: ResourceID, to site: Site, by sender: AccountID) throws(StateError) -> Outcome {
        guard var resource = try state.load(.resource(id)) else { return .unknownResource }
        guard resource.controller == sender else { return .notTheController }
        guard !resource.isRetired else { return .resourceRetired }
        guard try payPlaceFee(sender) else { return .insufficientBalance }
        // A new address at the old place takes nothing from what was earned there.
        if resource.site.position != site.position || resource.site.height != site.height {
            resource.since = epoch
            try forgetNeighbours(of: resource.index)
        }
        resource.site = site
        state.store(.resource(id), resource)
        return .applied
    }

    /// The bond stays with the resource until who locked it asks for it.
    mutating func retire(_ id: ResourceID, by sender: AccountID) throws(StateError) -> Outcome {
        guard var resource = try state.load(.resource(id)) else { return .unknownResource }
        guard resource.controller == sender else { return .notTheController }
        guard !resource.isRetired else { return .resourceRetired }
        resource.isRetired = true
        state.store(.resource(id), resource)
        try remove(resource.index, RecordKey.liveNumbers)
        try releaseHeld(resource.index, to: resource.controller)
        return .applied
    }

    /// Who believed it believed it there.
    private mutating func forgetNeighbours(of number: UInt32) throws(StateError) {
        var track = try state.require(.track(number))
        (track.trust, track.captor) = (0, nil)
        state.store(.track(number), track)
        for member in try state.load(.neighbourhood(number))?.members ?? [] {
            state.remove(.pair(of: number, and: member.number))
        }
        state.remove(.neighbourhood(number))
    }

    /// A new resource's empty track record. The root of its stake has been here since its first.
    private mutating func beginTrack(_ resource: Resource, sequence: UInt64) throws(StateError) {
        let anchor = Genesis.Anchor(controller: resource.controller, sequence: sequence)
        let isAnchor = try state.require(.anchors).anchors.contains(anchor)
        let standing = Standing(start: parameters[.standingStart])
        state.store(.track(resource.index), Track(registered: epoch, standing: standing, isAnchor: isAnchor))
        if try state.load(.stakeRootSince(resource.stakeRoot)) == nil {
            state.store(.stakeRootSince(resource.stakeRoot), StakeRootSince(epoch))
        }
    }

    mutating func back(_ id: ResourceID, with amount: Amount, by sender: AccountID) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard var resource = try state.load(.resource(id)) else { return .unknownResource }
        guard !resource.isRetired else { return .resourceRetired }
        guard resource.stakeRoot == sender else { return .notTheStakeRoot }
        guard try debit(sender, amount) else { return .insufficientBalance }
        resource.bond = resource.bond.plus(amount)
        state.store(.resource(id), resource)
        return .applied
    }

    mutating func unback(_ id: ResourceID, by amount: Amount, by sender: AccountID) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard var resource = try state.load(.resource(id)) else { return .unknownResource }
        guard resource.stakeRoot == sender else { return .notTheStakeRoot }
        guard let rest = resource.bond.subtracting(amount) else { return .bondTooSmall }
        var stake = try state.load(.stake(sender)) ?? Stake()
        guard stake.queue(amount, release: releaseHeight) else { return .tooManyUnbondings }
        state.store(.stake(sender), stake)
        resource.bond = rest
        state.store(.resource(id), resource)
        return .applied
    }

    private mutating func payPlaceFee(_ payer: AccountID) throws(StateError) -> Bool {
        let fee = parameters.amount(.placeFee)
        guard try debit(payer, fee) else { return false }
        try burn(fee)
        return true
    }
}
