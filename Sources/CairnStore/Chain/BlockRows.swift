import CairnBase
import CairnLedger
import CairnWire

/// Blocks, and what became of their transactions and verdicts, as rows. Each is checked against what was written
/// beside it before anybody sees it.
struct BlockRows: ~Copyable {
    let check = RowCheck()
    let statements: ChainStatements

    init(in database: Database) throws(StoreError) {
        statements = try ChainStatements.prepare(in: database)
    }

    func chain() throws(StoreError) -> ChainID? {
        try statements.chain.first { row throws(StoreError) in
            let id = try row.id(0, of: "chain")
            guard check.full(id.bytes) == row.blob(1) else { throw .damaged(row: "chain") }
            return ChainID(id)
        }
    }

    /// The newest block, checked.
    func head() throws(StoreError) -> ChainHead? {
        let newest = try statements.newest.first { row throws(StoreError) in
            (Height(row.bits(0)), Digest(try row.id(1, of: "newest block")))
        }
        guard let (height, root) = newest, let block = try block(at: height) else { return nil }
        return ChainHead(height: height, digest: block.digest, root: root)
    }

    func height(of digest: Digest) throws(StoreError) -> Height? {
        try statements.height.first(.blob(digest.raw.bytes)) { Height($0.bits(0)) }
    }

    func block(at height: Height) throws(StoreError) -> StoredBlock? { try rooted(at: height)?.block }

    /// A block with the state root after it.
    func rooted(at height: Height) throws(StoreError) -> (block: StoredBlock, root: Digest)? {
        let number = height.number
        return try statements.block.first(.bits(number)) { row throws(StoreError) in
            let block = StoredBlock(
                height: height, epoch: Epoch(row.bits(0)), view: View(row.bits(1)), time: row.bits(2),
                proposer: AccountID(try row.id(3, of: "block \(number)")),
                digest: Digest(try row.id(4, of: "block \(number)")),
                parent: Digest(try row.id(5, of: "block \(number)")), header: row.blob(7), payload: row.blob(8),
                certificate: row.blob(9))
            let root = Digest(try row.id(6, of: "block \(number)"))
            guard check.full(block.checkedBytes(root: root)) == row.blob(10) else {
                throw .damaged(row: "block \(number)")
            }
            return (block, root)
        }
    }

    func receipts(at height: Height) throws(StoreError) -> [Receipt] {
        var receipts: [Receipt] = []
        try statements.receipts.forEach(.bits(height.number)) { row throws(StoreError) in
            let name = "receipt \(height).\(row.bits(0))"
            guard let outcome = Outcome(rawValue: UInt16(clamping: row.bits(2))) else { throw .damaged(row: name) }
            let receipt = Receipt(
                transaction: Digest(try row.id(1, of: name)), outcome: outcome, fee: Amount(units: row.bits(3)))
            let expected = check.short(place(height, row.bits(0)), receipt.checkedBytes)
            guard expected == .integer(row.integer(4)) else { throw .damaged(row: name) }
            guard row.bits(0) == UInt64(receipts.count) else {
                throw .damaged(row: "receipt \(height).\(receipts.count) is missing")
            }
            receipts.append(receipt)
        }
        return receipts
    }

    /// The verdicts about a resource, or about all, newest first.
    func verdicts(of resource: ResourceID?, page: Page) throws(StoreError) -> [StoredVerdict] {
        var found: [StoredVerdict] = []
        guard let resource else {
            try statements.newestVerdicts.forEach(.bits(page.limit), .bits(page.skip)) { row throws(StoreError) in
                found.append(try verdict(in: row))
            }
            return found
        }
        try statements.verdicts.forEach(.blob(resource.raw.bytes), .bits(page.limit), .bits(page.skip)) {
            row throws(StoreError) in found.append(try verdict(in: row))
        }
        return found
    }

