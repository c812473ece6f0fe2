internal import CairnBase

/// Which counts of a session were seen: everything below the window, and a bit for each count inside it.
///
/// Datagrams may overtake one another, so a count below the highest is no proof of a replay; one that was seen before,
/// or lies too far back to know, is refused.
struct ReplayWindow: Sendable, Equatable {
    private static let wordBits: UInt64 = 64
    private var words: [UInt64]
    /// One more than the highest count accepted; zero before the first.
    private(set) var next: UInt64 = 0

    /// - Parameter size: how far back counts are told apart; rounded up to whole words.
    init(size: Int) {
        // One word more than asked for: the one that is being cleared holds fewer than 64 counts.
        words = [UInt64](repeating: 0, count: max(1, (size + 63) / 64) + 1)
    }

    private var span: UInt64 { UInt64(words.count - 1) * Self.wordBits }

    func accepts(_ count: UInt64) -> Bool {
        guard count < next else { return count < .max }
        guard next - count <= span else { return false }
        return words[slot(count)] & bit(count) == 0
    }

    /// Marks a count as seen; false when it was refused. Called only for what proved authentic.
    mutating func take(_ count: UInt64) -> Bool {
        guard accepts(count) else { return false }
        if count >= next {
            let from = next == 0 ? 0 : (next - 1) / Self.wordBits + 1
            let to = count / Self.wordBits
            if to >= from {
                let cleared = min(to - from + 1, UInt64(words.count))
                for step in 0..<cleared { words[Int((to - step) % UInt64(words.count))] = 0 }
            }
            next = count + 1
        }
        words[slot(count)] |= bit(count)
        return true
    }

    private func slot(_ count: UInt64) -> Int { Int(count / Self.wordBits % UInt64(words.count)) }
    private func bit(_ count: UInt64) -> UInt64 { 1 << (count % Self.wordBits) }
}
