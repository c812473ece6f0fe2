import CairnBase
import Testing

@testable import CairnStore

private let key = PublicKey(.zero)
private let chain = ChainID(.zero)

/// What the n-th append of every test writes: an entry or several, now and then a large one, and a floor that follows.
private func batch(_ number: Int) -> (entries: [SignEntry], floor: SignFloor) {
    let view = View(UInt64(number))
    let size = number.isMultiple(of: 7) ? 9_000 : 115
    let count = 1 + number % 3
    let entries = (0..<count).map { index in
        SignEntry(
            kind: UInt8(index), epoch: Epoch(1), view: view,
            bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size))
    }
    return (entries, SignFloor(epoch: Epoch(1), view: view.preceding(by: 5)))
}

/// What a log holds after the first `count` appends: written apart from the log, and as simply as it can be.
private func expected(after count: Int) -> [SignEntry] {
    let all = (0..<count).flatMap { batch($0).entries }
    guard count > 0 else { return [] }
    let floor = batch(count - 1).floor
    return all.filter { $0.view >= floor.view }
}

/// Few slots to a segment, so that a short run changes segment often.
private let segmentSlots = 24

private func create(in storage: CrashingStorage) throws {
    try SignLog.create(in: storage, key: key, chain: chain, segmentSlots: segmentSlots)
}

private func log(in storage: CrashingStorage) throws -> SignLog {
    try SignLog(in: storage, key: key, chain: chain, segmentSlots: segmentSlots)
}

@Suite struct SignLogTests {
    @Test func whatWasAppendedIsThereAfterReopening() throws {
        let storage = CrashingStorage(seed: 0)
        try create(in: storage)
        for number in 0..<100 {
            let (entries, floor) = batch(number)
            try log(in: storage).append(entries, floor: floor)
        }
        let reopened = try log(in: storage)
        #expect(reopened.entries == expected(after: 100))
        #expect(try storage.segments().count == 1)
    }

    /// The power goes at every operation of a run that crosses several segments, with chance deciding what of the last
    /// writes survives. Whatever `append` returned for is there; what it did not return for is there whole or not at all.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func aCrashAtEveryOperationLosesNothingThatWasSaid(seed: UInt64) throws {
        let appends = 40
        var crashes = 0
        for crashAt in 1... {
            let storage = CrashingStorage(seed: seed &* 1_000_003 &+ UInt64(crashAt))
            try create(in: storage)
            var said = 0
            do {
                let open = try log(in: storage)
                storage.operationsLeft = crashAt
                for number in 0..<appends {
                    let (entries, floor) = batch(number)
                    try open.append(entries, floor: floor)
                    said = number + 1
                }
            } catch let error as SignLogError {
                guard case .file("crash", _, _) = error else { throw error }
            }
            storage.operationsLeft = nil
            let found = try log(in: storage).entries
            let isSound = found == expected(after: said) || found == expected(after: said + 1)
            #expect(isSound, "crash at operation \(crashAt) after \(said) appends")
            if said == appends { break }
            crashes += 1
        }
        #expect(crashes > 80)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aCrashDuringRecoveryChangesNothing(seed: UInt64) throws {
        for crashAt in 1..<12 {
            let storage = CrashingStorage(seed: seed &* 31 &+ UInt64(crashAt))
            try create(in: storage)
            let open = try log(in: storage)
            for number in 0..<20 { try open.append(batch(number).entries, floor: batch(number).floor) }
            storage.operationsLeft = 1
            _ = try? open.append(batch(20).entries, floor: batch(20).floor)
            storage.operationsLeft = crashAt
            _ = try? log(in: storage)
            storage.operationsLeft = nil
            let found = try log(in: storage).entries
            #expect(found == expected(after: 20) || found == expected(after: 21))
        }
    }

    @Test func aFailedWriteStopsTheLogForGood() throws {
        let storage = CrashingStorage(seed: 1)
        try create(in: storage)
        let open = try log(in: storage)
        storage.operationsLeft = 1
        #expect(throws: SignLogError.self) { try open.append(batch(0).entries, floor: batch(0).floor) }
        #expect(throws: SignLogError.stopped) { try open.append(batch(1).entries, floor: batch(1).floor) }
    }

    @Test func pinnedEntriesOutliveTheFloor() throws {
        let storage = CrashingStorage(seed: 1)
        try create(in: storage)
        let open = try log(in: storage)
        let retired = SignEntry(kind: SignEntry.pinned, epoch: Epoch(0), view: View(0), bytes: [1])
        try open.append([retired], floor: SignFloor(epoch: Epoch(0), view: View(0)))
        for number in 0..<60 { try open.append(batch(number).entries, floor: batch(number).floor) }
        #expect(try log(in: storage).entries.first == retired)
    }

    @Test func thousandsOfOpenViewsMoveToALargerSegment() throws {
        let storage = CrashingStorage(seed: 1)
        try create(in: storage)
        let open = try log(in: storage)
        let floor = SignFloor(epoch: Epoch(0), view: View(0))
        for view in 1...1_000 as ClosedRange<UInt64> {
            let entry = SignEntry(
                kind: 1, epoch: Epoch(0), view: View(view), bytes: [UInt8](repeating: 7, count: 5_000))
            try open.append([entry], floor: floor)
        }
        #expect(try log(in: storage).entries.count == 1_000)
    }

    @Test func aLogOfAnotherKeyOrChainIsRefused() throws {
        let storage = CrashingStorage(seed: 1)
        try create(in: storage)
        let other = try #require(Bytes32([UInt8](repeating: 1, count: 32)))
        #expect(throws: SignLogError.otherKey(key)) {
            try SignLog(in: storage, key: PublicKey(other), chain: chain)
        }
        #expect(throws: SignLogError.otherChain(chain)) {
            try SignLog(in: storage, key: key, chain: ChainID(other))
        }
    }

    @Test func aMissingLogIsNotMadeAgain() throws {
        let storage = CrashingStorage(seed: 1)
        #expect(throws: SignLogError.missing(directory: "")) { try log(in: storage) }
        try create(in: storage)
        #expect(throws: SignLogError.exists(directory: "")) {
            try create(in: storage)
        }
    }
}

