import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@testable import CairnNode

private let chain = ChainID(.zero)

/// A pool as simple as can be: one list, walked from end to end for every question.
private struct SlowPool {
    struct Item {
        let sender: Int
        let nonce: UInt64
        let fee: UInt64
        let arrival: Int
    }

    var items: [Item] = []

    /// The best paid that can run, one after the other.
    func select(count: Int, nonces: [UInt64]) -> [(Int, UInt64)] {
        var next = nonces
        var left = items
        var chosen: [(Int, UInt64)] = []
        while chosen.count < count {
            let runnable = left.filter { $0.nonce == next[$0.sender] }
            guard let best = runnable.max(by: { ($0.fee, -$0.arrival) < ($1.fee, -$1.arrival) }) else { break }
            chosen.append((best.sender, best.nonce))
            next[best.sender] += 1
            left.removeAll { $0.sender == best.sender && $0.nonce == best.nonce }
        }
        return chosen
    }
}

@Suite struct TransactionPoolTests {
    private static let keys = (0..<6).map { index in
        Blake2b().digest(DomainTag("cn/test"), [UInt8(index)]).raw
    }

    private static func transaction(
        _ sender: Int, nonce: UInt64, fee: UInt64, expiry: UInt64 = 100
    ) throws -> (Verified<Transaction>, Digest, Int) {
        let key = SecretKey(seed: Seed(known: keys[sender]))
        let body = Transaction.Body(
            chain: chain, sender: AccountID(key.publicKey), nonce: nonce, fee: Amount(units: fee),
            expiry: Height(expiry),
            action: .transfer(to: AccountID(.zero), amount: Amount(units: 1)))
        let transaction = Transaction(body, signature: key.sign(body.signedBytes(chain: chain)))
        let verified = Verifier(chain: chain).verify(Claim(transaction, by: key.publicKey))
        return (
            try #require(verified), transaction.id(chain: chain, using: Blake2b()), transaction.encoded.count
        )
    }

    private static func insert(
        _ pool: inout TransactionPool, _ sender: Int, nonce: UInt64, fee: UInt64, expiry: UInt64 = 100,
        account: UInt64 = 0, balance: UInt64 = 1_000_000, head: UInt64 = 0
    ) throws -> TransactionPool.Answer {
        let (transaction, id, size) = try transaction(sender, nonce: nonce, fee: fee, expiry: expiry)
        let state = SenderState(
            account: Account(balance: Amount(units: balance), nonce: account), feeMin: Amount(units: 100))
        return pool.insert(transaction, id: id, byteCount: size, sender: state, head: Height(head))
    }

