import CairnBase

/// How many bytes a socket is given at a time, when nothing can overtake them any more.
///
/// What an urgent frame may wait behind is counted in time. So portions are small until the kernel has taken several full
/// ones in a row at once, as it does where the way is short and wide; they shrink again with the first that has to wait.
struct Portion {
    private static let least = 8 << 10
    private static let largest = 128 << 10
    private static let atOnce = TimeSpan.milliseconds(1)
    private static let proof = 3

    private(set) var size = least
    /// Full portions in a row that were taken at once.
    private var inARow = 0
    private var isFull = false
    private var since = Instant.origin

    /// A portion of this many bytes waits for the kernel.
    mutating func give(_ count: Int, at now: Instant) {
        isFull = count >= size
        since = now
    }

    /// The kernel has all of it. A portion that was not full proves nothing by its speed.
    mutating func taken(at now: Instant) {
        if now.since(since) > Self.atOnce {
            self = Portion()
        } else if isFull {
            inARow += 1
            if inARow > Self.proof { size = min(size * 2, Self.largest) }
        }
    }
}