    func verdicts(at height: Height) throws(StoreError) -> [StoredVerdict] {
        var found: [StoredVerdict] = []
        try statements.blockVerdicts.forEach(.bits(height.number)) { row throws(StoreError) in
            let next = try verdict(in: row)
            guard row.bits(1) == UInt64(found.count) else {
                throw .damaged(row: "verdict \(height).\(found.count) is missing")
            }
            found.append(next)
        }
        return found
    }

    private func verdict(in row: borrowing Statement) throws(StoreError) -> StoredVerdict {
        let name = "verdict \(row.bits(0)).\(row.bits(1))"
        guard let kind = ChallengeKind(rawValue: UInt8(clamping: row.bits(5))),
            let outcome = VerdictOutcome(rawValue: UInt16(clamping: row.bits(10)))
        else { throw .damaged(row: name) }
        let resource = row.blob(3)
        let verdict = StoredVerdict(
            block: Height(row.bits(0)), challenged: Height(row.bits(2)),
            resource: resource.isEmpty ? nil : ResourceID(try row.id(3, of: name)),
            partition: UInt32(clamping: row.bits(4)), kind: kind, passed: row.bits(6) == 1,
            units: UInt32(clamping: row.bits(7)), witnesses: UInt8(clamping: row.bits(8)),
            reasons: Reasons(rawValue: row.bits(9)), outcome: outcome)
        let expected = check.short(place(verdict.block, row.bits(1)), verdict.checkedBytes)
        guard expected == .integer(row.integer(11)) else { throw .damaged(row: name) }
        return verdict
    }
}

extension BlockRows {
    func insert(_ block: StoredBlock, root: Digest) throws(StoreError) {
        try statements.insertBlock.run(
            .bits(block.height.number), .bits(block.epoch.number), .bits(block.view.number), .bits(block.time),
            .blob(block.proposer.raw.bytes), .blob(block.digest.raw.bytes), .blob(block.parent.raw.bytes),
            .blob(root.raw.bytes), .blob(block.header), .blob(block.payload), .blob(block.certificate),
            .blob(check.full(block.checkedBytes(root: root))))
    }

    func insert(_ next: NextBlock) throws(StoreError) {
        let block = next.block
        try insert(block, root: next.root)
        let checks = check.shorts(
            next.receipts.enumerated().map { place(block.height, UInt64($0.offset)) + $0.element.checkedBytes })
        for (position, receipt) in next.receipts.enumerated() {
            try statements.insertReceipt.run(
                .bits(block.height.number), .bits(UInt64(position)), .blob(receipt.transaction.raw.bytes),
                .bits(UInt64(receipt.outcome.rawValue)), .bits(receipt.fee.units), checks[position])
        }
        for (position, judgement) in next.verdicts.enumerated() {
            let verdict = StoredVerdict(judgement, in: block.height)
            try statements.insertVerdict.run(
                .bits(block.height.number), .bits(UInt64(position)), .bits(verdict.challenged.number),
                verdict.resource.map { .blob($0.raw.bytes) } ?? .null, .bits(UInt64(verdict.partition)),
                .bits(UInt64(verdict.kind.rawValue)), .bits(verdict.passed ? 1 : 0), .bits(UInt64(verdict.units)),
                .bits(UInt64(verdict.witnesses)), .bits(verdict.reasons.rawValue),
                .bits(UInt64(verdict.outcome.rawValue)),
                check.short(place(block.height, UInt64(position)), verdict.checkedBytes))
        }
    }

    private func place(_ height: Height, _ position: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.ordinal(height)
        writer.u64(position)
        return writer.bytes
    }
}

extension Receipt {
    fileprivate var checkedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 42)
        writer.identifier(transaction)
        writer.u16(outcome.rawValue)
        fee.encode(into: &writer)
        return writer.bytes
    }
}

extension Statement {
    /// A 32-byte column; any other length means the row is damaged.
    func id(_ column: Int32, of row: @autoclosure () -> String) throws(StoreError) -> Bytes32 {
        guard let id = Bytes32(blob(column)) else { throw .damaged(row: row()) }
        return id
    }
}
