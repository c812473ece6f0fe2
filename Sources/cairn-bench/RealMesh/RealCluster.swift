import CairnBase
import CairnRuntime
import Glibc

/// Some processes of one kind on loopback that are to find one another, and what an outsider can see of that.
protocol RealCluster: AnyObject {
    init(size: Int, directory: String)
    var processes: [SpawnedProcess?] { get set }
    /// Starts one; the first knows nobody, the others know the first.
    func spawn(_ index: Int) -> SpawnedProcess?
    /// It can be joined.
    func isReady(_ index: Int) -> Bool
    /// It knows of all the others that they are there.
    func seesAll(_ index: Int) -> Bool
    /// Since the last start it has found this one gone.
    func sees(_ index: Int, gone: Int) -> Bool
    /// What was seen until now does not count.
    func turnPage()
}

extension RealCluster {
    /// Starts all of them; the seconds from the last start until all know all.
    func start() -> Double? {
        turnPage()
        processes[0] = spawn(0)
        guard wait(.seconds(20), { isReady(0) }) != nil else { return nil }
        for index in processes.indices.dropFirst() { processes[index] = spawn(index) }
        return waitForAll(processes.indices.map { $0 }, .seconds(120)) { seesAll($0) }
    }

    /// Kills one with no word; the seconds until all others say that it is gone. Then it is there again.
    func lose(_ index: Int) -> Double? {
        turnPage()
        processes[index]?.end(SIGKILL)
        let others = processes.indices.filter { $0 != index }
        let time = waitForAll(others, .seconds(60)) { sees($0, gone: index) }
        turnPage()
        processes[index] = spawn(index)
        _ = waitForAll(Array(processes.indices), .seconds(60)) { seesAll($0) }
        return time
    }

    func stop() {
        for process in processes { process?.end(SIGKILL) }
    }

    var megabytes: Double { processes.compactMap { $0?.megabytes }.max() ?? .infinity }
}

/// The seconds until it holds; nil when it does not in time.
func wait(_ limit: TimeSpan, _ holds: () -> Bool) -> Double? {
    let start = Clock.monotonic()
    while Clock.monotonic().since(start) < limit {
        if holds() { return Double(Clock.monotonic().since(start).nanoseconds) / 1e9 }
        usleep(1_000)
    }
    return nil
}

/// The seconds until it has held once for each.
func waitForAll(_ indices: [Int], _ limit: TimeSpan, _ holds: (Int) -> Bool) -> Double? {
    var left = indices
    return wait(limit) {
        left.removeAll(where: holds)
        return left.isEmpty
    }
}

/// Bytes that the loopback device of this network namespace has carried, with 42 of headers for each datagram.
func loopbackBytes() -> Double {
    let line = text(of: "/proc/net/dev", limit: 1 << 16).split(separator: "\n").first { $0.contains("lo:") } ?? ""
    return line.split(separator: ":").last?.split(separator: " ").first.flatMap { Double($0) } ?? .nan
}
