import CairnBase
import CairnWire

/// What a segment says when it is read back: its batches, and where writing goes on.
struct SignSegment {
    let number: UInt32
    let slotCount: Int
    private(set) var batches: [SignBatch] = []
    /// The first free slot, and the number of the next batch.
    private(set) var end = 0
    private(set) var nextBatch: UInt64 = 0
    /// Where the last batch begins: it is written again before it is believed, because what was read may have come from
    /// a cache that never reached the disk.
    private(set) var tail: (slot: Int, bytes: [UInt8])?
    /// Whether anything but zeros stands behind the end: a batch that was never sent.
    private(set) var hasTornTail = false

    init(_ number: UInt32, bytes: [UInt8], rules: SignLogRules) throws(SignLogError) {
        self.number = number
        slotCount = bytes.count / SignSlot.stride
        let slots = (0..<slotCount).map { Self.slot($0, in: bytes, segment: number, rules) }
        while let batch = Self.batch(at: end, in: slots, numbered: nextBatch) {
            guard let parsed = try? SignBatch.decode(batch.body, limit: SignLog.batchLimit) else {
                throw .lost(.record(segment: number))
            }
            batches.append(parsed)
            tail = (end, batch.bytes)
            end += batch.slots
            nextBatch += 1
        }
        try checkTail(slots, bytes, rules)
    }

    /// Behind the end there may be pieces of one batch that was never completed, and nothing else. A batch with a later
    /// number there means that this one was complete once, and others may have seen what it said.
    private mutating func checkTail(
        _ slots: [SignSlot?], _ bytes: [UInt8], _ rules: SignLogRules
    ) throws(SignLogError) {
        var reach = end
        for index in end..<max(end, slotCount) {
            if let slot = slots[index] {
                let isOfTheEnd = slot.batch == nextBatch && Int(slot.place) == index - end
                guard isOfTheEnd || !rules.contains(.holeIsLoss) else {
                    throw .lost(.gap(segment: number, slot: end))
                }
                reach = max(reach, end + Int(slot.batchCount))
            } else if !Self.isZero(index, in: bytes) {
                // A torn piece. Its neighbours say how far the batch went; without any, it may have been this long.
                guard index < max(reach, end + SignLog.slotsPerBatch) else {
                    throw .lost(.gap(segment: number, slot: end))
                }
                hasTornTail = true
            }
            if slots[index] != nil { hasTornTail = true }
        }
    }

    /// The slot at an index, from whichever copy is sound.
    private static func slot(
        _ index: Int, in bytes: [UInt8], segment: UInt32, _ rules: SignLogRules
    ) -> SignSlot? {
        let start = index * SignSlot.stride
        let span = bytes.span.bytes
        let first = span.extracting(start..<start + SignSlot.byteCount)
        if let slot = SignSlot(copy: first, segment: segment) { return slot }
        guard rules.contains(.secondCopy) else { return nil }
        return SignSlot(
            copy: span.extracting(start + SignSlot.byteCount..<start + SignSlot.stride), segment: segment)
    }

    private static func batch(
        at start: Int, in slots: [SignSlot?], numbered number: UInt64
    ) -> (body: [UInt8], bytes: [UInt8], slots: Int)? {
        guard start < slots.count, let first = slots[start], first.batch == number, first.place == 0 else { return nil }
        let count = Int(first.batchCount)
        guard count <= slots.count - start else { return nil }
        var body: [UInt8] = []
        var bytes: [UInt8] = []
        for place in 0..<count {
            guard let slot = slots[start + place], slot.batch == number, slot.batchCount == first.batchCount,
                Int(slot.place) == place
            else { return nil }
            body.append(contentsOf: slot.body)
            bytes.append(contentsOf: slot.bytes)
        }
        return (body, bytes, count)
    }

    private static func isZero(_ index: Int, in bytes: [UInt8]) -> Bool {
        let slot = bytes.span.bytes.extracting(index * SignSlot.stride..<(index + 1) * SignSlot.stride)
        for offset in stride(from: 0, to: SignSlot.stride, by: 8) {
            // SAFETY: eight bytes at every multiple of eight below the slot's length; the load checks its bounds again.
            if unsafe slot.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
        }
        return true
    }
}
