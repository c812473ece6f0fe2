import CairnBase
import CairnRuntime
import Glibc

/// Ten real nodes of the program beside this one, in a testnet of their own: what an idle one costs, and how soon one
/// answers while all are asked more than they can answer.
func nodeBench() -> [Figure] {
    guard let testnet = BenchTestnet(nodes: 10) else { return [] }
    defer { testnet.remove() }
    // What starting took is over by then.
    sleep(10)
    let idle = testnet.sample()
    let quiet = StatusProbe.run(testnet.sockets, seconds: 20)
    let settled = testnet.sample()
    let shares = zip(idle, settled).map { ($1.ticks - $0.ticks) / ($1.seconds - $0.seconds) * 100 }
    let load = QuestionLoad(testnet.sockets, threads: 8)
    let busy = StatusProbe.run(testnet.sockets, seconds: 20)
    let answered = load.stop()
    let loaded = testnet.sample()
    func bar(_ name: String, _ value: Double, _ unit: String, _ limit: Double) -> Figure {
        Figure(
            bench: "node", name: name, value: value, unit: unit, limit: limit, limitName: "bar", ratio: value / limit,
            better: .lower, target: 1)
    }
    return [
        bar("10 idle, CPU of the worst", shares.max() ?? .infinity, "% core", 2),
        bar("10 idle, CPU of the mean", shares.reduce(0, +) / Double(shares.count), "% core", 2),
        bar("10 idle, memory of the worst", settled.map(\.megabytes).max() ?? .infinity, "MiB", 64),
        bar("10 loaded, memory", loaded.map(\.megabytes).max() ?? .infinity, "MiB", 64),
        bar("status p99, idle", quiet.percentile(99), "ms", 50),
        bar("status p50, loaded", busy.percentile(50), "ms", 50),
        bar("status p99, loaded", busy.percentile(99), "ms", 50),
        Figure(
            bench: "node", name: "questions during that", value: Double(answered) / 20, unit: "1/s",
            limit: Double(busy.count) / 20, limitName: "status answers",
            ratio: Double(answered) / Double(max(busy.count, 1)), better: .higher, target: 1),
    ]
}

/// The program that was built with this one.
func programBeside() -> String {
    var path = [CChar](repeating: 0, count: 4096)
    // SAFETY: the buffer lives for the call and its size is its own.
    let count = unsafe readlink("/proc/self/exe", &path, path.count)
    let own = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (own.lastIndex(of: "/").map { String(own[..<$0]) } ?? ".") + "/cairn"
}

/// A testnet that is there for one measurement.
struct BenchTestnet {
    struct Cost {
        /// Seconds on a core since the start, and when that was read.
        let ticks: Double
        let seconds: Double
        let megabytes: Double
    }

    let sockets: [String]
    private let processes: [Int]
    private let directory: String
    private let program: String

    init?(nodes: Int, pace: Int? = nil) {
        program = programBeside()
        directory = "/tmp/cairn-bench-\(getpid())"
        let pace = pace.map { " --pace \($0)" } ?? ""
        guard system("'\(program)' testnet up --nodes \(nodes)\(pace) --dir \(directory) >/dev/null 2>&1") == 0 else {
            let line = Array("cairn-bench: \(program) testnet up failed\n".utf8)
            write(STDERR_FILENO, line, line.count)
            return nil
        }
        sockets = (0..<nodes).map { [directory] in "\(directory)/n\($0)/run/api.sock" }
        processes = sockets.compactMap { socket in
            guard let answer = try? HTTPClient(.local(path: socket)).get("/v1/status") else { return nil }
            let text = String(decoding: answer.body, as: UTF8.self)
            return text.split(separator: "\"pid\":").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
        }
    }

    func sample() -> [Cost] {
        processes.map { process in
            // The name in parentheses may hold blanks; what is asked for stands behind it.
            let fields = text(of: "/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
            return Cost(
                ticks: ticks / Double(sysconf(Int32(_SC_CLK_TCK))),
                seconds: Double(Clock.monotonic().nanoseconds) / 1e9,
                megabytes: residentMegabytes(of: process))
        }
    }

    /// Hands a node a transfer of its own account to itself, or is at it.
    func send(from index: Int) -> SpawnedProcess? {
        let home = "\(directory)/n\(index)"
        guard let account = account(of: index) else { return nil }
        return SpawnedProcess(
            program, ["wallet", "send", account, "0.00001", "--home", home, "--node", sockets[index]],
            output: "\(directory)/orders")
    }

    private func account(of index: Int) -> String? {
        let shown = "\(directory)/account-\(index)"
        SpawnedProcess(program, ["wallet", "show", "--home", "\(directory)/n\(index)"], output: shown)?.join()
        return text(of: shown).split(whereSeparator: { $0 == " " || $0 == "\n" }).first { $0.hasPrefix("cn1") }
            .map(String.init)
    }

    func remove() {
        _ = system("'\(program)' testnet purge --dir \(directory) --yes >/dev/null 2>&1")
    }
}

/// How long nodes take to say how they are, asked one after the other every 10 ms.
struct StatusProbe {
    private let sorted: [UInt64]

    var count: Int { sorted.count }

    func percentile(_ percent: Int) -> Double {
        sorted.isEmpty ? .infinity : Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1e6
    }

    static func run(_ sockets: [String], seconds: UInt64) -> StatusProbe {
        var taken: [UInt64] = []
        let end = Clock.monotonic() + .seconds(seconds)
        var index = 0
        while Clock.monotonic() < end {
            let start = Clock.monotonic()
            let answer = try? HTTPClient(.local(path: sockets[index % sockets.count])).get("/v1/status")
            // No answer is the slowest of all.
            taken.append(answer?.status == 200 ? Clock.monotonic().since(start).nanoseconds : .max)
            index += 1
            usleep(10_000)
        }
        return StatusProbe(sorted: taken.sorted())
    }
}
