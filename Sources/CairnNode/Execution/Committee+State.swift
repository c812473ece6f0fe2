public import CairnBase
public import CairnConsensus
public import CairnLedger
import CairnWire

extension CairnConsensus.Committee {
    /// Who decides in an epoch, as the state says.
    public init(of epoch: Epoch, in state: some StateReader) throws(StateError) {
        let record = RecordKey<CairnLedger.Committee>.committee(epoch)
        guard let seats = try state.load(record) else { throw .damaged(record.key) }
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
    public init(of epoch: Epoch, in state: some StateReader, using hash: some HashFunction) throws(StateError) {
        self.init(epoch: epoch, committee: try Committee(of: epoch, in: state).hash(using: hash))
    }

    /// Whether a chain that comes to this epoch is another one than was trusted.
    public func contradicts(_ plan: EpochPlan, using hash: some HashFunction) -> Bool {
        plan.epoch == epoch && plan.committee.hash(using: hash) != committee
    }
}
