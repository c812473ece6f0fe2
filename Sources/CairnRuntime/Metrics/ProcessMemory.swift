internal import CLinux

/// How this process takes memory.
public enum ProcessMemory {
    /// Gives large blocks back as soon as they are freed. The C library keeps what every thread has freed for that thread,
    /// also what it needed once in a hundred blocks: a node that writes beside the next block would hold it twice.
    public static func givesBackLargeBlocks() {
        _ = clinux_give_back_blocks(1 << 20)
    }
}
