import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnStore

/// A disk in memory that does what it is told.
private final class PlainStorage: SignLogStorage {
    var files: [UInt32: [UInt8]] = [:]

    func segments() throws(SignLogError) -> [UInt32] { files.keys.sorted() }
    func create(_ segment: UInt32, byteCount: Int) throws(SignLogError) {
        files[segment] = [UInt8](repeating: 0, count: byteCount)
    }
    func read(_ segment: UInt32) throws(SignLogError) -> [UInt8] { files[segment] ?? [] }
    func write(_ segment: UInt32, _ bytes: [UInt8], at offset: Int) throws(SignLogError) {
        files[segment]?.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    func sync(_: UInt32) throws(SignLogError) {}
    func remove(_ segment: UInt32) throws(SignLogError) { files[segment] = nil }
}

/// A log laid out by hand from the pinned batches, and what becomes of it on a disk.
@Suite struct SignLogFixtureTests {
    private static let slots = 8
    private static let copy = 4_096
    private let sample = SignLogSample()
    /// begin, a vote, a block with what it rests on.
    private let batches: [[UInt8]]
    private let pinned: FixtureFile

    init() throws {
        pinned = try FixtureFile(reading: FixtureFile.path(of: .signLog))
        batches = try ["begin", "append-vote", "append-block-and-certificate"].map { [pinned] name in
            try Self.bytes(#require(pinned.lines.first { $0.name == name }).hex)
        }
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        let digits = Array(hex.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { place in
            try #require(UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16))
        }
    }

    /// One copy of a slot: magic, segment, batch, slots in it, place, length, nothing, body, zeros, digest.
    private func slot(_ body: [UInt8], batch: UInt64, segment: UInt32 = 1) -> [UInt8] {
        func little(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }
        var bytes = Array("CSL1".utf8) + little(UInt64(segment), 4) + little(batch, 8) + little(1, 4)
        bytes += little(0, 4) + little(UInt64(body.count), 4) + little(0, 4) + body
        bytes += [UInt8](repeating: 0, count: Self.copy - 32 - bytes.count)
        return bytes + Blake2b().digest(DomainTag("cn/sign.slot"), bytes).raw.bytes
    }

    private func image(batches count: Int) -> [UInt8] {
        var image: [UInt8] = []
        for (number, body) in batches.prefix(count).enumerated() {
            let slot = slot(body, batch: UInt64(number))
            image += slot + slot
        }
        return image + [UInt8](repeating: 0, count: Self.slots * 2 * Self.copy - image.count)
    }

    private func open(_ image: [UInt8]) throws -> SignLog {
        let storage = PlainStorage()
        storage.files[1] = image
        return try SignLog(in: storage, key: sample.key, chain: sample.chain, segmentSlots: Self.slots)
    }

    private func entries(_ batch: SignBatch) -> [SignEntry] {
        if case .append(_, let entries) = batch { entries } else { [] }
    }

    @Test func aSlotIsThePinnedOne() throws {
        let line = try #require(pinned.lines.first { $0.name == "slot-of-begin" })
        #expect(slot(batches[0], batch: 0) == (try Self.bytes(line.hex)))
    }

    @Test func aLogIsWrittenAsPinned() throws {
        let storage = PlainStorage()
        try SignLog.create(in: storage, key: sample.key, chain: sample.chain, segmentSlots: Self.slots)
        #expect(storage.files[1] == image(batches: 1))
        let log = try SignLog(in: storage, key: sample.key, chain: sample.chain, segmentSlots: Self.slots)
        try log.append(entries(sample.vote), floor: sample.floor)
        try log.append(entries(sample.block), floor: sample.floor)
        #expect(storage.files[1] == image(batches: 3))
    }

    /// The power goes while the last batch is written: any of its sectors may be old. It is there whole or not at all, and
    /// what came before is always there.
    @Test func aTornSlotIsTheEndOrWhole() throws {
        let (before, after) = (image(batches: 2), image(batches: 3))
        let start = 2 * 2 * Self.copy
        let sectors = 2 * Self.copy / 512
        for mask in 0..<(1 << sectors) where mask % 251 == 0 || mask < 600 {
            var torn = before
            for sector in 0..<sectors where mask & 1 << sector != 0 {
                let range = start + sector * 512..<start + (sector + 1) * 512
                torn.replaceSubrange(range, with: after[range])
            }
            let found = try open(torn).entries
            let whole = entries(sample.vote) + entries(sample.block)
            let isWhole = [torn[start..<start + Self.copy], torn[start + Self.copy..<start + 2 * Self.copy]]
                .contains { Array($0) == Array(after[start..<start + Self.copy]) }
            #expect(found == (isWhole ? whole : entries(sample.vote)), "sectors \(mask)")
        }
    }

    /// A log from yesterday is whole: nothing in it tells. What it no longer knows is smaller than what the chain's own
    /// store has seen final, or comes back as a vote of ours, which consensus takes for another's (K2).
    @Test func aRolledBackLogIsAnOlderOne() throws {
        let old = try open(image(batches: 2))
        #expect(old.entries == entries(sample.vote))
        #expect(old.floor == sample.floor)
    }

    @Test func aDeletedLogIsMissing() {
        #expect(throws: SignLogError.missing(directory: "")) {
            try SignLog(in: PlainStorage(), key: sample.key, chain: sample.chain)
        }
    }

    /// Emptied, cut off inside its first slot, or with its first slot of another segment: no log.
    @Test func aLogWithoutABeginningIsLost() {
        let zeros = [UInt8](repeating: 0, count: Self.slots * 2 * Self.copy)
        #expect(throws: SignLogError.lost(.header(segment: 1))) { try open(zeros) }
        #expect(throws: SignLogError.self) { try open(Array(image(batches: 3).prefix(4_000))) }
        let other = slot(batches[0], batch: 0, segment: 2)
        #expect(throws: SignLogError.self) { try open(other + other + zeros.dropFirst(2 * Self.copy)) }
    }

    /// Of another key, or another chain: whoever copies a log under a new key has none.
    @Test func aCopiedLogIsAnothersStill() {
        let storage = PlainStorage()
        storage.files[1] = image(batches: 3)
        let other = PublicKey(Bytes32([UInt8](repeating: 9, count: 32)) ?? .zero)
        #expect(throws: SignLogError.otherKey(sample.key)) {
            try SignLog(in: storage, key: other, chain: sample.chain)
        }
        #expect(throws: SignLogError.otherChain(sample.chain)) {
            try SignLog(in: storage, key: sample.key, chain: ChainID(other.raw))
        }
    }
}
