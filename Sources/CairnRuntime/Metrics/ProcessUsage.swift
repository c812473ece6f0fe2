internal import Glibc

/// What this process takes of the machine.
struct ProcessUsage {
    /// Time on a core since the start, its own and the kernel's for it.
    let cpuMilliseconds: UInt64
    let residentBytes: Int64

    init() {
        var usage = rusage()
        // SAFETY: the kernel fills the structure that is lent to it.
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        cpuMilliseconds = Self.milliseconds(usage.ru_utime) + Self.milliseconds(usage.ru_stime)
        // The second number is the resident pages; a kernel file, which no disk delays.
        let text = (try? SmallFile.read("/proc/self/statm", limit: 256)).map { String(decoding: $0, as: UTF8.self) }
        let fields = text?.split(separator: " ") ?? []
        let pages = fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
        residentBytes = pages.multipliedReportingOverflow(by: Int64(sysconf(Int32(_SC_PAGESIZE)))).partialValue
    }

    private static func milliseconds(_ time: timeval) -> UInt64 {
        UInt64(clamping: time.tv_sec) &* 1_000 &+ UInt64(clamping: time.tv_usec) / 1_000
    }
}
