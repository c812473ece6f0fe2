import CairnBase
import CairnWire

/// What a vote key has signed, on disk before anyone else sees it.
///
/// The log is a row of segments of 4 KiB slots, each slot written twice. One `append` is one sync: when it returns, the
/// entries survive any crash; if it throws, the process signs nothing more. A log is made together with its key and
/// never again: a key whose log is missing, damaged or replaced by an older copy is lost, because nobody knows what it
/// has promised. When a segment is full, what still matters is carried into a new one, which the old one announces once
/// the new one is durable.
///
/// The whole class belongs to one thread.
public final class SignLog {
    /// Bytes of one batch: a block, its certificates, and the votes that rest on them.
    public static let batchLimit = 2 << 20
    static let entriesPerBatch = 8_192
    static let slotsPerBatch = (batchLimit + SignSlot.bodyLimit - 1) / SignSlot.bodyLimit + 1
    /// Slots of a segment, unless what it must carry asks for more: 4 MiB.
    static let segmentSlots = 512

    private let storage: any SignLogStorage
    private let key: PublicKey
    private let chain: ChainID
    private let segmentSlots: Int
    private let rules: SignLogRules
    private var segment: UInt32
    private var slotCount: Int
    private var end: Int
    private var nextBatch: UInt64
    private var isStopped = false
    /// Everything above the floor, in the order it was written.
    public private(set) var entries: [SignEntry]
    public private(set) var floor: SignFloor

    /// Makes the log of a new key. Together with the key itself this is the only time it may happen.
    static func create(
        in storage: any SignLogStorage, key: PublicKey, chain: ChainID, segmentSlots: Int = segmentSlots
    ) throws(SignLogError) {
        guard try storage.segments().isEmpty else { throw .exists(directory: "") }
        let slots = try slots(of: .begin(key: key, chain: chain), numbered: 0, segment: 1)
        try storage.create(1, byteCount: segmentSlots * SignSlot.stride)
        try write(slots, at: 0, of: 1, in: storage)
    }

    /// Opens the log, finds out what it says and makes sure that all of it is on the disk.
    init(
        in storage: any SignLogStorage, key: PublicKey, chain: ChainID, segmentSlots: Int = segmentSlots,
        rules: SignLogRules = .all
    ) throws(SignLogError) {
        self.storage = storage
        self.key = key
        self.chain = chain
        self.segmentSlots = segmentSlots
        self.rules = rules
        let found = try Self.current(in: storage, rules)
        guard case .begin(let owner, let home)? = found.batches.first else {
            throw .lost(.header(segment: found.number))
        }
        guard owner == key else { throw .otherKey(owner) }
        guard home == chain else { throw .otherChain(home) }
        segment = found.number
        slotCount = found.slotCount
        end = found.end
        nextBatch = found.nextBatch
        floor = SignFloor(epoch: Epoch(0), view: View(0))
        entries = []
        for case .append(let floor, let new) in found.batches { remember(new, floor) }
        try settle(found)
    }

    /// Makes entries durable, in order, and forgets what the floor has passed.
    public func append(_ new: [SignEntry], floor: SignFloor) throws(SignLogError) {
        guard !isStopped else { throw .stopped }
        do {
            let batch = SignBatch.append(floor: floor, entries: new)
            let slots = try Self.slots(of: batch, numbered: nextBatch, segment: segment)
            // The last slot of a segment is kept for the announcement of the next.
            if slots.count > slotCount - end - 1 {
                remember(new, floor)
                try moveOn()
            } else {
                try Self.write(slots, at: end, of: segment, in: storage)
                end += slots.count
                nextBatch += 1
                remember(new, floor)
            }
        } catch {
            isStopped = true
            throw error
        }
    }

    private func remember(_ new: [SignEntry], _ floor: SignFloor) {
        entries.append(contentsOf: new)
        guard floor != self.floor else { return }
        self.floor = floor
        entries.removeAll { $0.isSettled(by: floor) }
    }

