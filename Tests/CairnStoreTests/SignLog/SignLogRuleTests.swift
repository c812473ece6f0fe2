import CairnBase
import Testing

@testable import CairnStore

/// Each rule of the sign log with the counterexample that forced it: without the rule a vote that others may have seen
/// is forgotten, or the key is lost for nothing; with it, not.
@Suite struct SignLogRuleTests {
    private let key = PublicKey(.zero)
    private let chain = ChainID(.zero)

    private func holds(_ rule: SignLogRules, _ harm: (SignLogRules) throws -> Bool) throws {
        #expect(try !harm(.all), "with every rule in force no harm is done")
        #expect(try harm(.all.subtracting(rule)), "without the rule the counterexample works")
    }

    private func vote(_ view: UInt64) -> SignEntry {
        SignEntry(kind: 1, epoch: Epoch(0), view: View(view), bytes: [UInt8(view)])
    }

    private func open(_ storage: CrashingStorage, _ rules: SignLogRules) throws -> SignLog {
        try SignLog(in: storage, key: key, chain: chain, segmentSlots: 8, rules: rules)
    }

    private func log(votes: ClosedRange<UInt64>, seed: UInt64 = 1) throws -> CrashingStorage {
        let storage = CrashingStorage(seed: seed)
        try SignLog.create(in: storage, key: key, chain: chain, segmentSlots: 8)
        let log = try open(storage, .all)
        for view in votes { try log.append([vote(view)], floor: SignFloor(epoch: Epoch(0), view: View(0))) }
        return storage
    }

    /// A process is killed between the write of a vote and its sync. The next one reads the vote from the cache, counts it
    /// and sends it again. Then the power goes, and the one after that has never heard of it.
    @Test func rewriteTail() throws {
        try holds(.rewriteTail) { rules in
            let storage = try log(votes: 1...2)
            storage.keepsItsCache = true
            // A write, and the sync that never comes.
            let dying = try open(storage, rules)
            storage.operationsLeft = 2
            #expect(throws: SignLogError.self) {
                try dying.append([vote(3)], floor: SignFloor(epoch: Epoch(0), view: View(0)))
            }
            let believed = try open(storage, rules).entries
            #expect(believed == [vote(1), vote(2), vote(3)])
            storage.losePower()
            return try open(storage, rules).entries != believed
        }
    }

    /// A byte of the last slot goes bad. A log with one copy takes that for a write that never ended, and forgets the vote.
    @Test func secondCopy() throws {
        try holds(.secondCopy) { rules in
            let storage = try log(votes: 1...3)
            var image = storage.image(1)
            image[3 * SignSlot.stride + 100] ^= 1
            storage.replace(1, with: image)
            return try open(storage, rules).entries.last != vote(3)
        }
    }

    /// Both copies of a slot in the middle are bad. What was signed in it is forgotten if what follows is taken for junk.
    @Test func holeIsLoss() throws {
        try holds(.holeIsLoss) { rules in
            let storage = try log(votes: 1...3)
            var image = storage.image(1)
            image[2 * SignSlot.stride + 100] ^= 1
            image[2 * SignSlot.stride + SignSlot.byteCount + 100] ^= 1
            storage.replace(1, with: image)
            return (try? open(storage, rules))?.entries == [vote(1)]
        }
    }

    /// The power goes while a new segment is made. If the old one has named it already, neither can be read, and a key
    /// that promised nothing new is lost.
    @Test func announceLast() throws {
        try holds(.announceLast) { rules in
            var isLost = false
            for crashAt in 1...8 {
                let storage = try log(votes: 1...6, seed: UInt64(crashAt))
                let full = try open(storage, rules)
                storage.operationsLeft = crashAt
                _ = try? full.append([vote(7)], floor: SignFloor(epoch: Epoch(0), view: View(0)))
                storage.operationsLeft = nil
                isLost = isLost || (try? open(storage, rules)) == nil
            }
            return isLost
        }
    }
}
