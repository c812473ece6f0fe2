import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
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
}

extension ChainView {
    /// Nil where the state does not know who decides in that epoch.
    func checkpoint(of epoch: Epoch) throws(Failure) -> LightClient.Checkpoint? {
        do throws(StateError) {
            if let past { return try .init(of: epoch, in: past, using: Blake2b()) }
            return try .init(of: epoch, in: reader, using: Blake2b())
        } catch {
            throw Failure(StoreError(error))
        }
    }
}