/// Bytes that changed on the disk after they were written.
@Suite struct SignLogDamageTests {
    private func written(_ count: Int) throws -> CrashingStorage {
        let storage = CrashingStorage(seed: 5)
        try create(in: storage)
        let open = try log(in: storage)
        for number in 0..<count { try open.append(batch(number).entries, floor: batch(number).floor) }
        return storage
    }

    /// One copy of a slot is altered somewhere: the other one repairs it.
    @Test func anyAlteredByteOfOneCopyIsRepaired() throws {
        let image = try written(6).image(1)
        let used = image.count - image.reversed().prefix { $0 == 0 }.count
        for position in stride(from: 0, to: used, by: 61) {
            var altered = image
            altered[position] ^= 0x10
            let storage = CrashingStorage(seed: 5)
            storage.replace(1, with: altered)
            let found = try log(in: storage).entries
            #expect(found == expected(after: 6), "byte \(position)")
        }
    }

    /// Both copies of a slot are gone: at the end of the log that was never sent; anywhere else the key is lost.
    @Test func aHoleIsLossAndATornEndIsNot() throws {
        let image = try written(6).image(1)
        let slots = image.count / SignSlot.stride
        let used = try #require(Array(0..<slots).last { image[$0 * SignSlot.stride] != 0 })
        for slot in 0...used {
            var altered = image
            altered[slot * SignSlot.stride + 100] ^= 1
            altered[slot * SignSlot.stride + SignSlot.byteCount + 100] ^= 1
            let storage = CrashingStorage(seed: 5)
            storage.replace(1, with: altered)
            if slot == used {
                #expect(try log(in: storage).entries == expected(after: 5))
            } else {
                #expect(throws: SignLogError.self, "slot \(slot)") { try log(in: storage) }
            }
        }
    }

    @Test func anOlderSegmentInPlaceOfANewerIsNoticed() throws {
        let storage = CrashingStorage(seed: 5)
        try create(in: storage)
        let open = try log(in: storage)
        for number in 0..<60 { try open.append(batch(number).entries, floor: batch(number).floor) }
        let newest = try #require(try storage.segments().last)
        #expect(newest > 1)
        // A segment under another number than its own, as after a careless copy.
        storage.replace(newest + 1, with: storage.image(newest))
        try storage.remove(newest)
        #expect(throws: SignLogError.lost(.header(segment: newest + 1))) { try log(in: storage) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func noiseIsNeverALog(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let storage = CrashingStorage(seed: seed)
        storage.replace(1, with: (0..<3 * SignSlot.stride).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        #expect(throws: SignLogError.self) { try log(in: storage) }
    }
}
