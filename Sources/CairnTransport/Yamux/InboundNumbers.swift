/// Which stream numbers the peer has used, each at most once, in constant memory.
///
/// Peers that send the opening flag with a stream's first bytes may announce streams out of order, so numbers that were
/// jumped over stay open for use; how many may be outstanding is bounded.
struct InboundNumbers: Sendable {
    static let gapLimit = 256

    private let first: UInt32
    /// The smallest number above every used one.
    private var next: UInt32
    /// Numbers below `next` that were not used yet, ascending.
    private var skipped: [UInt32] = []

    init(first: UInt32) {
        self.first = first
        next = first
    }

    func hasParity(of number: UInt32) -> Bool {
        number.isMultiple(of: 2) == first.isMultiple(of: 2)
    }

    /// Marks a number as used; false when it may not be: wrong parity, used before, or too far ahead.
    mutating func use(_ number: UInt32) -> Bool {
        guard number >= first, hasParity(of: number), number <= UInt32.max - 2 else { return false }
        if number < next {
            guard let index = skipped.firstIndex(of: number) else { return false }
            skipped.remove(at: index)
            return true
        }
        let gap = Int((number - next) / 2)
        guard skipped.count + gap <= Self.gapLimit else { return false }
        while next < number {
            skipped.append(next)
            next += 2
        }
        next = number + 2
        return true
    }

    func wasUsed(_ number: UInt32) -> Bool {
        number >= first && number < next && !skipped.contains(number)
    }
}
