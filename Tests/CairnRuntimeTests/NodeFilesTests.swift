import CairnBase
import CairnWire
import Glibc
import Testing

@testable import CairnRuntime

@Suite struct NodeFilesTests {
    private func entry(_ process: ProcessIdentity) -> NodeEntry {
        NodeEntry(
            process: process, home: "/home/ana/.local/share/cairn", network: "local", name: "brave-copper-heron",
            node: "12D3KooW", socket: "/home/ana/.local/share/cairn/run/api.sock", api: nil, listen: "127.0.0.1:7470",
            version: "0.1.0", started: "2026-11-20T17:52:03.114Z")
    }

    /// Whoever is killed leaves its entry; however many there are, they hide nobody who lives.
    @Test func `the dead hide nobody`() throws {
        let folder = try TemporaryFolder()
        let registry = NodeRegistry(directory: folder.path + "/cairn")
        let own = entry(try #require(ProcessIdentity.current))
        for number in 0..<600 as Range<Int32> {
            try registry.write(entry(ProcessIdentity(pid: .max - number, startTicks: 1)))
        }
        try registry.write(own)
        for number in 600..<1_200 as Range<Int32> {
            try registry.write(entry(ProcessIdentity(pid: .max - number, startTicks: 1)))
        }
        #expect(try registry.list() == [own])
        // Those that were met are gone.
        try registry.write(entry(ProcessIdentity(pid: .max, startTicks: 1)))
        #expect(try registry.list() == [own])
    }

    @Test func `entries are written, listed and removed`() throws {
        let folder = try TemporaryFolder()
        let registry = NodeRegistry(directory: folder.path + "/cairn")
        #expect(try registry.list() == [])
        let own = entry(try #require(ProcessIdentity.current))
        try registry.write(own)
        #expect(try registry.list() == [own])
        var status = stat()
        #expect(stat(registry.directory, &status) == 0 && status.st_mode & 0o777 == 0o700)
        registry.remove(own.process)
        #expect(try registry.list() == [])
    }

    @Test func `entries of ended processes, of namesakes and broken files are no nodes`() throws {
        let folder = try TemporaryFolder()
        let registry = NodeRegistry(directory: folder.path)
        let own = try #require(ProcessIdentity.current)
        let namesake = ProcessIdentity(pid: own.pid, startTicks: own.startTicks + 1)
        try registry.write(entry(namesake))
        try registry.write(entry(ProcessIdentity(pid: .max, startTicks: 1)))
        for (name, text) in [("1.json", "{"), ("2.json", "{}"), ("x.json", ""), ("-3.json", ""), ("4.txt", "")] {
            try SmallFile.replace(folder.path + "/" + name, with: Array(text.utf8))
        }
        try SmallFile.replace(folder.path + "/5.json", with: [UInt8](repeating: 32, count: 5_000))
        #expect(try registry.list() == [])
        #expect(access(folder.path + "/\(own.pid).json", F_OK) != 0)
    }

    @Test func `a directory others can write to is not used`() throws {
        let folder = try TemporaryFolder()
        let registry = NodeRegistry(directory: folder.path + "/open")
        mkdir(registry.directory, 0o700)
        chmod(registry.directory, 0o777)
        let refusal = NodeRegistry.Refusal.untrusted(path: registry.directory)
        #expect(throws: refusal) { try registry.list() }
        #expect(throws: refusal) { try registry.write(entry(try #require(ProcessIdentity.current))) }
        symlink(folder.path, folder.path + "/link")
        #expect(throws: NodeRegistry.Refusal.untrusted(path: folder.path + "/link")) {
            try NodeRegistry(directory: folder.path + "/link").list()
        }
    }

    @Test func `the place of the registry`() {
        #expect(NodeRegistry(environment: ["XDG_RUNTIME_DIR": "/run/user/7"], user: 0).directory == "/run/cairn")
        #expect(NodeRegistry(environment: ["XDG_RUNTIME_DIR": "/run/user/7"], user: 7).directory == "/run/user/7/cairn")
        #expect(NodeRegistry(environment: ["XDG_RUNTIME_DIR": "run"], user: 7).directory == "/tmp/cairn-7")
        #expect(NodeRegistry(environment: [:], user: 7).directory == "/tmp/cairn-7")
    }

    @Test func `a home has one holder, and says who`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/run"
        do {
            let lock = try HomeLock(runDirectory: path)
            #expect(throws: HomeLock.Refusal.held(by: getpid())) { _ = try HomeLock(runDirectory: path) }
            _ = lock
        }
        _ = try HomeLock(runDirectory: path)
    }

    @Test func `files are replaced whole and read within a limit`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try SmallFile.replace(path, with: Array("old".utf8))
        try SmallFile.replace(path, with: Array("newer".utf8))
        #expect(try SmallFile.read(path, limit: 5) == Array("newer".utf8))
        #expect(throws: SystemError.self) { try SmallFile.read(path, limit: 4) }
        #expect(throws: SystemError.self) { try SmallFile.replace(folder.path + "/none/file", with: []) }
        let error = #expect(throws: SystemError.self) { try SmallFile.read(path + "x", limit: 4) }
        #expect(error?.isNotFound == true)
    }
}
