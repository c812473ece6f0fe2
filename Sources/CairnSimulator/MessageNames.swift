import CairnBase

/// Gives every message a name that survives changes elsewhere: its link, its content, and how often that content went
/// over that link before.
///
/// Were messages simply counted, one more or one less would rename all that follow, and a run with a fault left out
/// would have nothing in common with the original. The memory is a table of fixed size: an entry may be pushed out by
/// another one, and a content that comes back after that goes on under fresh names.
struct MessageNames {
    private struct Entry {
        var content: UInt64 = 0
        var occurrences: UInt32 = 0
        /// Grows when the entry is pushed out, so that the old names are not given again.
        var generation: UInt32 = 0
    }

    private var table: [Entry]

    init(processes: Int) {
        var size = 4_096
        while size < processes * 256, size < 1 << 20 { size *= 2 }
        table = Array(repeating: Entry(), count: size)
    }

    /// A 32-bit name; two messages may share one by chance, and then share their fate.
    mutating func name(link: UInt64, digest: UInt64) -> UInt64 {
        let content = SeededRandom.mixed(SeededRandom.mixed(link) ^ digest)
        let index = Int(content & UInt64(table.count - 1))
        if table[index].content == content {
            table[index].occurrences += 1
        } else {
            table[index].content = content
            table[index].occurrences = 0
            table[index].generation += 1
        }
        let occurrence = UInt64(table[index].generation) << 32 | UInt64(table[index].occurrences)
        return SeededRandom.mixed(content ^ occurrence) >> 32
    }
}
