import CairnBase
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

/// Objects on the disks of other processes, and back.
@Suite struct StorageCommandTests {
    @Test func anyHoldersThatAreEnoughGiveAFileBack() throws {
        try withTestnetAddresses { directory in
            let net = try StorageNet(directory)
            defer { _ = net.testnet("purge") }
            let sizes = [0, 1, (1 << 20) - 1, (1 << 20) + 1, (3 << 20) + 7]
            for size in sizes { try net.makeFile(size) }
            for size in sizes {
                let put = net.put(size)
                #expect(put.exit == .ok, "\(size): \(put.out)\(put.notes)")
                #expect(try net.get(size, as: "at-once-\(size)") == nil)
            }
            #expect(net.storage("ls").out.split(separator: "\n").count == sizes.count + 1)

            let shared = net.storage("share file-\(sizes[4])").out
            try TextFile.create(directory + "/shared.read", shared)
            let elsewhere = net.storage("get \(directory)/shared.read \(directory)/shared")
            #expect(elsewhere.exit == .ok, "\(elsewhere.out)\(elsewhere.notes)")
            let original = try SmallFile.read("\(directory)/file-\(sizes[4])", limit: 8 << 20)
            #expect(try SmallFile.read(directory + "/shared", limit: 8 << 20) == original)
            #expect(net.storage("get cairnread1AAAA \(directory)/x").error == "E902")

            // Half of the holders are gone at once, without a word.
            #expect(net.testnet("fault kill n3,n4").exit == .ok)
            for size in sizes { #expect(try net.get(size, as: "killed-\(size)") == nil) }
            let status = net.storage("status file-1 --json")
            #expect(status.exit == .ok)
            #expect(try JSONReader.read(Array(status.out.utf8))["live"]?.integer(Int.self) == 2)

            // One of the others hands out something else, or has found out by itself: its pieces do not count, and one is
            // too few.
            let changed = try net.changePieces(of: "n1")
            // The two smallest files leave one shard of zeros each, which are one piece where one holder has both.
            #expect((sizes.count - 1...sizes.count).contains(changed))
            let lost = net.storage("get file-1 \(directory)/lost")
            let words = ["what it handed out is not the piece", "it found the piece damaged"]
            #expect(lost.error == "E904" && words.contains { lost.notes.contains($0) }, "\(lost.notes)")
            #expect(!fileExists(directory + "/lost") && !fileExists(directory + "/lost.part"))

            // Those that are back have what they said they have.
            #expect(net.testnet("heal").exit == .ok)
            for size in sizes.suffix(2) { #expect(try net.get(size, as: "back-\(size)") == nil) }

            #expect(net.storage("get file-1 \(directory)/file-1").error == "E702", "nothing is overwritten")
            #expect(net.storage("get nothing \(directory)/x").error == "E901")
            #expect(net.storage("put \(directory)/file-1 --shards 4/8").error == "E903")
            #expect(net.storage("put \(directory)/file-1 --shards 4/4").error == "E004")
            #expect(net.storage("put \(directory)").error == "E201")
            let removed = net.storage("rm file-1 --json")
            #expect(try JSONReader.read(Array(removed.out.utf8))["kept"]?.integer(Int.self) == 0)
            #expect(net.storage("status file-1").error == "E901")
        }
    }

    /// The limit of the list holds for the longest list that is written below it.
    @Test(arguments: [(4, 8), (1, 2), (29, 80), (254, 255)])
    func aListThatIsWrittenCanBeRead(needed: Int, total: Int) throws {
        let code = try #require(ErasureCode(needed: needed, total: total))
        #expect(StoredObject.fits(0, code) && StoredObject.fits(1 << 30, code))
        #expect(!StoredObject.fits(.max, code) && !StoredObject.fits(1 << 40, code))
        let nodes = (0..<total).map { NodeID(Bytes32([UInt8](repeating: UInt8($0), count: 32)) ?? .zero) }
        var object = StoredObject(
            id: .zero, name: "n", byteCount: .max, code: code, header: [UInt8](repeating: 0, count: 24))
        object.holders = nodes.map { PeerAddress($0, at: Endpoint(.loopback, port: 65_535)) }
        let name = try #require(PieceName(root: Digest(.zero), units: 1))
        let pieces = nodes.map { PlacedPiece(name, with: $0) }
        let empty = object.json.text.utf8.count
        object.segments = [.init(length: 1, pieces: pieces)]
        let one = object.json.text.utf8.count
        #expect(one - empty <= total * 96 + 64 && empty <= total * 160 + 4_096)
    }

    @Test func whatIsSharedReadsBackOrIsRefused() throws {
        let code = try #require(ErasureCode(needed: 1, total: 2))
        let nodes = (1...2).map { NodeID(Bytes32([UInt8](repeating: $0, count: 32)) ?? .zero) }
        let name = try #require(PieceName(root: Digest(.zero), units: 1))
        var object = StoredObject(
            id: .zero, name: "n", byteCount: 9, code: code, header: [UInt8](repeating: 3, count: 24))
        object.holders = nodes.map { PeerAddress($0, at: Endpoint(.loopback, port: 1)) }
        object.segments = [.init(length: 26, pieces: nodes.map { PlacedPiece(name, with: $0) })]
        let capability = ReadCapability(object: object, key: Bytes32([UInt8](repeating: 9, count: 32)) ?? .zero)
        let text = capability.text
        #expect(try ReadCapability(text: text) == capability)
        for place in stride(from: 0, to: text.utf8.count, by: 7) {
            var bytes = Array(text.utf8)
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = String(decoding: bytes, as: UTF8.self)
            #expect(throws: DecodeError.self) { try ReadCapability(text: changed) }
        }
        for count in [0, 5, ReadCapability.prefix.utf8.count, text.utf8.count - 4] {
            #expect(throws: DecodeError.self) { try ReadCapability(text: String(text.prefix(count))) }
        }
    }

    @Test func progressSaysHowFarHowFastAndHowLong() {
        let line = TransferProgress.line("putting", 64 << 20, of: 256 << 20, after: .seconds(2))
        #expect(
            line == "putting  [######..................]  25.0 %  64.0 MiB of 256.0 MiB  32.0 MiB/s  6s left")
        #expect(TransferProgress.line("getting", 1_536, of: nil, after: .seconds(1)) == "getting  1.5 KiB  1.5 KiB/s")
        #expect(TransferProgress.line("x", 9, of: 3, after: .zero).contains("100.0 %  3 B of 3 B"))
        #expect([0, 1_023, 1_024, .max].map(binarySize) == ["0 B", "1023 B", "1.0 KiB", "15.9 EiB"])
    }

    @Test func whatAnObjectIsMadeOfReadsBack() throws {
        let code = try #require(ErasureCode(needed: 1, total: 2))
        let nodes = (1...2).map { NodeID(Bytes32([UInt8](repeating: $0, count: 32)) ?? .zero) }
        let name = try #require(PieceName(root: Digest(.zero), units: 2))
        var object = StoredObject(
            id: Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero, name: "a\u{1b}[31m\n", byteCount: 1_100_000,
            code: code, header: [UInt8](repeating: 3, count: 24))
        object.holders = nodes.enumerated().map { PeerAddress($1, at: Endpoint(.loopback, port: UInt16($0 + 1))) }
        object.segments = [.init(length: 1_100_000, pieces: nodes.map { PlacedPiece(name, with: $0) })]
        let text = object.json.text
        #expect(StoredObject(try JSONReader.read(Array(text.utf8))) == object)
        object.segments = []
        #expect(StoredObject(object.json) == nil, "an object without segments is none")
        for (right, wrong) in [
            ("\"needed\":1", "\"needed\":2"), ("\"shards\":2", "\"shards\":3"), ("\"holder\":1", "\"holder\":2"),
            ("{\"bytes\":1100000", "{\"bytes\":0"), ("\"header\":\"03", "\"header\":\""),
        ] {
            let damaged = text.replacing(right, with: wrong)
            #expect(damaged != text)
            #expect(StoredObject(try JSONReader.read(Array(damaged.utf8))) == nil, "\(wrong)")
        }
    }
}

/// Five processes: n0, whose home is the client's, and four that keep pieces.
struct StorageNet {
    let directory: String

