import CairnBase
import CairnLedger
import CairnNode

/// What the executed chain says of objects.
extension NodeChain {
    /// The answer to an owner who asks.
    func object(_ id: Digest) -> NodeTraffic {
        guard let record = (try? state.load(RecordKey<PrepaidObject>.object(id))) ?? nil else {
            return .object(id, nil, holders: [])
        }
        let holders = record.holders.compactMap { (try? state.node(of: $0)) ?? nil }
        return .object(id, record, holders: holders)
    }
}
