import CairnBase
import CairnLedger

/// What came of a block that was given back.
public enum BlockRepair: Sendable, Equatable {
    /// The row is what it was, to the last byte: the check that was written with it says so.
    case restored
    /// The block is what it was. What only this node knew is lost: the state root after it, and a proof of its own.
    case replaced
    /// It is whole, or not the block that is wanted.
    case notWanted
    /// It ends an epoch, and the proof that others need of it cannot be had this way; or the disk has no room.
    case notPossible
}

extension ChainStore {
    /// Puts a block back whose row is damaged or gone. Its digest must be the one that the block above names, which whoever
    /// hands it in has compared with its header and payload.
    ///
    /// - Parameter block: without a certificate; its proposer counts where the row's own cannot be believed.
    public func repair(_ block: StoredBlock) throws(StoreError) -> BlockRepair {
        guard try wanted(at: block.height)?.digest == block.digest, try isDamaged(at: block.height) else {
            return .notWanted
        }
        let file = try writer.file()
        if try height(of: block.digest).map({ $0 != block.height }) ?? false { return .notPossible }
        guard hasRoom else { return .notPossible }
        if let (whole, root) = try file.blocks.restored(block) {
            try replace(whole, root: root)
            suspectBelow(block.height)
            return .restored
        }
        guard try !isEndOfEpoch(block.height) else { return .notPossible }
        var bare = block
        bare.certificate = []
        try replace(bare, root: .zero)
        suspectBelow(block.height)
        return .replaced
    }

    /// If the block below is damaged too, only now it can be said which it was.
    private func suspectBelow(_ height: Height) { suspect(height.preceding()) }

    private func isDamaged(at height: Height) throws(StoreError) -> Bool {
        do {
            let file = try writer.file()
            _ = try file.blocks.expected(at: height, through: head?.height, in: file.database)
            return false
        } catch {
            guard error.damagedRow != nil else { throw error }
            return true
        }
    }

    private func isEndOfEpoch(_ height: Height) throws(StoreError) -> Bool {
        do throws(StateError) {
            let parameters = try state.load(RecordKey<Parameters>.parameters)
            return height.number.isMultiple(of: max(1, parameters?[.epochBlocks] ?? 1))
        } catch {
            throw StoreError(error)
        }
    }

    private func replace(_ block: StoredBlock, root: Digest) throws(StoreError) {
        try writer.changing { file throws(StoreError) in
            try file.database.transaction { () throws(StoreError) in try file.blocks.replace(block, root: root) }
        }
    }
}

extension BlockRows {
    /// The row as it was: what the block says for itself, with the state root, the certificate and the proposer that stand there,
    /// if the row's check is that of them all.
    func restored(_ block: StoredBlock) throws(StoreError) -> (StoredBlock, root: Digest)? {
        try statements.block.first(.bits(block.height.number)) { row in
            guard let root = Bytes32(row.blob(6)).map(Digest.init) else { return nil }
            var whole = block
            whole.certificate = row.blob(9)
            let proposers = [block.proposer] + (Bytes32(row.blob(3)).map { [AccountID($0)] } ?? [])
            for proposer in proposers {
                whole.proposer = proposer
                if check.full(whole.checkedBytes(root: root)) == row.blob(10) { return (whole, root) }
            }
            return nil
        } ?? nil
    }

    /// In place: what hangs on a block goes with it when it is deleted.
    func replace(_ block: StoredBlock, root: Digest) throws(StoreError) {
        try statements.replaceBlock.run(
            .bits(block.height.number), .bits(block.epoch.number), .bits(block.view.number), .bits(block.time),
            .blob(block.proposer.raw.bytes), .blob(block.digest.raw.bytes), .blob(block.parent.raw.bytes),
            .blob(root.raw.bytes), .blob(block.header), .blob(block.payload), .blob(block.certificate),
            .blob(check.full(block.checkedBytes(root: root))))
    }
}
