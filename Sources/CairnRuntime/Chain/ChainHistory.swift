import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire

/// The chain's past as the store has it.
struct ChainHistory: ChainPast {
    let store: ChainStore
    let executor: ChainExecutor<Blake2b>

    var height: Height { store.head?.height ?? .genesis }

    func height(of block: Digest) throws(StoreError) -> Height? { try store.height(of: block) }

    func block(at height: Height) throws(StoreError) -> Block? { try StoredChain(store).block(at: height) }

    func handoff(from epoch: Epoch) throws(StoreError) -> (handoff: Handoff, byteCount: Int)? {
        let last: Height
        do throws(StateError) {
            last = try executor.lastHeight(of: epoch, on: StoredChain(store))
        } catch {
            throw StoreError(error)
        }
        guard let bytes = try store.block(at: last)?.certificate,
            let handoff = try? Handoff.decode(bytes, limit: bytes.count)
        else { return nil }
        return (handoff, bytes.count)
    }
}

extension StoredBlock {
    /// What shows that it is final; nil where the proof of a later block does. The last block of an epoch is stored with its
    /// handoff, which begins with the proof.
    var proof: FinalityProof? {
        var reader = ByteReader(certificate.span.bytes)
        return try? FinalityProof(from: &reader)
    }
}
