import CairnBase
import CairnRadio
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
        #expect(try read("fill-disk n3") == .fillDisk([nodes[3]]))
        #expect(try read("lie n2,n3 elsewhere") == .lie([nodes[2], nodes[3]], .elsewhere))
        #expect(try read("lie mute") == .lie(nodes, .mute))
        #expect(try read("equivocate n1") == .equivocate([nodes[1]]))
        #expect(try read("skew n1 n2 -250ms") == .skew([nodes[1], nodes[2]], milliseconds: -250))
    }

    @Test(arguments: [
        "kill", "kill n0,", "kill n0 n0", "explode n0", "partition n0,n1", "partition n0/n0", "partition n0 / n1",
        "partition /n1", "partition n0,n1/n1", "delay n2", "delay 200", "delay n2 -1s", "loss n2", "loss 101%",
        "loss 10", "loss %", "loss .5%", "loss 1.%", "loss 1.23456%", "loss 100.1%", "loss -1%", "skew n1 3s",
        "skew +3", "skew", "delay", "rot", "kill holders:1", "rot holders:0", "rot holders:-1", "rot holders:",
        "fill-disk", "lie n1", "lie n1 honest", "lie", "equivocate", "equivocate n9",
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

    /// A full disk is a number in the home, which heal takes away.
    @Test func aDiskIsFullUntilThereIsRoom() throws {
        try withTemporaryDirectory { directory in
            let place = try TestnetDirectory(directory, name: "local", Session.ofNobody(registry: "/none").surroundings)
            let testnet = Testnet(directory: place, manifest: testnet.manifest)
            let home = testnet.home(of: nodes[0])
            try Directory.make(home.path)
            try TextFile.replace(joinPath(home.path, "some"), [UInt8](repeating: 1, count: 100_000))
            #expect(!testnet.isDiskFull(nodes[0]))
            try testnet.fillDisk(of: nodes[0])
            let most = try #require(UInt64(try TextFile.read(home.diskLimitFile).dropLast()))
            #expect(testnet.isDiskFull(nodes[0]) && (100_000..<200_000).contains(most))
            try testnet.makeRoom(for: nodes[0])
            #expect(!testnet.isDiskFull(nodes[0]))
            #expect(throws: Failure.self) { try testnet.makeRoom(for: nodes[0]) }
        }
    }

    /// Where a gateway stands changes, and what its owner says of that does not.
    @Test func gatewaysLieInTheirOwnWays() throws {
        let place = try #require(
            Town(file: "t", text: "[[place]]\nlatitude = 488566000\nlongitude = 23522000\n").places.first)
        let carried = GatewayLie.elsewhere.told(by: place)
        #expect(carried.position.latitude == 485566000 && carried.claim == place.position)
        #expect(GatewayLie.elsewhere.told(by: carried).claim == place.position)
        let others = GatewayLie.allCases.filter { $0 != .elsewhere }.map { $0.told(by: place) }
        #expect(others.allSatisfy { $0.position == place.position && $0.claim == nil && $0.behaviour != .honest })
        #expect(Set(others.map { "\($0.behaviour)" }).count == others.count)
    }

    @Test func faultsAreSaidInTheSameWords() {
        var faults = NodeFaults()
        #expect(faults.words(nodes) == "")
        faults.cut = [nodes[2].listen.address, nodes[3].listen.address]
        faults.delay = .milliseconds(200)
        faults.lossPPM = 102_500
        faults.skew = -1_500
        faults.equivocates = true
        #expect(faults.words(nodes) == "cut off from n2 n3 · delay 200ms · loss 10.25% · clock -1500ms · votes twice")
        #expect(NodeFaults.percent(1) == "0.0001%")
        #expect(NodeFaults.percent(1_000_000) == "100%")
    }
}
