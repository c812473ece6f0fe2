import CairnBase

/// One file: what reads see, what the platter holds, and the changes between the two.
struct SimulatedFile {
    enum Change {
        case write(offset: Int, bytes: [UInt8])
        case truncate(count: Int)
    }

    /// Through the cache: every write that was accepted.
    private(set) var visible: [UInt8] = []
    /// What power loss leaves, apart from what happens to be on its way.
    private(set) var durable: [UInt8] = []
    private var pending: [Change] = []
    private var committed: UInt64 = 0

    /// How many changes were ever made: a sync covers all below its mark.
    var mark: UInt64 { committed + UInt64(pending.count) }
    var hasPending: Bool { !pending.isEmpty }

    mutating func apply(_ change: Change) {
        Self.apply(change, to: &visible)
        pending.append(change)
    }

    /// A sync that began at `mark` succeeded.
    mutating func commit(upTo mark: UInt64) {
        for change in forget(upTo: mark) { Self.apply(change, to: &durable) }
    }

    /// A sync failed: the system marks the pages clean all the same. Reads see them, the platter never will.
    mutating func abandon(upTo mark: UInt64) {
        _ = forget(upTo: mark)
    }

    private mutating func forget(upTo mark: UInt64) -> [Change] {
        guard mark > committed else { return [] }
        let count = min(pending.count, Int(mark - committed))
        let taken = Array(pending.prefix(count))
        pending.removeFirst(count)
        committed += UInt64(count)
        return taken
    }

    /// Power loss. Of the changes in the cache none, all, or a random part has reached the platter, sector by sector
    /// and in no particular order; a sector caught in the act may be part old, part new. Answers how many were torn.
    mutating func losePower(sectorSize: Int, tornPPM: UInt64, using random: inout SeededRandom) -> Int {
        var torn = 0
        let fate = random.below(4)
        for change in forget(upTo: mark) {
            switch change {
            case .truncate:
                if fate == 1 || random.flip() { Self.apply(change, to: &durable) }
            case .write(let offset, let bytes):
                var start = 0
                while start < bytes.count {
                    let sectorEnd = ((offset + start) / sectorSize + 1) * sectorSize
                    let end = min(bytes.count, sectorEnd - offset)
                    let survives = fate == 1 || (fate >= 2 && random.flip())
                    var kept = Array(bytes[start..<end])
                    let isTorn = random.chance(ppm: tornPPM)
                    if isTorn {
                        kept = Array(kept.prefix(1 + Int(random.below(UInt64(kept.count)))))
                        torn += 1
                    }
                    if survives || isTorn {
                        Self.apply(.write(offset: offset + start, bytes: kept), to: &durable)
                    }
                    start = end
                }
            }
        }
        visible = durable
        return torn
    }

    /// One stored bit turns, in the cache as well as on the platter. Answers whether there was one.
    mutating func rot(using random: inout SeededRandom) -> Bool {
        guard !durable.isEmpty else { return false }
        let index = Int(random.below(UInt64(durable.count)))
        let bit: UInt8 = 1 << UInt8(random.below(8))
        durable[index] ^= bit
        if index < visible.count { visible[index] ^= bit }
        return true
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncate(let count):
            if count < bytes.count {
                bytes.removeLast(bytes.count - count)
            } else {
                bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
            }
        case .write(let offset, let written):
            let end = offset + written.count
            if end > bytes.count { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
            bytes.replaceSubrange(offset..<end, with: written)
        }
    }
}
