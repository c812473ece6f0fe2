import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire

/// The chain's past as the store has it, in the pieces in which others ask for it.
struct ChainHistory {
    let store: ChainStore
    let executor: ChainExecutor<Blake2b>

    /// Whole or nothing: part of what was asked for would look like a lie.
    func answer(_ request: HistoryRequest) throws(StoreError) -> HistoryAnswer? {
        let chain = StoredChain(store)
        switch request {
        case .block(let digest):
            guard let height = try store.height(of: digest) else { return try epilogue(digest) }
            return try chain.block(at: height).map { .block($0) }
        case .handoffs(let epoch):
            let handoffs = try handoffs(from: epoch)
            return handoffs.isEmpty ? nil : .handoffs(handoffs)
        case .headers(let last, let count):
            guard last.number >= UInt64(count) else { return nil }
            var headers: [Header] = []
            while headers.count < count, let block = try chain.block(at: last.preceding(by: UInt64(headers.count))) {
                headers.append(block.header)
            }
            return headers.count == count ? .headers(headers) : nil
        case .payloads(let first, let count):
            var payloads: [Payload] = []
            var size = 0
            while payloads.count < count, let block = try chain.block(at: first.advanced(by: UInt64(payloads.count))) {
                size += block.payload.bytes.count
                guard payloads.isEmpty || size <= HistoryRequest.answerBytes else { break }
                payloads.append(block.payload)
            }
            return payloads.count == count ? .payloads(payloads) : nil
        case .receipts: return nil
        }
    }

    /// A block above the last of the epoch that ended lately: who missed it waits for it before it can go on.
    private func epilogue(_ digest: Digest) throws(StoreError) -> HistoryAnswer? {
        guard let head = store.head?.height, let epoch = try store.block(at: head)?.epoch else { return nil }
        for back in 0...min(1, epoch.number) {
            let proof = try end(of: epoch.preceding(by: back))?.proof
            if let block = proof?.block(digest, using: Blake2b()) { return .block(block) }
        }
        return nil
    }

    private func handoffs(from first: Epoch) throws(StoreError) -> [Handoff] {
        var handoffs: [Handoff] = []
        var size = 0
        while handoffs.count < HistoryRequest.handoffLimit {
            guard let stored = try end(of: first.advanced(by: UInt64(handoffs.count))),
                size < HistoryRequest.answerBytes,
                let handoff = try? Handoff.decode(stored.certificate, limit: stored.certificate.count)
            else { break }
            size += stored.certificate.count
            handoffs.append(handoff)
        }
        return handoffs
    }

    /// The finalization that ended an epoch.
    func finalization(of epoch: Epoch) throws(StoreError) -> Certificate? {
        try end(of: epoch)?.proof?.finalization
    }

    private func end(of epoch: Epoch) throws(StoreError) -> StoredBlock? {
        let last: Height
        do throws(StateError) {
            last = try executor.lastHeight(of: epoch, on: StoredChain(store))
        } catch {
            throw StoreError(error)
        }
        return try store.block(at: last)
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
