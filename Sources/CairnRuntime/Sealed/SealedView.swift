import CairnBase
import CairnLedger
import CairnNode
import CairnStorage
import CairnStore
import CairnWire
import CairnWitness

/// What the chain says that a node's device has to seal.
struct SealedView: Sendable {
    let provider: ResourceID
    let partitions: UInt32
    /// Of each, in MiB.
    let units: UInt32
    let walk: WalkRules

    /// Nil where the device belongs to no sealed resource that is still offered.
    init?(of device: PublicKey, in state: some StateReader) throws(StateError) {
        guard let name = try state.load(RecordKey<ResourceName>.device(device)),
            let resource = try state.load(RecordKey<Resource>.resource(name.id)),
            resource.offer.profile == .storageSealed, !resource.isRetired,
            let rules = try state.load(RecordKey<ProfileRules>.profile(.storageSealed)), let walk = rules.walk,
            let units = UInt32(exactly: rules["unitsPerPartition"]), units.nonzeroBitCount == 1
        else { return nil }
        provider = name.id
        partitions = rules.partitions(in: resource.offer.capacity ?? 0)
        self.units = units
        self.walk = walk
    }

    func identity(_ partition: UInt32, on chain: ChainID) -> SealedFile.Identity {
        SealedFile.Identity(
            chain: chain, provider: Digest(provider.raw), partition: partition, units: units,
            passes: UInt32(clamping: walk.passes))
    }
}
