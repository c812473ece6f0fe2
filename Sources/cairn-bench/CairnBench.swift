import Glibc

/// `cairn-bench [NAME …] [--json] [--strict]`: runs the named benchmarks, or all of them.
@main
struct CairnBench {
    static let benches: [(name: String, run: @Sendable () -> [Figure])] = [
        ("base", baseBench), ("ledger", ledgerBench), ("storage", storageBench), ("streams", streamsBench),
        ("consensus", consensusBench), ("mesh", meshBench), ("node", nodeBench), ("witness", witnessBench),
        ("attacks", attackBench),
    ]

    static func main() {
        var json = false
        var strict = false
        var names: [String] = []
        for argument in CommandLine.arguments.dropFirst() {
            switch argument {
            case "--json": json = true
            case "--strict": strict = true
            // The networks of "consensus" and "mesh" are always simulated; the flag says so.
            case "--sim": break
            default: names.append(argument)
            }
        }
        if let unknown = names.first(where: { name in !benches.contains { $0.name == name } }) {
            fail("no bench is called \"\(unknown)\"; there are: \(benches.map(\.name).joined(separator: ", "))")
        }
        var missed = false
        for bench in benches where names.isEmpty || names.contains(bench.name) {
            if !json { print("bench \(bench.name)") }
            for figure in bench.run() {
                print(json ? figure.json : figure.line)
                missed = missed || !figure.meetsTarget
            }
        }
        if strict && missed { exit(1) }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("cairn-bench: \(message)\n".utf8)
        write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}