    private static func selected(_ pool: TransactionPool, _ count: Int) -> [(AccountID, UInt64)] {
        pool.select(byteLimit: 1 << 20, countLimit: count, head: Height(0)).map {
            ($0.transaction.value.sender, $0.transaction.value.nonce)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func choosesWhatTheSlowPoolChooses(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var pool = TransactionPool()
        var slow = SlowPool()
        for arrival in 0..<60 {
            let (sender, nonce) = (Int(random.below(6)), random.below(8))
            guard !slow.items.contains(where: { $0.sender == sender && $0.nonce == nonce }) else { continue }
            let fee = 1_000 + random.below(5)
            let answer = try Self.insert(&pool, sender, nonce: nonce, fee: fee)
            #expect(answer == .accepted)
            slow.items.append(SlowPool.Item(sender: sender, nonce: nonce, fee: fee, arrival: arrival))
        }
        let accounts = Self.keys.map { AccountID(SecretKey(seed: Seed(known: $0)).publicKey) }
        for count in [1, 5, 60] {
            let expected = slow.select(count: count, nonces: Array(repeating: 0, count: 6))
            let found = Self.selected(pool, count)
            #expect(found.map(\.0) == expected.map { accounts[$0.0] } && found.map(\.1) == expected.map(\.1))
        }
    }

    @Test func saysWhyItRefuses() throws {
        var pool = TransactionPool()
        #expect(try Self.insert(&pool, 0, nonce: 5, fee: 1_000, account: 5) == .accepted)
        #expect(try Self.insert(&pool, 0, nonce: 5, fee: 1_000, account: 5) == .known)
        #expect(try Self.insert(&pool, 0, nonce: 4, fee: 1_000, account: 5) == .stale)
        #expect(try Self.insert(&pool, 0, nonce: 69, fee: 1_000, account: 5) == .farAhead)
        #expect(try Self.insert(&pool, 0, nonce: 5, fee: 1_099, account: 5) == .underpriced)
        #expect(try Self.insert(&pool, 0, nonce: 5, fee: 1_100, account: 5) == .replaced)
        #expect(try Self.insert(&pool, 1, nonce: 0, fee: 1_000, expiry: 7, head: 7) == .expired)
        #expect(pool.count == 1)
    }

    /// What a block would refuse pays nothing and would be in every block until it expires.
    @Test func whoCannotPayIsRefused() throws {
        var pool = TransactionPool()
        #expect(try Self.insert(&pool, 0, nonce: 0, fee: 99) == .feeTooLow)
        #expect(try Self.insert(&pool, 0, nonce: 0, fee: 600, balance: 599) == .unpayable)
        #expect(try Self.insert(&pool, 0, nonce: 0, fee: 600, balance: 1_300) == .accepted)
        #expect(try Self.insert(&pool, 0, nonce: 1, fee: 600, balance: 1_300) == .accepted)
        #expect(try Self.insert(&pool, 0, nonce: 2, fee: 600, balance: 1_300) == .unpayable)
        #expect(try Self.insert(&pool, 0, nonce: 1, fee: 700, balance: 1_300) == .replaced)
        #expect(try Self.insert(&pool, 0, nonce: 1, fee: 800, balance: 1_300) == .unpayable)
        pool.settle([(AccountID(SecretKey(seed: Seed(known: Self.keys[0])).publicKey), 1)], head: Height(1))
        #expect(try Self.insert(&pool, 0, nonce: 2, fee: 600, account: 1, balance: 1_300) == .accepted)

        let (transaction, id, size) = try Self.transaction(1, nonce: 0, fee: 1_000)
        let nobody = SenderState(account: nil, feeMin: .zero)
        #expect(pool.insert(transaction, id: id, byteCount: size, sender: nobody, head: .genesis) == .unknownSender)
        var rotated = Account(balance: Amount(units: 10_000))
        rotated.key = SecretKey(seed: Seed(known: Self.keys[2])).publicKey
        let other = SenderState(account: rotated, feeMin: .zero)
        #expect(pool.insert(transaction, id: id, byteCount: size, sender: other, head: .genesis) == .wrongKey)
        #expect(pool.count == 2)
    }

    /// The object pays for holders, who own nothing: what the next block would refuse is refused here.
    @Test func ofHoldersWhatABlockRefusesIsNotTaken() throws {
        let key = SecretKey(seed: Seed(known: Self.keys[0]))
        for (fee, outcome, answer) in [
            (1_000, .applied, nil), (1_001, .feeUnpayable, .unpayable), (999, .applied, .feeTooLow),
            (1_000, .notAHolder, .notAHolder), (1_000, .nothingNew, .nothingNew),
        ] as [(UInt64, Outcome, TransactionPool.Answer?)] {
            let body = Transaction.Body(
                chain: chain, sender: AccountID(key.publicKey), nonce: 0, fee: Amount(units: fee), expiry: Height(9),
                action: .hold(Digest(.zero), shard: 0))
            let transaction = Transaction(body, signature: key.sign(body.signedBytes(chain: chain)))
            let verified = try #require(Verifier(chain: chain).verify(Claim(transaction, by: key.publicKey)))
            let sender = SenderState(account: nil, feeMin: Amount(units: 1_000), holder: outcome)
            #expect(sender.objection(to: verified, after: .genesis) == answer)
            guard answer == nil else { continue }
            // The same again under the next nonce would be no news in the block of the first.
            var again = body
            again.nonce = 1
            let second = Transaction(again, signature: key.sign(again.signedBytes(chain: chain)))
            let repeated = try #require(Verifier(chain: chain).verify(Claim(second, by: key.publicKey)))
            var pool = TransactionPool()
            #expect(
                [verified, repeated].map { word in
                    pool.insert(
                        word, id: word.value.id(chain: chain, using: Blake2b()), byteCount: 200, sender: sender,
                        head: .genesis)
                } == [.accepted, .nothingNew])
        }
    }

    /// An account that was emptied meanwhile: its transaction was in one block, and is in no other.
    @Test func whatABlockRefusedIsForgotten() throws {
        var pool = TransactionPool()
        for nonce in 0..<3 as Range<UInt64> { _ = try Self.insert(&pool, 0, nonce: nonce, fee: 1_000) }
        let first = try #require(pool.select(byteLimit: 1 << 20, countLimit: 1, head: .genesis).first)
        pool.settle([], refused: [first.id, Digest(.zero)], head: Height(1))
        #expect(pool.count == 2 && !pool.contains(first.id) && Self.selected(pool, 9).isEmpty)
        #expect(try Self.insert(&pool, 0, nonce: 0, fee: 1_000) == .accepted)
        #expect(Self.selected(pool, 9).map(\.1) == [0, 1, 2])
    }

    @Test func aFullPoolKeepsTheBetterPaid() throws {
        var limits = Limits.Ledger()
        limits.poolTransactions = 3
        var pool = TransactionPool(limits: limits)
        for (sender, fee) in [(0, 1_000), (1, 3_000), (2, 2_000)] as [(Int, UInt64)] {
            _ = try Self.insert(&pool, sender, nonce: 0, fee: fee)
        }
        #expect(try Self.insert(&pool, 3, nonce: 0, fee: 900) == .full)
        #expect(try Self.insert(&pool, 3, nonce: 0, fee: 2_500) == .accepted)
        #expect(pool.count == 3 && pool.evicted == 1)
        #expect(
            pool.select(byteLimit: 1 << 20, countLimit: 9, head: Height(0)).map(\.rank.fee.units) == [
                3_000, 2_500, 2_000,
            ])
    }

