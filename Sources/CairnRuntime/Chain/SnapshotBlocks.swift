import CairnBase
import CairnConsensus
import CairnCrypto
public import CairnLedger
public import CairnStore
import CairnWire

extension SnapshotImport {
    /// Takes no block of the past that is not what its header says, down to the names that people see beside it.
    public init(into directory: String, _ beginning: Beginning, space: DiskSpace = DiskSpace()) {
        self.init(into: directory, beginning, space: space, isSound: isSoundBlock)
    }
}

extension SnapshotImport.Beginning {
    /// What the chain of a genesis began with.
    public init(_ genesis: Genesis) throws(StateError) {
        let chain = genesis.chain(using: Blake2b())
        let outcome = try Ledger(chain: chain, hash: Blake2b()).begin(genesis)
        self.init(chain: chain, genesis: genesis.encoded, time: genesis.time, root: outcome.root)
    }
}

/// Whether a stored block's columns and bytes are those of its header, and its proposer the member of the committee that
/// led; of a committee that the state has forgotten, nobody.
private func isSoundBlock(_ block: StoredBlock, _ state: StoredState) throws(StateError) -> Bool {
    guard let header = try? Header.decode(block.header, limit: block.header.count),
        header.digest(using: Blake2b()) == block.digest, header.height == block.height, header.epoch == block.epoch,
        header.view == block.view, header.time == block.time, header.parent == block.parent,
        Payload(bytes: block.payload).reference(using: Blake2b()) == header.payload,
        let proposer = try state.proposer(of: header)
    else { return false }
    return proposer == block.proposer
}

extension StoredState {
    /// The member of the committee that led a block; nil of a committee that the state has forgotten.
    func proposer(of header: Header) throws(StateError) -> AccountID? {
        guard let seats = try load(RecordKey<CairnLedger.Committee>.committee(header.epoch)),
            seats.members.indices.contains(Int(header.leader.number))
        else { return nil }
        return seats.members[Int(header.leader.number)].account
    }
}
