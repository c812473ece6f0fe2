internal import CLinux

/// How this process takes memory.
public enum ProcessMemory {
    /// Gives large blocks back as soon as they are freed. The C library keeps what every thread has freed for that thread,
    /// also what it needed once in a hundred blocks: a node that writes beside the next block would hold it twice.
    public static func givesBackLargeBlocks() {
        _ = clinux_give_back_blocks(1 << 20)
    }

    /// Puts large pages under what lies in memory by now. A walk through a large state goes from one end of it to the other,
    /// and with small pages it waits as long to learn where memory is as for what is there.
    public static func gatherPages() {
        // Eight gibibytes.
        _ = clinux_gather_pages(1 << 12)
    }
}
