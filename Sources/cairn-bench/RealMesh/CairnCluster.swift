import CairnRuntime
import Glibc

/// Nodes that are part of no chain: sealed datagrams and membership alone. What they know is what `/v1/status` says.
final class CairnCluster: RealCluster {
    var processes: [SpawnedProcess?]
    private let directory: String
    private let program = programBeside()

    init(size: Int, directory: String) {
        processes = Array(repeating: nil, count: size)
        self.directory = directory
        // A registry and homes of their own: no other node of this machine is looked at.
        setenv("XDG_RUNTIME_DIR", directory, 1)
        for index in 0..<size {
            let made = SpawnedProcess(
                program,
                ["init", "--home", home(index), "--dev", "--network", "bench"], output: "\(directory)/init")
            made?.join()
        }
    }

    private func home(_ index: Int) -> String { "\(directory)/c\(index)" }
    private func log(_ index: Int) -> String { "\(directory)/log-\(index)" }
    private func place(_ index: Int) -> String { "127.\(index + 1).0.1" }

    /// A node that knows nobody, as the other side's, which keeps no addresses.
    func spawn(_ index: Int) -> SpawnedProcess? {
        unlink("\(home(index))/peers.book")
        return SpawnedProcess(
            program,
            [
                "run", "--home", home(index), "--network", "bench", "--listen", "\(place(index)):7470",
                "--api", "\(place(index)):7471",
            ] + (index == 0 ? [] : ["--peer", "\(place(0)):7470"]), output: log(index))
    }

    private func peers(_ index: Int) -> NodeNumbers? { NodeNumbers(at: "\(home(index))/run/api.sock") }

    func isReady(_ index: Int) -> Bool { peers(index) != nil }

    func seesAll(_ index: Int) -> Bool { peers(index)?.alive == processes.count - 1 }

    func sees(_ index: Int, gone: Int) -> Bool {
        guard let numbers = peers(index) else { return false }
        return numbers.down == 1 && numbers.alive == processes.count - 2
    }

    func turnPage() {}

    /// How often each node called another one this since its output had these lengths; endless where that cannot be read.
    func marks(_ state: String, since lengths: [Int]) -> Double {
        lengths.enumerated().reduce(0) { sum, entry in
            guard let bytes = try? SmallFile.read(log(entry.offset), limit: 256 << 20) else { return .infinity }
            let lines = String(decoding: bytes.dropFirst(entry.element), as: UTF8.self).split(separator: "\n")
            return sum + Double(lines.count { $0.contains("peer changed") && $0.contains("state=\(state)") })
        }
    }

    var logLengths: [Int] {
        processes.indices.map { (try? SmallFile.read(log($0), limit: 256 << 20).count) ?? 0 }
    }
}

/// A few numbers of `/v1/status`.
struct NodeNumbers {
    let alive: Int
    let down: Int
    let pool: Int
    let height: Int

    init?(at socket: String) {
        guard let answer = try? HTTPClient(.local(path: socket)).get("/v1/status"), answer.status == 200 else {
            return nil
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        func number(_ name: String) -> Int? {
            text.split(separator: "\"\(name)\":").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
        }
        guard let alive = number("alive"), let down = number("down") else { return nil }
        (self.alive, self.down, pool, height) = (alive, down, number("pool") ?? 0, number("height") ?? 0)
    }
}
