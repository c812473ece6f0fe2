import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@testable import CairnRuntime

@Suite struct PoolJournalTests {
    private static let chain = ChainID(.zero)

    private static func transaction(_ nonce: UInt64, expiry: UInt64 = 100) -> Transaction {
        let key = SecretKey(seed: Seed(known: Blake2b().digest(DomainTag("cn/test"), [1]).raw))
        let body = Transaction.Body(
            chain: chain, sender: AccountID(key.publicKey), nonce: nonce, fee: .zero, expiry: Height(expiry),
            action: .withdraw)
        return Transaction(body, signature: key.sign(body.signedBytes(chain: chain)))
    }

    @Test func `what was answered is there again, whatever was being written`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pool.journal"
        let transactions = (0..<5).map { Self.transaction($0) }
        let journal = try PoolJournal(directory: folder.path)
        for transaction in transactions {
            let isKept = try journal.append(transaction)
            #expect(isKept)
        }
        let whole = try SmallFile.read(path, limit: 1 << 20)
        // A process can end within any write: what came before the torn record is whole.
        for length in stride(from: whole.count, through: 0, by: -7) {
            try SmallFile.replace(path, with: Array(whole[..<length]))
            let found = try PoolJournal(directory: folder.path).entries.map(\.transaction)
            #expect(found == Array(transactions.prefix(length * transactions.count / whole.count)))
        }
        for place in stride(from: 0, to: whole.count, by: 11) {
            var damaged = whole
            damaged[place] ^= 4
            try SmallFile.replace(path, with: damaged)
            let found = try PoolJournal(directory: folder.path).entries.map(\.transaction)
            #expect(found == Array(transactions.prefix(place * transactions.count / whole.count)))
        }
    }

    @Test func `what a block has settled is forgotten`() throws {
        let folder = try TemporaryFolder()
        let journal = try PoolJournal(directory: folder.path)
        for nonce in 0..<6 as Range<UInt64> {
            let isKept = try journal.append(Self.transaction(nonce, expiry: nonce == 4 ? 7 : 100))
            #expect(isKept)
        }
        journal.settle(at: Height(7)) { _ in 2 }
        #expect(journal.entries.map(\.transaction.nonce) == [2, 3, 5])
    }

    @Test func `it is bounded, and makes room when most is settled`() throws {
        let folder = try TemporaryFolder()
        let journal = try PoolJournal(directory: folder.path)
        var count: UInt64 = 0
        while try journal.append(Self.transaction(count)) { count += 1 }
        #expect(count > 10_000)
        journal.settle(at: Height(1)) { _ in count - 1 }
        try journal.compact()
        let isKept = try journal.append(Self.transaction(count))
        #expect(isKept)
        #expect(try PoolJournal(directory: folder.path).entries.map(\.transaction.nonce) == [count - 1, count])
    }
}
