import CairnBase
import CairnConsensus
import CairnWire

/// A checkpoint as people compare it: EPOCH:HASH.
extension LightClient.Checkpoint {
    var words: String { "\(epoch):\(committee)" }

    init(words: String) throws(ValueKind.Refusal) {
        let parts = words.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = UInt64(parts[0]), let raw = bytes(hex: String(parts[1])),
            let committee = Bytes32(raw)
        else { throw .init(reason: "not an epoch and a hash of 64 hexadecimal digits: 12:5c5f…") }
        self.init(epoch: Epoch(epoch), committee: Digest(committee))
    }

    /// The committee that a block names: the one after its own.
    init?(namedBy header: [UInt8]) {
        guard let header = try? Header.decode(header, limit: header.count) else { return nil }
        self.init(epoch: header.epoch.next, committee: header.nextCommittee)
    }
}
