public import CairnBase
public import CairnConsensus
public import CairnLedger
import CairnWire

extension CairnConsensus.Committee {
    /// Who decides in an epoch, as the state says; nil where it does not know yet or any more.
    init?(of epoch: Epoch, in state: some StateReader) throws(StateError) {
        let record = RecordKey<CairnLedger.Committee>.committee(epoch)
        guard let seats = try state.load(record) else { return nil }
        let members = seats.members.map { member in
            CairnConsensus.Validator(
                key: member.keys.vote, node: member.keys.node, randomnessKey: member.keys.randomness,
                weight: member.weight)
        }
        do {
            try self.init(members)
        } catch {
            throw .damaged(record.key)
        }
    }
}

extension LightClient.Checkpoint {
    /// Nil where the state does not know who decides in that epoch.
    public init?(of epoch: Epoch, in state: some StateReader, using hash: some HashFunction) throws(StateError) {
        guard let committee = try Committee(of: epoch, in: state) else { return nil }
        self.init(epoch: epoch, committee: committee.hash(using: hash))
    }

    /// Whether a chain that comes to this epoch is another one than was trusted.
    public func contradicts(_ plan: EpochPlan, using hash: some HashFunction) -> Bool {
        plan.epoch == epoch && plan.committee.hash(using: hash) != committee
    }
}
