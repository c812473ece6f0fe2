import CairnBase
import CairnRuntime
import CairnStorage
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

/// A client that is killed between two segments, and the same command again.
@Suite struct StorageResumeTests {
    /// Three segments, in which no two portions are alike.
    private static let size = (129 << 20) + 5

    @Test func whatWasStoppedGoesOn() throws {
        try withTestnetAddresses { directory in
            let net = try StorageNet(directory, capacity: "256MiB")
            defer { _ = net.testnet("purge") }
            // The program opens the key here: the tests' own cost less than it takes.
            unlink(Home(path: net.home).keyFile("storage"))
            try net.waitFor(try net.start("keys new storage --dev --home \(net.home)", "key"))
            let file = directory + "/file"
            try makeFile(file)

            let put = "storage put \(file) --shards 2/4 --home \(net.home)"
            let objects = net.home + "/objects"
            let isBegun = try kill(net, put, "put") {
                Directory.names(objects).contains { name in
                    guard name.hasSuffix(".draft"), let draft = try? self.draft(joinPath(objects, name)) else {
                        return false
                    }
                    return draft.object.segments.count == 1
                }
            }
            try #require(isBegun)
            let name = try #require(Directory.names(objects).first { $0.hasSuffix(".draft") })
            let before = try #require(try self.draft(joinPath(objects, name)))
            #expect(before.object.segments.count < 3)
            #expect(!Directory.names(objects).contains { $0.hasSuffix(".json") }, "no part is called an object")
            try net.waitFor(try net.start(put, "put-again"))
            let words = try TextFile.read("\(directory)/put-again.log")
            #expect(words.contains("segments are durable from an earlier put"), "\(words)")
            let stored = try #require(Directory.names(objects).filter { $0.hasSuffix(".json") }.first)
            #expect(Directory.names(objects) == [stored], "neither draft nor lock is left")
            let object = try #require(
                StoredObject(try JSONReader.read(Array(TextFile.read(joinPath(objects, stored), limit: 4 << 20).utf8))))
            #expect(object.id == before.object.id && object.segments.count == 3)
            #expect(Array(object.segments.prefix(1)) == Array(before.object.segments.prefix(1)))
            #expect(try net.pieces().count == 12, "nothing was put twice")

            let target = directory + "/back"
            let get = "storage get \(object.text) \(target) --home \(net.home)"
            let part = "\(target).\(object.text.prefix(16)).part"
            let whole = SegmentCut(64 << 20)
            let isHalf = try kill(net, get, "get") { size(of: part) >= whole.draftBytes }
            try #require(isHalf)
            #expect(!fileExists(target))
            // Nobody has the first segment any more: what was fetched is not fetched again.
            let gone = Set(object.segments[0].pieces.map(\.name.root.description))
            for piece in try net.pieces() where gone.contains(where: { piece.hasSuffix($0) }) { unlink(piece) }
            try net.waitFor(try net.start(get, "get-again"))
            let notes = try TextFile.read("\(directory)/get-again.log")
            #expect(notes.contains("of 3 segments are there from an earlier get"), "\(notes)")
            #expect(try SmallFile.read(target, limit: 256 << 20) == SmallFile.read(file, limit: 256 << 20))
            #expect(!fileExists(part))
        }
    }

    /// How much a draft has when the first segment is whole: whole chunks, opened, and the sealed rest.
    private struct SegmentCut {
        let draftBytes: Int

        init(_ segment: Int) {
            let sealed = SealedSegments.chunk + 17
            draftBytes = segment / sealed * SealedSegments.chunk + segment % sealed
        }
    }

    private func draft(_ path: String) throws -> PutDraft? {
        PutDraft(try JSONReader.read(Array(TextFile.read(path, limit: 4 << 20).utf8)))
    }

    private func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private func makeFile(_ path: String) throws {
        var block = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 29 ^ $0 >> 11) }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer { close(file) }
        for number in 0...(Self.size >> 20) {
            for index in 0..<8 { block[index << 16] = UInt8(truncatingIfNeeded: number + index) }
            let count = min(block.count, Self.size - number << 20)
            try #require(write(file, block, count) == count)
        }
    }

    /// Starts a command, kills it as soon as it has come so far, and says whether it was still at work.
    private func kill(_ net: StorageNet, _ line: String, _ name: String, when isThere: () -> Bool) throws -> Bool {
        let deadline = Clock.monotonic() + .seconds(300)
        var process = try net.start(line, name)
        while !isThere(), Clock.monotonic() < deadline {
            pause(.milliseconds(1))
            guard !process.isAlive else { continue }
            // Until the node knows what its peers speak.
            guard try TextFile.read("\(net.directory)/\(name).log").contains("E903") else { break }
            process.reap()
            unlink("\(net.directory)/\(name).log")
            process = try net.start(line, name)
        }
        let wasAlive = process.isAlive
        process.signal(.kill)
        #expect(process.waitForEnd(until: Clock.monotonic() + .seconds(30)))
        process.reap()
        let words = try TextFile.read("\(net.directory)/\(name).log")
        #expect(wasAlive, "\(words)")
        return wasAlive && isThere()
    }
}

extension StorageNet {
    /// A process of the program itself.
    func start(_ line: String, _ name: String) throws -> ProcessIdentity {
        try ChildProcess(
            program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"),
            arguments: line.split(separator: " ").map(String.init), environment: ["PATH": "/usr/bin:/bin"],
            output: "\(directory)/\(name).out", log: "\(directory)/\(name).log"
        ).start()
    }

    func waitFor(_ process: ProcessIdentity) throws {
        #expect(process.waitForEnd(until: Clock.monotonic() + .seconds(300)))
        process.reap()
    }

    /// The files of all pieces on all nodes.
    func pieces() throws -> [String] {
        (1...4).flatMap { node in
            let root = "\(directory)/net/n\(node)/store/pieces"
            return Directory.names(root).flatMap { folder in
                Directory.names("\(root)/\(folder)").map { "\(root)/\(folder)/\($0)" }
            }
        }
    }
}
