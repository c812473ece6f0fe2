import CairnBase
import CairnRuntime

/// How far a long transfer has come: a bar that is drawn again on a terminal, and elsewhere a line every ten seconds.
final class TransferProgress {
    private static let columns = 24

    private let session: Session
    private let verb: String
    /// Nil where nobody knows how much will come.
    private let total: UInt64?
    private let start = Clock.monotonic()
    private var shown = Clock.monotonic()
    private var isDrawn = false

    init(_ session: Session, _ verb: String, of total: UInt64?) {
        self.session = session
        self.verb = verb
        self.total = total
    }

    func reach(_ done: UInt64) {
        guard !session.isQuiet, !session.isJSON else { return }
        let now = Clock.monotonic()
        guard now.since(shown) >= (session.notes.isTerminal ? .milliseconds(200) : .seconds(10)) else { return }
        shown = now
        let line = Self.line(verb, done, of: total, after: now.since(start))
        session.notes.write(session.notes.isTerminal ? "\r\u{1b}[K\(line)" : line + "\n")
        isDrawn = session.notes.isTerminal
    }

    /// Takes the bar away.
    func end() {
        if isDrawn { session.notes.write("\r\u{1b}[K") }
        isDrawn = false
    }

    /// `putting  [######..................]  25.0 %  64.0 MiB of 256.0 MiB  32.0 MiB/s  6s left`
    static func line(_ verb: String, _ done: UInt64, of total: UInt64?, after time: TimeSpan) -> String {
        let perSecond = done.times(1_000, over: max(1, time.milliseconds)) ?? 0
        let rate = "\(binarySize(perSecond))/s"
        guard let total, total > 0 else { return "\(verb)  \(binarySize(done))  \(rate)" }
        let reached = min(done, total)
        let filled = Int(reached.times(UInt64(columns), over: total) ?? 0)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: columns - filled)
        let left = perSecond == 0 ? "" : "  \(TimeSpan.seconds((total - reached) / perSecond).rough) left"
        return
            "\(verb)  [\(bar)]  \(permille(reached, of: total))  \(binarySize(reached)) of \(binarySize(total))  \(rate)"
            + left
    }
}

/// `512 B`, `1.5 KiB`, `64.0 MiB`.
func binarySize(_ bytes: UInt64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    guard let unit = units.indices.last(where: { bytes >> (10 * UInt64($0 + 1)) > 0 }) else { return "\(bytes) B" }
    let shift = 10 * UInt64(unit + 1)
    let tenths = ((bytes & ((1 << shift) - 1)) >> (shift - 10)) * 10 / 1_024
    return "\(bytes >> shift).\(tenths) \(units[unit])"
}
