public import CairnBase
public import CairnConsensus
import CairnCrypto
public import CairnLedger
public import CairnNode
public import CairnStore
import CairnWire

/// Works a chain out again from its blocks alone: the state at any height, and the proof that every block left the state
/// root it says.
public struct ChainReplay {
    /// The state after `height`.
    public private(set) var state = MemoryState()
    public private(set) var height: Height = .genesis
    private let reader: ChainReader
    private let executor: ChainExecutor<Blake2b>
    private let verifier: Verifier

    /// Starts at genesis, which must be the one that the chain is named after.
    public init(_ reader: ChainReader) throws(StoreError) {
        let genesis = try reader.genesis()
        guard genesis.chain(using: Blake2b()) == reader.chain else { throw .damaged(row: "genesis") }
        self.reader = reader
        executor = ChainExecutor(chain: reader.chain, genesisTime: genesis.time, hash: Blake2b())
        verifier = Verifier(chain: reader.chain)
        do {
            state.commit(try Ledger(chain: reader.chain, hash: Blake2b()).begin(genesis))
        } catch {
            throw StoreError(error)
        }
    }

    /// Runs the next block and says what is wrong with what it did: a root that is another, an invariant that the step
    /// breaks. Nil when there is no further block. A block whose signatures do not verify is damaged.
    public mutating func advance() throws(StoreError) -> [String]? {
        let next = height.next
        guard let block = try reader.block(at: next), let header = try header(at: next, of: block) else { return nil }
        // Not known of a block that peers gave back after its row was damaged.
        let root = try reader.root(at: next)
        let payload = try block.contents()
        let transactions = verifier.verify(payload.transactions.map { Claim($0, by: $0.key) }).compactMap(\.self)
        guard transactions.count == payload.transactions.count else {
            throw .damaged(row: "block \(next): a signature does not verify")
        }
        var findings: [String] = []
        do throws(StateError) {
            let outcome = try executor.execute(header, transactions, payload.verdicts, on: self).outcome
            let opensEpoch = try executor.isLast(height, on: self)
            findings += try auditStep(outcome.changes, from: state, opensEpoch: opensEpoch).map {
                "block \(next): \($0)"
            }
            state.commit(outcome)
        } catch {
            throw StoreError(error)
        }
        height = next
        if let root, state.root != root {
            findings.append("I10: block \(next) leaves root \(state.root), the chain has \(root)")
        }
        return findings
    }

    private func header(at height: Height, of block: StoredBlock) throws(StoreError) -> Header? {
        guard let header = try? Header.decode(block.header, limit: block.header.count) else {
            throw .damaged(row: "header of block \(height)")
        }
        return header
    }
}

extension ChainReplay: ExecutedChain {
    public func root(at height: Height) throws(StateError) -> Digest? {
        guard height <= self.height else { return nil }
        do throws(StoreError) {
            return try reader.root(at: height)
        } catch {
            throw .unreadable(code: 0, detail: "\(error)")
        }
    }

    public func header(at height: Height) throws(StateError) -> Header? {
        guard height > .genesis, height <= self.height else { return nil }
        do throws(StoreError) {
            guard let block = try reader.block(at: height) else { return nil }
            return try header(at: height, of: block)
        } catch {
            throw .unreadable(code: 0, detail: "\(error)")
        }
    }
}

extension ChainReader {
    /// What the chain began with.
    public func genesis() throws(StoreError) -> Genesis {
        guard let block = try block(at: .genesis),
            let genesis = try? Genesis.decode(block.payload, limit: Genesis.byteCountMax)
        else { throw .damaged(row: "genesis") }
        return genesis
    }
}

extension StoredBlock {
    /// The transactions and verdicts that the block orders; none in genesis.
    public func contents() throws(StoreError) -> BlockPayload {
        guard height > .genesis else { return BlockPayload(transactions: []) }
        do {
            return try BlockPayload(Payload(bytes: payload), limits: Limits.Ledger())
        } catch {
            throw .damaged(row: "payload of block \(height): \(error)")
        }
    }
}
