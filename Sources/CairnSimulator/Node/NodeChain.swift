import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// The executed chain of a simulated node: what the real one keeps in its database, out of the same executor.
struct NodeChain: Sendable, ExecutedChain {
    let executor: ChainExecutor<MixHash>
    private(set) var state = MemoryState()
    private(set) var blocks: [Block] = []
    /// By place in `blocks`; nil where a later one covers it.
    private var proofs: [FinalityProof?] = []
    fileprivate var handoffs = OrderedMap<Epoch, Handoff>()
    private var heights = OrderedMap<Digest, Height>()

    init(_ world: NodeWorld) {
        executor = ChainExecutor(chain: world.chain, genesisTime: world.genesis.time, hash: world.hash)
        state.commit(world.beginning)
    }

    var height: Height { Height(UInt64(blocks.count)) }

    func header(at height: Height) -> Header? { block(at: height)?.header }

    func block(at height: Height) -> Block? {
        guard height > .genesis, height <= self.height else { return nil }
        return blocks[Int(height.number) - 1]
    }

    func proof(at height: Height) -> FinalityProof? {
        guard height > .genesis, height <= self.height else { return nil }
        return proofs[Int(height.number) - 1]
    }

    func finalization(of epoch: Epoch) -> Certificate? { handoffs[epoch]?.last.finalization }

    /// Executes the next block. Its transactions were checked, and a quorum stands for them.
    mutating func execute(
        _ block: Block, _ proof: FinalityProof?, _ transactions: [Verified<Transaction>], _ verdicts: [Verdict]
    ) throws(StateError) -> Execution {
        let execution = try executor.execute(block.header, transactions, verdicts, on: self)
        if let proof, try executor.isLast(block.header.height, on: self) {
            handoffs[block.header.epoch] = try executor.handoff(of: proof, on: self)
        }
        state.commit(execution.outcome)
        blocks.append(block)
        proofs.append(proof)
        heights[block.header.digest(using: MixHash())] = block.header.height
        return execution
    }

    func nonce(of account: AccountID) -> UInt64 {
        ((try? state.load(RecordKey<Account>.account(account))) ?? nil)?.nonce ?? 0
    }

    /// Whole or nothing: part of what was asked for would look like a lie.
    func answer(_ request: HistoryRequest) -> HistoryAnswer? {
        switch request {
        case .block(let digest):
            guard let height = heights[digest] else { return epilogue(digest).map { .block($0) } }
            return block(at: height).map { .block($0) }
        case .handoffs(let first):
            let found = (0..<UInt64(HistoryRequest.handoffLimit)).lazy.map { handoffs[first.advanced(by: $0)] }
            let whole = found.prefix { $0 != nil }.compactMap(\.self)
            return whole.isEmpty ? nil : .handoffs(Array(whole))
        case .headers(let last, let count):
            guard last <= height, last.number >= UInt64(count) else { return nil }
            return .headers((0..<UInt64(count)).compactMap { header(at: last.preceding(by: $0)) })
        case .payloads(let first, let count):
            guard first > .genesis, first.advanced(by: UInt64(count) - 1) <= height else { return nil }
            return .payloads((0..<UInt64(count)).compactMap { block(at: first.advanced(by: $0))?.payload })
        case .receipts: return nil
        }
    }
}

extension NodeChain {
    /// A block above the last of the epoch that ended lately.
    private func epilogue(_ digest: Digest) -> Block? {
        handoffs.reversed().prefix(2).lazy.compactMap { $0.value.last.block(digest, using: MixHash()) }.first
    }
}

/// A final block as it lies in the file of a simulated node.
struct FinalBlockRecord: Canonical {
    let block: Block
    let proof: FinalityProof?

    init(_ block: Block, _ proof: FinalityProof?) {
        self.block = block
        self.proof = proof
    }

    init(from reader: inout ByteReader) throws(DecodeError) {
        block = try Block(from: &reader)
        proof = try reader.bool() ? FinalityProof(from: &reader) : nil
    }

    func encode(into writer: inout ByteWriter) {
        block.encode(into: &writer)
        writer.bool(proof != nil)
        proof?.encode(into: &writer)
    }
}
