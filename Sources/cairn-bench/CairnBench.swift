import CairnRuntime
import Glibc

/// `cairn-bench [NAME …] [--json] [--strict]`: runs the named benchmarks, or all of them. For the attacks also
/// `[--seeds N] [--first-seed N] [--epochs N] [--row PART-OF-NAME …]`, and for the mesh `--real [--full] [--nodes N] [--loss SECONDS]`.
@main
struct CairnBench {
    private static func benches(
        _ attacks: AttackChoice, _ real: RealMeshChoice
    ) -> [(name: String, run: @Sendable () -> [Figure])] {
        let mesh = real.setting.map { setting in [{ realMeshBench(setting) }] } ?? meshBenches
        return [
            ("base", baseBench), ("ledger", ledgerBench), ("storage", storageBench), ("streams", streamsBench),
            ("consensus", consensusBench), ("node", nodeBench),
            ("witness", witnessBench),
            ("attacks", { attackBench(attacks) }), ("coverage-cost", coverageCostBench),
            ("hostile", { hostileMeshBench(seeds: attacks.played) }),
        ] + mesh.map { ("mesh", $0) }
    }

    static func main() {
        // As the node does.
        ProcessMemory.givesBackLargeBlocks()
        var json = false
        var strict = false
        var names: [String] = []
        var attacks = AttackChoice()
        var real = RealMeshChoice()
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--seeds": attacks.seeds = number(after: argument, arguments.popFirst())
            case "--first-seed": attacks.firstSeed = number(after: argument, arguments.popFirst())
            case "--epochs": attacks.epochs = number(after: argument, arguments.popFirst())
            case "--row":
                guard let row = arguments.popFirst() else { fail("--row needs a part of a name") }
                attacks.rows.append(row)
            case "--real": real.isReal = true
            case "--full": real.isFull = true
            case "--nodes":
                let nodes = number(after: argument, arguments.popFirst())
                guard (3...100).contains(nodes) else { fail("--nodes needs a number from 3 to 100") }
                real.nodes = Int(nodes)
            case "--loss":
                real.lossSeconds = UInt32(number(after: argument, arguments.popFirst()))
                if let hindrance = LossyLoopback.hindrance { fail(hindrance) }
            case "--json": json = true
            case "--strict": strict = true
            // The networks of "consensus", and of "mesh" without --real, are simulated; the flag says so.
            case "--sim": break
            default: names.append(argument)
            }
        }
        let benches = benches(attacks, real)
        if attacks.trials.isEmpty { fail("no attack is called like that") }
        if let unknown = names.first(where: { name in !benches.contains { $0.name == name } }) {
            fail(
                "no bench is called \"\(unknown)\"; there are: \(Set(benches.map(\.name)).sorted().joined(separator: ", "))"
            )
        }
        var missed = false
        var last = ""
        for bench in benches where names.isEmpty || names.contains(bench.name) {
            if !json, bench.name != last { print("bench \(bench.name)") }
            last = bench.name
            for figure in bench.run() {
                print(json ? figure.json : figure.line)
                missed = missed || !figure.meetsTarget
            }
            fflush(nil)
        }
        if strict && missed { exit(1) }
    }

    private static func number(after option: String, _ text: String?) -> UInt64 {
        guard let number = text.flatMap({ UInt64($0) }), (1...10_000).contains(number) else {
            fail("\(option) needs a number from 1 to 10000")
        }
        return number
    }

    private static func fail(_ message: String) -> Never {
        say(message)
        exit(2)
    }
}
