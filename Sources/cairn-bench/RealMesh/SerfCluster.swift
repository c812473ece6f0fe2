import CairnBase
import CairnRuntime

/// Agents of Debian's serf, profile lan, without encryption; what they know is read from what they print.
final class SerfCluster: RealCluster {
    var processes: [SpawnedProcess?]
    private let directory: String
    /// How much of each one's output was there when the page was turned.
    private var read: [Int]

    init(size: Int, directory: String) {
        processes = Array(repeating: nil, count: size)
        read = Array(repeating: 0, count: size)
        self.directory = directory
    }

    private func address(_ index: Int) -> String { "127.9.\(index + 1).1" }
    private func output(_ index: Int) -> String { "\(directory)/serf-\(index)" }

    func spawn(_ index: Int) -> SpawnedProcess? {
        let place = address(index)
        return SpawnedProcess(
            "serf",
            ["agent", "-node=s\(index)", "-bind=\(place):7946", "-rpc-addr=\(place):7373", "-profile=lan"]
                + (index == 0 ? [] : ["-join=\(address(0)):7946"]),
            output: output(index))
    }

    private func bytes(_ index: Int) -> [UInt8] { (try? SmallFile.read(output(index), limit: 8 << 20)) ?? [] }

    func page(_ index: Int) -> String { String(decoding: bytes(index).dropFirst(read[index]), as: UTF8.self) }

    func turnPage() { for index in read.indices { read[index] = bytes(index).count } }

    func isReady(_ index: Int) -> Bool { page(index).contains("Serf agent starting") }

    /// Whoever joined and did not fail afterwards, over everything that the present process printed.
    func seesAll(_ index: Int) -> Bool {
        var there: Set<Substring> = []
        let text = String(decoding: bytes(index), as: UTF8.self)
        let own = text.split(separator: "Serf agent starting").last ?? ""
        for line in own.split(separator: "\n") {
            guard let event = line.split(separator: "serf: EventMember").dropFirst().first else { continue }
            let name = event.split(separator: " ").dropFirst().first ?? ""
            if event.hasPrefix("Join") { there.insert(name) } else { there.remove(name) }
        }
        return there.count == processes.count
    }

    func sees(_ index: Int, gone: Int) -> Bool { page(index).contains("EventMemberFailed: s\(gone) ") }

    /// The seconds from the first that has an event to the last.
    func event(_ name: String, from index: Int) -> Double? {
        turnPage()
        let order = SpawnedProcess(
            "serf", ["event", "-rpc-addr=\(address(index)):7373", name], output: "\(directory)/orders")
        defer { order?.join() }
        var left = Array(processes.indices)
        guard
            wait(
                .seconds(10),
                {
                    left.removeAll { page($0).contains("user-event: \(name)") }
                    return left.count < processes.count
                }) != nil
        else { return nil }
        return waitForAll(left, .seconds(10)) { page($0).contains("user-event: \(name)") }
    }
}
