import CairnBase
import CairnRuntime
import Testing

@testable import CairnCLI

/// Faults as people write them.
@Suite struct TestnetFaultTests {
    private let testnet: Testnet
    private let nodes: [TestnetManifest.Node]

    init() throws {
        let session = Session.ofNobody(registry: "/nonexistent")
        let manifest = try TestnetManifest(name: "local", seed: 1, nodes: 4, isFree: { _ in true })
        testnet = Testnet(
            directory: try TestnetDirectory("/nonexistent", name: "local", session.surroundings), manifest: manifest)
        nodes = manifest.nodes
    }

    private func read(_ line: String) throws(Failure) -> TestnetFault {
        let words = line.split(separator: " ").map(String.init)
        return try TestnetFault(words.first ?? "", Array(words.dropFirst()), in: testnet)
    }

    @Test func eachKindIsRead() throws {
        #expect(try read("kill n3") == .kill([nodes[3]]))
        #expect(try read("pause n0,n2 n1") == .pause([nodes[0], nodes[2], nodes[1]]))
        #expect(try read("restart n0") == .restart([nodes[0]]))
        #expect(try read("partition n0,n1/n2,n3") == .partition([[nodes[0], nodes[1]], [nodes[2], nodes[3]]]))
        #expect(try read("partition n0/n1/n2") == .partition([[nodes[0]], [nodes[1]], [nodes[2]]]))
        #expect(try read("delay n2 200ms") == .delay([nodes[2]], .milliseconds(200)))
        #expect(try read("delay 1s") == .delay(nodes, .seconds(1)))
        #expect(try read("loss 10%") == .loss(nodes, ppm: 100_000))
        #expect(try read("loss n1 0.25%") == .loss([nodes[1]], ppm: 2_500))
        #expect(try read("loss 100%") == .loss(nodes, ppm: 1_000_000))
        #expect(try read("skew n1 +3s") == .skew([nodes[1]], milliseconds: 3_000))
        #expect(try read("rot n1") == .rot([nodes[1]]))
        #expect(try read("strip n1,n2") == .strip([nodes[1], nodes[2]]))
        #expect(try read("skew n1 n2 -250ms") == .skew([nodes[1], nodes[2]], milliseconds: -250))
    }

    @Test(arguments: [
        "kill", "kill n0,", "kill n0 n0", "explode n0", "partition n0,n1", "partition n0/n0", "partition n0 / n1",
        "partition /n1", "partition n0,n1/n1", "delay n2", "delay 200", "delay n2 -1s", "loss n2", "loss 101%",
        "loss 10", "loss %", "loss .5%", "loss 1.%", "loss 1.23456%", "loss 100.1%", "loss -1%", "skew n1 3s",
        "skew +3", "skew", "delay", "rot", "kill holders:1", "rot holders:0", "rot holders:-1", "rot holders:",
    ])
    func whatIsNoFaultIsRefused(_ line: String) {
        let refusal = #expect(throws: Failure.self) { try read(line) }
        #expect(refusal?.code == .faultInvalid || refusal?.code == .unknownNode)
    }

    /// Who keeps pieces is seen on the disks; a bit that was turned twice is as it was.
    @Test func holdersAreThoseWithPieces() throws {
        try withTemporaryDirectory { directory in
            let place = try TestnetDirectory(directory, name: "local", Session.ofNobody(registry: "/none").surroundings)
            let testnet = Testnet(directory: place, manifest: testnet.manifest)
            for node in [nodes[1], nodes[3]] {
                let folder = joinPath(testnet.home(of: node).storeDirectory, "pieces/ab")
                try Directory.make(folder)
                try TextFile.replace(joinPath(folder, "abcd"), [1, 2, 3, 4, 5])
            }
            #expect(try TestnetFault("kill", ["holders:2"], in: testnet) == .kill([nodes[1], nodes[3]]))
            #expect(try TestnetFault("kill", ["n0,holders:1"], in: testnet) == .kill([nodes[0], nodes[3]]))
            #expect(throws: Failure.self) { try TestnetFault("kill", ["holders:3"], in: testnet) }
            #expect(throws: Failure.self) { try TestnetFault("kill", ["n3,holders:1"], in: testnet) }
            #expect(try testnet.strip(nodes[0]) == 0)
            #expect(try testnet.strip(nodes[1]) == 1)
            #expect(
                testnet.pieces(of: nodes[1]).isEmpty
                    && fileExists(joinPath(testnet.home(of: nodes[1]).storeDirectory, "pieces")))
            #expect(try testnet.restore(nodes[1]))
            #expect(testnet.pieces(of: nodes[1]).count == 1)
            #expect(try !testnet.restore(nodes[1]))
            #expect(try testnet.rot(nodes[0]) == 0)
            #expect(try testnet.rot(nodes[3]) == 1)
            let file = try #require(testnet.pieces(of: nodes[3]).first)
            #expect(try TextFile.read(file) == "\u{1}\u{2}\u{2}\u{4}\u{5}")
            #expect(try testnet.rot(nodes[3]) == 1)
            #expect(try TextFile.read(file) == "\u{1}\u{2}\u{3}\u{4}\u{5}")
        }
    }

    @Test func faultsAreSaidInTheSameWords() {
        var faults = NetworkFaults()
        #expect(faults.words(nodes) == "")
        faults.cut = [nodes[2].listen.address, nodes[3].listen.address]
        faults.delay = .milliseconds(200)
        faults.lossPPM = 102_500
        faults.skew = -1_500
        #expect(faults.words(nodes) == "cut off from n2 n3 · delay 200ms · loss 10.25% · clock -1500ms")
        #expect(NetworkFaults.percent(1) == "0.0001%")
        #expect(NetworkFaults.percent(1_000_000) == "100%")
    }
}
