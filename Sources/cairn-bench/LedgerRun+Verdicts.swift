import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

/// Blocks of a thousand verdicts over the same large state. Their receipts were judged by those who voted, so a ledger
/// checks no signature here; what a node must verify for them stands beside it.
extension LedgerRun {
    private static let disks: ClosedRange<UInt8> = 1...10
    private static let verdictBlocks = 12

    /// Seconds per block of verdicts, applied and stored.
    mutating func measureVerdicts() throws -> Double {
        try runBlock(transactions: try Self.disks.map { try registration(of: $0) })
        // Who is registered is frozen for the epoch after the next, and a challenge is judged some blocks later.
        let first = try open().head?.height.number ?? 0
        let start = first + 4 * parameters[.epochBlocks] + 72
        while try (open().head?.height.number ?? 0) < start { try runBlock() }
        var total = 0.0
        for round in 0..<Self.verdictBlocks { total += try runBlock(verdicts: verdicts(UInt32(round))) }
        return total / Double(Self.verdictBlocks)
    }

    /// Applies and commits a block; the seconds that took.
    @discardableResult
    private mutating func runBlock(
        transactions: [Verified<Transaction>] = [], verdicts: [Verdict] = []
    ) throws -> Double {
        let context = try next()
        var outcome = BlockOutcome(receipts: [], changes: [], tree: TreeUpdate())
        let elapsed = try seconds {
            outcome = try ledger.apply(
                LedgerBlock(context: context, transactions: transactions, verdicts: verdicts), to: open().state)
            try open().commit(block(context, verdicts.flatMap(\.encoded)), outcome)
        }
        guard outcome.receipts.allSatisfy({ $0.outcome == .applied }),
            outcome.verdicts.allSatisfy({ $0.outcome == .adopted })
        else { fatalError("a registration or a verdict of the benchmark failed") }
        return elapsed
    }

    private func registration(of disk: UInt8) throws -> Verified<Transaction> {
        let key = Self.diskKey(disk)
        let offer = Offer(
            profile: .storageHot, device: Self.diskKey(disk + 100).publicKey,
            randomness: VRFPublicKey(Self.diskKey(disk).publicKey.raw), radio: nil, capacity: 64)
        guard let offer,
            let position = Position(latitude: 488_566_000 + 100_000 * Int32(disk), longitude: 23_522_000),
            let network = Network(.v4, prefix: 0x7f_0000 + UInt64(disk))
        else { fatalError("a registration of the benchmark is wrong") }
        let account = AccountID(key.publicKey)
        let proof = Self.diskKey(disk + 100).sign(
            Registration.body(offer, of: account), tag: Registration.domain, chain: ledger.chain)
        let body = Transaction.Body(
            chain: ledger.chain, sender: account, nonce: 0, fee: Amount(units: 1000), expiry: Height(.max),
            action: .register(
                Registration(
                    offer: offer, site: Site(position: position, height: 0, network: network), backer: account,
                    deviceProof: proof)))
        let signature = key.sign(body.signedBytes(chain: ledger.chain))
        let claim = Claim(Transaction(body, signature: signature), by: key.publicKey)
        guard let verified = Verifier(chain: ledger.chain).verify([claim]).first ?? nil else {
            fatalError("a registration of the benchmark does not verify")
        }
        return verified
    }

    /// A thousand rounds of the disks, over eight heights; a partition makes each a challenge of its own.
    private func verdicts(_ round: UInt32) throws -> [Verdict] {
        let height = try open().head?.height.next.number ?? 0
        let count = UInt32(Self.disks.count)
        var verdicts: [Verdict] = []
        for index in 0..<UInt32(Self.transfers) {
            let provider = index % count
            let walks = (1...7 as ClosedRange<UInt32>).map {
                StorageVerdict.Walk(witness: (provider + $0) % count, result: .good)
            }
            let verdict = StorageVerdict(
                height: Height(height - 42 - UInt64(index / count % 8)), provider: provider,
                partition: round * 1000 + index, kind: .hotRound, passed: true, units: 16, reasons: [],
                receipts: Digest(.zero), walks: walks)
            if let verdict { verdicts.append(.storage(verdict)) }
        }
        return verdicts.sorted { $0.place < $1.place }
    }

    /// The accounts that own the disks.
    static var diskOwners: [AccountID] { disks.map { AccountID(diskKey($0).publicKey) } }

    private static func diskKey(_ number: UInt8) -> SecretKey {
        SecretKey(seed: Seed(known: Bytes32([UInt8](repeating: number, count: Bytes32.count)) ?? .zero))
    }
}
