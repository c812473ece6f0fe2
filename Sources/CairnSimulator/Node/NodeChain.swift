import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness

/// The executed chain of a simulated node: what the real one keeps in its database, out of the same executor.
struct NodeChain: Sendable, ExecutedChain {
    let executor: ChainExecutor<MixHash>
    private(set) var state = MemoryState()
    private(set) var blocks: [Block] = []
    /// After genesis and after each block.
    private var roots: [Digest] = []
    /// By place in `blocks`; nil where a later one covers it.
    private var proofs: [FinalityProof?] = []
    private var handoffs = OrderedMap<Epoch, Handoff>()
    private var heights = OrderedMap<Digest, Height>()

    init(_ world: NodeWorld) {
        executor = ChainExecutor(chain: world.chain, genesisTime: world.genesis.time, hash: world.hash)
        state.commit(world.beginning)
        roots = [state.root]
    }

    var height: Height { Height(UInt64(blocks.count)) }

    func root(at height: Height) -> Digest? { height <= self.height ? roots[Int(height.number)] : nil }

    func header(at height: Height) -> Header? { block(at: height)?.header }

    func block(at height: Height) -> Block? {
        guard height > .genesis, height <= self.height else { return nil }
        return blocks[Int(height.number) - 1]
    }

    func proof(at height: Height) -> FinalityProof? {
        guard height > .genesis, height <= self.height else { return nil }
        return proofs[Int(height.number) - 1]
    }

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
        roots.append(state.root)
        proofs.append(proof)
        heights[block.header.digest(using: MixHash())] = block.header.height
        return execution
    }

    /// The rounds of storage that begin with the newest block.
    func audits(begunBy execution: Execution) -> [AuditRound] {
        (try? executor.audits(begunAt: height, randomness: execution.context.randomness, on: self)) ?? []
    }

    /// Once is enough: in each epoch a key is punished for one offence.
    func hasPunished(_ contradiction: Contradiction) -> Bool {
        let record = RecordKey<Punishment>.punishment(of: contradiction.key, in: contradiction.epoch)
        return ((try? state.load(record)) ?? nil) != nil
    }

    func account(_ id: AccountID) -> Account? { (try? state.load(RecordKey<Account>.account(id))) ?? nil }

    func nonce(of account: AccountID) -> UInt64 { self.account(account)?.nonce ?? 0 }

    /// What the state says of who hands something in.
    func sender(of transaction: Transaction) -> SenderState {
        (try? executor.sender(of: transaction, after: height, in: state)) ?? SenderState(account: nil, feeMin: .zero)
    }
}

extension NodeChain: ChainPast {
    func height(of block: Digest) -> Height? { heights[block] }

    func handoff(from epoch: Epoch) -> (handoff: Handoff, byteCount: Int)? {
        handoffs[epoch].map { ($0, $0.encoded.count) }
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
