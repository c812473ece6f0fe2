import CairnBase
import CairnSimulator
import Testing

@Suite struct SimulateArgumentsTests {
    private func refusal(_ line: String) -> String? {
        do {
            _ = try SimulateArguments(line.split(separator: " ").map { String($0) })
            return nil
        } catch {
            return error.message
        }
    }

    @Test func everythingIsRead() throws {
        let words =
            "register --seed 7 --seeds 20 --nodes 5 --until 30 --bug trust-cache --log 3 --twice --no-shrink --json"
        let arguments = try SimulateArguments(words.split(separator: " ").map { String($0) })
        #expect(arguments.seed == 7 && arguments.seeds == 20 && arguments.servers == 5)
        #expect(arguments.safety == .seconds(30) && arguments.plantedBug == "trust-cache" && arguments.logsLast == 3)
        #expect(arguments.runsTwice && !arguments.shrinks && arguments.isJSON)
        #expect(try SimulateArguments([]).protocolName == "register")
    }

    @Test func aReplayCommandReadsBackAsTheSameRun() throws {
        var arguments = try SimulateArguments(["register", "--nodes", "5", "--until", "9", "--bug", "one-copy"])
        let faults = [Fault(.lost, process: ProcessID(1), peer: ProcessID(2), number: 3)]
        let words = arguments.replayCommand(seed: 42, only: faults).split(separator: " ").dropFirst()
        let again = try SimulateArguments(words.map { String($0) })
        arguments.seed = 42
        arguments.selection = .only(Set(faults))
        #expect(again == arguments)
    }

    @Test(arguments: [
        (
            "nonsense",
            "no protocol 'nonsense'; there are register, spin, consensus, streams, membership, pubsub, dialback, node"
        ),
        ("--seed", "--seed needs a value"),
        ("--seed x", "--seed needs a whole number of at least 0, not 'x'"),
        ("--seed -1", "--seed needs a whole number of at least 0, not '-1'"),
        ("--seed 18446744073709551616", "--seed needs a whole number of at least 0, not '18446744073709551616'"),
        ("--seeds 0", "--seeds needs a whole number of at least 1, not '0'"),
        ("--nodes 1001", "--nodes needs a whole number from 1 to 1000, not '1001'"),
        ("--frobnicate", "unknown argument '--frobnicate'; --help lists what there is"),
        ("register spin", "unknown argument 'spin'; --help lists what there is"),
        ("spin --bug x", "no planted bug 'x' in spin; there are: none"),
        ("--only lost:1", "'lost:1' names no fault; one looks like lost:0:2:117"),
    ])
    func nonsenseIsRefusedWithASentence(line: String, message: String) {
        #expect(refusal(line) == message)
    }
}