    init(_ directory: String, capacity: String = "64MiB") throws {
        self.directory = directory
        let up = testnet("up --nodes 5 --seed 11")
        try #require(up.exit == .ok, "\(up.out)\(up.notes)")
        try #require(testnet("down").exit == .ok)
        for node in 1...4 {
            let path = "\(directory)/net/n\(node)/config.toml"
            let text = try TextFile.read(path)
            try TextFile.replace(path, text.replacing("# capacity = \"\"", with: "capacity = \"\(capacity)\""))
        }
        try #require(testnet("up").exit == .ok)
        try #require(run(["keys", "new", "storage", "--dev", "--home", home]).exit == .ok)
    }

    var home: String { directory + "/net/n0" }

    func testnet(_ line: String) -> TestRun {
        let words = line.split(separator: " ").map(String.init)
        return run(["testnet"] + words.prefix(1) + ["--dir", directory + "/net"] + words.dropFirst())
    }

    func storage(_ line: String) -> TestRun {
        run(["storage"] + line.split(separator: " ").map(String.init) + ["--home", home])
    }

    private func run(_ words: [String]) -> TestRun {
        TestRun(
            words, environment: ["PATH": "/usr/bin:/bin"], directory: directory,
            program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"))
    }

    private func content(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 29 ^ $0 >> 11) &+ UInt8(truncatingIfNeeded: size) }
    }

    func makeFile(_ size: Int) throws { try TextFile.create("\(directory)/file-\(size)", content(size)) }

    /// Until the node knows what its peers speak.
    func put(_ size: Int) -> TestRun {
        var put = storage("put \(directory)/file-\(size) --shards 2/4")
        for _ in 0..<400 where put.error == "E903" { put = storage("put \(directory)/file-\(size) --shards 2/4") }
        return put
    }

    /// Nil when the file came back as it was. Nodes that were started just now may not listen yet.
    func get(_ size: Int, as name: String) throws -> String? {
        let line = "get file-\(size) \(directory)/\(name) --timeout 1s"
        var get = storage(line)
        for _ in 0..<20 where get.error == "E904" { get = storage(line) }
        guard get.exit == .ok else { return get.notes }
        let original = try SmallFile.read("\(directory)/file-\(size)", limit: 8 << 20)
        return try SmallFile.read("\(directory)/\(name)", limit: 8 << 20) == original ? nil : "other bytes"
    }

    /// Flips one bit of every piece that a node keeps; how many they are.
    func changePieces(of node: String) throws -> Int {
        let pieces = "\(directory)/net/\(node)/store/pieces"
        var count = 0
        for folder in Directory.names(pieces) {
            for name in Directory.names("\(pieces)/\(folder)") {
                let file = open("\(pieces)/\(folder)/\(name)", O_RDWR)
                defer { close(file) }
                var byte: UInt8 = 0
                try #require(pread(file, &byte, 1, 77) == 1)
                byte ^= 0x20
                try #require(pwrite(file, &byte, 1, 77) == 1)
                count += 1
            }
        }
        return count
    }
}
