import CairnRuntime
import Glibc

/// What the kernel, or anybody, wrote into a small file; empty where there is none.
func text(of path: String, limit: Int = 4096) -> String {
    (try? SmallFile.read(path, limit: limit)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// What a process, or "self", holds in memory, in MiB; endless where it is gone.
func residentMegabytes(of process: some CustomStringConvertible) -> Double {
    let pages = text(of: "/proc/\(process)/statm").split(separator: " ").dropFirst().first.flatMap { Double($0) }
    return (pages ?? .infinity) * Double(sysconf(Int32(_SC_PAGESIZE))) / Double(1 << 20)
}
