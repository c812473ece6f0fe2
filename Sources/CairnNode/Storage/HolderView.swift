public import CairnBase
public import CairnLedger
public import CairnStorage
import CairnWire

/// What the chain says of the shards that a node's device holds.
public struct HolderView: Sendable {
    public let duties: [Duty]
    /// Of the device's own account, which says what it has to say.
    public let nonce: UInt64
    public let fee: Amount

    /// Nil where the device belongs to no storage resource.
    public init?(of node: NodeID, in state: some StateReader) throws(StateError) {
        let account = AccountID(node.key)
        guard let name = try state.load(RecordKey<ResourceName>.device(node.key)),
            let resource = try state.load(RecordKey<Resource>.resource(name.id)),
            let parameters = try state.load(RecordKey<Parameters>.parameters),
            let rules = try state.load(RecordKey<ProfileRules>.profile(resource.offer.profile))
        else { return nil }
        nonce = try state.load(RecordKey<Account>.account(account))?.nonce ?? 0
        fee = parameters.amount(.feeMin)
        let reader = ShardReader(state: state, number: resource.index, grace: rules.graceBlocks(parameters))
        duties = try reader.duties()
    }

    /// Whether a block may have changed it.
    public static func isTouched(by changes: [StateChange]) -> Bool { changes.contains { $0.key.table == .object } }
}

private struct ShardReader<State: StateReader> {
    let state: State
    let number: UInt32
    let grace: UInt64

    func duties() throws(StateError) -> [Duty] {
        var duties: [Duty] = []
        for slot in try state.heldSlots(of: number) {
            guard let shard = try state.load(RecordKey<HeldShard>.shard(number, slot)),
                let object = try state.load(RecordKey<PrepaidObject>.object(shard.object)),
                let duty = try duty(shard.object, object)
            else { continue }
            duties.append(duty)
        }
        return duties
    }

    /// A shard that counts as lost is still ours until another has it.
    private func duty(_ id: Digest, _ object: PrepaidObject) throws(StateError) -> Duty? {
        let order = object.order
        guard let own = object.holders.firstIndex(where: { $0.number == number }),
            let code = ErasureCode(needed: Int(order.needed), total: Int(order.shards))
        else { return nil }
        var holders: [Duty.Holder] = []
        for holder in object.holders {
            guard let node = try state.node(of: holder) else { return nil }
            holders.append(
                Duty.Holder(
                    node: node, isHolding: holder.isHolding, isLost: holder.isLost,
                    isMissedByUs: holder.missedBy.contains { Int($0.shard) == own }))
        }
        return Duty(
            object: id, root: order.root, code: code, units: Int(order.units), own: own, holders: holders, grace: grace)
    }
}

extension StateReader {
    /// A storage resource's device is the key of its node, by which it is reached.
    public func node(of holder: PrepaidObject.Holder) throws(StateError) -> NodeID? {
        guard let name = try load(RecordKey<ResourceName>.resourceName(holder.number)),
            let resource = try load(RecordKey<Resource>.resource(name.id))
        else { return nil }
        return NodeID(resource.offer.device)
    }
}