    @Test func aBlockSettlesWhatItRanAndWhatExpired() throws {
        var pool = TransactionPool()
        for nonce in 0..<4 as Range<UInt64> { _ = try Self.insert(&pool, 0, nonce: nonce, fee: 1_000) }
        _ = try Self.insert(&pool, 1, nonce: 0, fee: 1_000, expiry: 9)
        let account = AccountID(SecretKey(seed: Seed(known: Self.keys[0])).publicKey)
        pool.settle([(account, 2)], head: Height(9))
        #expect(Self.selected(pool, 9).map(\.1) == [2, 3])
        #expect(pool.count == 2)
        pool.settle([(account, 4)], head: Height(10))
        #expect(pool.count == 0 && pool.byteCount == 0)
    }

    /// What is on its way in the blocks below counts as run: it is not chosen again, and what follows it may be.
    @Test func passesOverWhatIsOnItsWay() throws {
        var pool = TransactionPool()
        for nonce in 0..<3 as Range<UInt64> { _ = try Self.insert(&pool, 0, nonce: nonce, fee: 1_000) }
        let first = try #require(pool.select(byteLimit: 1 << 20, countLimit: 1, head: Height(0)).first)
        let rest = pool.select(byteLimit: 1 << 20, countLimit: 9, head: Height(0), excluding: [first.id])
        #expect(rest.map(\.transaction.value.nonce) == [1, 2])
    }
}