    /// Carries what matters into a new segment. Until the old one announces it, the new one does not count.
    private func moveOn() throws(SignLogError) {
        let next = segment + 1
        var slots: [SignSlot] = []
        var number: UInt64 = 0
        for batch in [.begin(key: key, chain: chain)] + carried() {
            slots += try Self.slots(of: batch, numbered: number, segment: next)
            number += 1
        }
        let count = max(segmentSlots, 2 * slots.count)
        let announcement = try Self.slots(of: .move(to: next), numbered: nextBatch, segment: segment)
        if !rules.contains(.announceLast) { try Self.write(announcement, at: end, of: segment, in: storage) }
        try storage.create(next, byteCount: count * SignSlot.stride)
        try Self.write(slots, at: 0, of: next, in: storage)
        if rules.contains(.announceLast) { try Self.write(announcement, at: end, of: segment, in: storage) }
        try storage.remove(segment)
        (segment, slotCount, end, nextBatch) = (next, count, slots.count, number)
    }

    /// The entries that still matter, in batches of at most half of what one may hold.
    private func carried() -> [SignBatch] {
        var batches: [SignBatch] = []
        var group: [SignEntry] = []
        var size = 0
        for entry in entries {
            if size + entry.bytes.count > Self.batchLimit / 2 || group.count == Self.entriesPerBatch, !group.isEmpty {
                batches.append(.append(floor: floor, entries: group))
                (group, size) = ([], 0)
            }
            group.append(entry)
            size += entry.bytes.count
        }
        return batches + [.append(floor: floor, entries: group)]
    }

    /// Follows announcements to the segment that counts, and removes those that do not.
    private static func current(
        in storage: any SignLogStorage, _ rules: SignLogRules = .all
    ) throws(SignLogError) -> SignSegment {
        let numbers = try storage.segments()
        guard let lowest = numbers.first else { throw .missing(directory: "") }
        var found = try SignSegment(lowest, bytes: storage.read(lowest), rules: rules)
        while case .move(let next)? = found.batches.last {
            guard next == found.number + 1, numbers.contains(next) else { throw .lost(.successor(segment: next)) }
            let old = found.number
            found = try SignSegment(next, bytes: storage.read(next), rules: rules)
            guard case .begin? = found.batches.first else { throw .lost(.header(segment: next)) }
            try storage.remove(old)
        }
        for number in numbers where number > found.number { try storage.remove(number) }
        return found
    }

    /// Writes the last batch again and clears what was never completed behind it, so that from here on everything that
    /// was read is known to be on the disk, twice.
    private func settle(_ found: SignSegment) throws(SignLogError) {
        guard rules.contains(.rewriteTail) else { return }
        if let tail = found.tail { try storage.write(segment, tail.bytes, at: tail.slot * SignSlot.stride) }
        if found.hasTornTail {
            let rest = [UInt8](repeating: 0, count: (slotCount - end) * SignSlot.stride)
            try storage.write(segment, rest, at: end * SignSlot.stride)
        }
        try storage.sync(segment)
    }

    private static func write(
        _ slots: [SignSlot], at start: Int, of segment: UInt32, in storage: any SignLogStorage
    ) throws(SignLogError) {
        try storage.write(segment, slots.flatMap(\.bytes), at: start * SignSlot.stride)
        try storage.sync(segment)
    }

    private static func slots(
        of batch: SignBatch, numbered number: UInt64, segment: UInt32
    ) throws(SignLogError) -> [SignSlot] {
        let body = batch.encoded
        guard body.count <= batchLimit else { throw .tooLarge(byteCount: body.count, limit: batchLimit) }
        let count = (body.count + SignSlot.bodyLimit - 1) / SignSlot.bodyLimit
        return (0..<count).map { place in
            let start = place * SignSlot.bodyLimit
            return SignSlot(
                segment: segment, batch: number, batchCount: UInt32(count), place: UInt32(place),
                body: Array(body[start..<min(start + SignSlot.bodyLimit, body.count)]))
        }
    }
}

extension SignLog {
    /// Everything the newest segment holds, with what is settled: for an audit of what was signed. The process that
    /// signs must have ended.
    public static func history(directory: String) throws(SignLogError) -> [SignEntry] {
        let found = try current(in: SignDirectory(directory))
        var entries: [SignEntry] = []
        for case .append(_, let new) in found.batches { entries += new }
        return entries
    }
}
