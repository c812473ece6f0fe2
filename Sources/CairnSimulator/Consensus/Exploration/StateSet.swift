/// The states a search has seen: open addressing over words, because there are tens of millions of them.
struct StateSet {
    private var slots: [UInt64]
    private(set) var count = 0
    private var mask: Int

    init() {
        slots = [UInt64](repeating: 0, count: 1 << 16)
        mask = slots.count - 1
    }

    /// False if it was there already.
    mutating func insert(_ state: UInt64) -> Bool {
        if 2 * (count + 1) > slots.count { grow() }
        let isNew = Self.place(state &+ 1, in: &slots, mask)
        if isNew { count += 1 }
        return isNew
    }

    /// Zero marks a free slot, so states are kept one higher.
    private static func place(_ word: UInt64, in slots: inout [UInt64], _ mask: Int) -> Bool {
        var index = Int(truncatingIfNeeded: (word &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
        while slots[index] != 0 {
            if slots[index] == word { return false }
            index = (index + 1) & mask
        }
        slots[index] = word
        return true
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        mask = larger.count - 1
        for word in slots where word != 0 { _ = Self.place(word, in: &larger, mask) }
        slots = larger
    }
}
