import CairnBase
import CairnWire

/// Owners pay for what was proven, epoch by epoch; a part of every payment is burned.
extension BlockRun {
    mutating func payForObjects(
        _ epoch: Epoch, _ frozen: [FrozenResource], _ shares: inout [EpochShare]
    ) throws(StateError) {
        for (place, resource) in frozen.enumerated() {
            for slot in shares[place].provenSlots.sorted() {
                guard let shard = try state.load(.shard(resource.number, slot)) else { continue }
                try pay(resource, &shares[place], for: shard.object, epoch)
            }
        }
        for id in try state.load(.closing(epoch))?.ids ?? [] { try endClosed(id) }
        state.remove(.closing(epoch))
    }

    private mutating func pay(
        _ resource: FrozenResource, _ share: inout EpochShare, for id: Digest, _ epoch: Epoch
    ) throws(StateError) {
        guard var object = try state.load(.object(id)), parameters.epoch(of: object.opened) <= epoch else { return }
        let price = min(object.order.price, object.left)
        let burned = price.share(ppm: parameters[.prepaidBurnPPM])
        let paid = price.minus(burned)
        object.left = object.left.minus(price)
        object.spent = object.spent.plus(price)
        state.store(.object(id), object)
        try burn(burned)
        try credit(resource.controller, paid)
        share.paid = share.paid.plus(paid)
        share.burned = share.burned.plus(burned)
        try note(price, from: object.owner, to: resource)
        if object.left == .zero { try end(id) }
    }

    /// Keeps who paid whom, and a fifth of the payment as the profile's revenue: direct payment burns a fifth of what
    /// credits do.
    private mutating func note(
        _ price: Amount, from payer: AccountID, to resource: FrozenResource
    ) throws(StateError) {
        let period = parameters.period(of: epoch)
        var payers = try state.load(.payers(of: resource.number)) ?? PaymentPartners()
        payers.note(payer, in: period)
        state.store(.payers(of: resource.number), payers)
        var payees = try state.load(.payees(of: payer)) ?? PaymentPartners()
        payees.note(resource.stakeRoot, in: period)
        state.store(.payees(of: payer), payees)
        guard var funds = try state.load(.funds(resource.offer.profile)) else { return }
        funds.revenue.add(price.units / 5)
        state.store(.funds(resource.offer.profile), funds)
    }

    mutating func recordBurn(_ net: Amount, for number: UInt32, _ epoch: Epoch) throws(StateError) {
        var history = try state.load(.burns(for: number)) ?? BurnHistory()
        history.add(net, in: parameters.period(of: self.epoch))
        state.store(.burns(for: number), history)
    }

    /// What makes a resource a source of trust: the burn of its payers, if three of them each also paid three others.
    mutating func paidBurn(of number: UInt32, since period: UInt64) throws(StateError) -> UInt64 {
        guard let burns = try state.load(.burns(for: number)), let payers = try state.load(.payers(of: number)) else {
            return 0
        }
        let root = try state.require(.resource(state.require(.resourceName(number)).id)).stakeRoot
        var diverse = 0
        for payer in payers.partners where payer.period >= period {
            let others = try state.load(.payees(of: payer.account))?.partners.filter { payee in
                payee.period >= period && payee.account != root
            }
            if others?.count ?? 0 >= 3 { diverse += 1 }
        }
        return diverse >= 3 ? burns.sum(since: period) : 0
    }
}
