public import CairnBase
public import CairnConsensus

/// An executed chain, out of which others are told what they ask: a database, or whatever else has the blocks.
public protocol ChainPast {
    associatedtype Failure: Error = Never

    /// Of the newest executed block.
    var height: Height { get }
    func height(of block: Digest) throws(Failure) -> Height?
    /// An executed block; nil for genesis, which consensus did not make.
    func block(at height: Height) throws(Failure) -> Block?
    /// How an epoch handed over to the next, and what that weighs; nil while it has not ended.
    func handoff(from epoch: Epoch) throws(Failure) -> (handoff: Handoff, byteCount: Int)?
}

extension ChainPast {
    /// Whole or nothing: part of what was asked for would look like a lie.
    public func answer(_ request: HistoryRequest, using hash: some HashFunction) throws(Failure) -> HistoryAnswer? {
        switch request {
        case .block(let digest):
            guard let height = try height(of: digest) else {
                return try epilogue(digest, using: hash).map { .block($0) }
            }
            return try block(at: height).map { .block($0) }
        case .handoffs(let epoch):
            let handoffs = try handoffs(from: epoch)
            return handoffs.isEmpty ? nil : .handoffs(handoffs)
        case .headers(let last, let count):
            guard last.number >= UInt64(count) else { return nil }
            var headers: [Header] = []
            while headers.count < count, let block = try block(at: last.preceding(by: UInt64(headers.count))) {
                headers.append(block.header)
            }
            return headers.count == count ? .headers(headers) : nil
        case .payloads(let first, let count):
            var payloads: [Payload] = []
            var size = 0
            while payloads.count < count, let block = try block(at: first.advanced(by: UInt64(payloads.count))) {
                size += block.payload.bytes.count
                guard payloads.isEmpty || size <= HistoryRequest.answerBytes else { break }
                payloads.append(block.payload)
            }
            return payloads.count == count ? .payloads(payloads) : nil
        case .receipts, .snapshot, .chunk: return nil
        }
    }

    /// The finalization that ended an epoch.
    public func finalization(of epoch: Epoch) throws(Failure) -> Certificate? {
        try handoff(from: epoch)?.handoff.last.finalization
    }

    /// A block above the last of the epoch that ended lately: who missed it waits for it before it can go on.
    private func epilogue(_ digest: Digest, using hash: some HashFunction) throws(Failure) -> Block? {
        guard let epoch = try block(at: height)?.header.epoch else { return nil }
        for back in 0...min(1, epoch.number) {
            let last = try handoff(from: epoch.preceding(by: back))?.handoff.last
            if let block = last?.block(digest, using: hash) { return block }
        }
        return nil
    }

    private func handoffs(from first: Epoch) throws(Failure) -> [Handoff] {
        var handoffs: [Handoff] = []
        var size = 0
        while handoffs.count < HistoryRequest.handoffLimit, size < HistoryRequest.answerBytes,
            let next = try handoff(from: first.advanced(by: UInt64(handoffs.count)))
        {
            size += next.byteCount
            handoffs.append(next.handoff)
        }
        return handoffs
    }
}
