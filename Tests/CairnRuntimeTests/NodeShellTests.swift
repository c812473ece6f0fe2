import CairnBase
import CairnCrypto
import CairnGossip
import CairnThreads
import CairnWire
import Glibc
import Testing

@testable import CairnRuntime

@Suite struct NodeShellTests {
    /// A node on a thread of its own, in a home of its own, on loopback ports that the kernel chose.
    private final class RunningNode: Sendable {
        let entry: NodeEntry
        let log: Lines
        private let folder: UncheckedBox<TemporaryFolder>
        private let thread: UncheckedBox<TestThread>

        final class Lines: Sendable {
            let text = Guarded("")
            func add(_ line: [UInt8]) { text.withLock { $0 += String(decoding: line, as: UTF8.self) } }
        }

        init(
            seed: UInt8, network: String = "local", peers: [Endpoint] = [], book: [UInt8] = [], bans: [UInt8] = []
        ) throws {
            let folder = try TemporaryFolder()
            if !bans.isEmpty { try SmallFile.replace(folder.path + "/peers.bans", with: bans) }
            if !book.isEmpty { try SmallFile.replace(folder.path + "/peers.book", with: book) }
            var configuration = NodeConfiguration(
                home: folder.path, network: network, listen: .freeLoopback, peers: peers, api: .freeLoopback,
                registry: NodeRegistry(directory: folder.path + "/registry"), version: "0.0.0-test")
            configuration.name = "n\(seed)"
            let (lines, box) = (Lines(), configuration)
            let slot = Slot()
            let thread = try TestThread {
                let output = LogOutput(
                    LogOutput.Options(), clock: { (Clock.wall(), Clock.monotonic()) },
                    destination: {
                        lines.add($0); return true
                    })
                defer { slot.fill(nil) }
                let identity = NodeIdentity(seed: Seed(known: Bytes32([UInt8](repeating: seed, count: 32)) ?? .zero))
                try NodeShell.run(box, identity: identity, log: output) { slot.fill($0.entry) }
            }
            entry = try #require(slot.wait())
            log = lines
            self.folder = UncheckedBox(folder)
            self.thread = UncheckedBox(thread)
        }

        /// A value that one thread waits for and another gives once.
        private final class Slot: Sendable {
            private let value = Guarded<NodeEntry??>(nil)
            private let bell = UncheckedBox(sem())

            private final class sem {
                var raw = sem_t()
                init() { sem_init(&raw, 0, 0) }
            }

            func fill(_ entry: NodeEntry?) {
                value.withLock { if $0 == nil { $0 = .some(entry) } }
                sem_post(&bell.value.raw)
            }

            func wait() -> NodeEntry? {
                sem_wait(&bell.value.raw)
                return value.withLock { $0 } ?? nil
            }
        }

        var client: HTTPClient { HTTPClient(.local(path: entry.socket)) }
        var home: String { folder.value.path }

        func status() throws -> JSON { try JSONReader.read(try client.get("/v1/status").body) }

        func join() { thread.value.join() }

        func stop() throws {
            #expect(try client.post("/v1/stop").status == 202)
            join()
        }

        /// Asks until the condition holds.
        func waitUntil(_ condition: (JSON) -> Bool) throws {
            let deadline = Clock.monotonic() + .seconds(20)
            while true {
                let status = try status()
                if condition(status) { return }
                try #require(Clock.monotonic() < deadline, "\(status.text)")
                sched_yield()
            }
        }
    }

    private func alive(_ status: JSON) -> Int { status["peers"]?["alive"]?.integer() ?? -1 }

    @Test func `answers, announces itself and stops cleanly`() throws {
        let node = try RunningNode(seed: 1)
        let status = try node.status()
        #expect(status["schema"]?.string == "cairn.status/1")
        #expect(status["node"]?.string == node.entry.node)
        #expect(status["name"]?.string == "n1")
        #expect(status["ready"]?.bool == true)
        #expect(try node.client.get("/health/live").status == 200)
        #expect(try node.client.get("/health/ready").status == 200)
        #expect(try JSONReader.read(try node.client.get("/v1").body).array?.count == 16)
        let api = HTTPClient(.network(try #require(node.entry.api.flatMap { Endpoint($0) })))
        #expect(try api.get("/v1/status").status == 200)
        #expect(try api.post("/v1/stop").status == 403)
        let metrics = String(decoding: try api.get("/metrics").body, as: UTF8.self)
        #expect(metrics.contains("cairn_build_info{version=\"0.0.0-test\"} 1\n"))
        #expect(metrics.contains("cairn_http_requests_total{code=\"403\"} 1\n"))
        #expect(try NodeRegistry(directory: node.home + "/registry").list() == [node.entry])

        let began = Clock.monotonic()
        try node.stop()
        #expect(Clock.monotonic().since(began) < .seconds(5))
        #expect(access(node.entry.socket, F_OK) != 0)
        #expect(try NodeRegistry(directory: node.home + "/registry").list() == [])
        #expect(node.log.text.withLock { $0 }.contains("stopped  after="))
    }

    @Test func `nodes greet one another, also one that was not told of the other`() throws {
        let first = try RunningNode(seed: 2)
        let second = try RunningNode(seed: 3, peers: [try #require(Endpoint(first.entry.listen))])
        let stranger = try RunningNode(seed: 4, network: "other", peers: [try #require(Endpoint(first.entry.listen))])
        #expect(try stranger.client.get("/health/ready").status == 503)
        try second.waitUntil { alive($0) == 1 }
        try first.waitUntil { alive($0) == 1 }
        let seen = try first.status()["peers"]?["list"]?.array?.first
        #expect(seen?["node"]?.string == second.entry.node)
        #expect(seen?["address"]?.string == second.entry.listen)
        #expect(seen?["configured"]?.bool == false)
        #expect(try second.status()["peers"]?["list"]?.array?.first?["rtt_us"]?.integer(UInt64.self) ?? 0 > 0)
        let metrics = String(decoding: try first.client.get("/metrics").body, as: UTF8.self)
        #expect(!metrics.contains("cairn_p2p_dropped_datagrams_total{reason=\"network\"} 0"))
        for node in [first, second, stranger] { try node.stop() }
    }

    @Test func `a banned peer is gone until the ban is taken back, also after a restart`() throws {
        let first = try RunningNode(seed: 17)
        let second = try RunningNode(seed: 18, peers: [try #require(Endpoint(first.entry.listen))])
        try second.waitUntil { alive($0) == 1 }
        try first.waitUntil { alive($0) == 1 }
        let ban: JSON = ["subject": .string(second.entry.node), "seconds": 3_600, "note": "says too much"]
        #expect(try first.client.post("/v1/bans", body: Array(ban.text.utf8)).status == 200)
        #expect(try first.status()["peers"]?["list"]?.array?.isEmpty == true)
        let metrics = String(decoding: try first.client.get("/metrics").body, as: UTF8.self)
        #expect(metrics.contains("cairn_p2p_banned{kind=\"node\"} 1\n"))
        #expect(metrics.contains("cairn_p2p_bans_total{cause=\"owner\"} 1\n"))
        let kept = try SmallFile.read(first.home + "/peers.bans", limit: 1 << 20)
        try first.stop()

        let again = try RunningNode(seed: 17, peers: [try #require(Endpoint(second.entry.listen))], bans: kept)
        let told = try JSONReader.read(try again.client.get("/v1/bans").body)["bans"]?.array?.first
        #expect(told?["note"]?.string == "says too much" && told?["cause"]?.string == "owner")
        // It asks its seed again and again, and believes no answer.
        try again.waitUntil { _ in
            let metrics = (try? again.client.get("/metrics").body).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return metrics.contains("cairn_p2p_dropped_datagrams_total{reason=\"banned\"}")
                && !metrics.contains("reason=\"banned\"} 0")
        }
        #expect(alive(try again.status()) == 0)
        let lift: JSON = ["subject": .string(second.entry.node)]
        #expect(try again.client.post("/v1/bans/lift", body: Array(lift.text.utf8)).status == 200)
        try again.waitUntil { alive($0) == 1 }
        for node in [again, second] { try node.stop() }
    }

    @Test func `bans that mean nothing are refused with what was wrong`() throws {
        let node = try RunningNode(seed: 19, bans: [UInt8](repeating: 7, count: 90))
        #expect(node.log.text.withLock { $0 }.contains("file damaged, begun anew"))
        func status(_ body: String, to path: String = "/v1/bans") throws -> (Int, String) {
            let answer = try node.client.post(path, body: Array(body.utf8))
            let code = (try? JSONReader.read(answer.body))?["code"]?.string
            return (Int(answer.status), code ?? "")
        }
        let own = node.entry.node
        for body in [
            "", "{", "[]", "{}", #"{"subject": 7, "seconds": 60}"#, #"{"subject": "me", "seconds": 60}"#,
            #"{"subject": "192.0.2.1/24", "seconds": 60}"#, #"{"subject": "192.0.2.1:7470", "seconds": 60}"#,
            #"{"subject": "0.0.0.0", "seconds": 60}"#, #"{"subject": "224.0.0.1", "seconds": 60}"#,
            #"{"subject": "192.0.2.1"}"#, #"{"subject": "192.0.2.1", "seconds": 0}"#,
            #"{"subject": "192.0.2.1", "seconds": -1}"#, #"{"subject": "192.0.2.1", "seconds": 31536001}"#,
            #"{"subject": "192.0.2.1", "seconds": "60"}"#, #"{"subject": "192.0.2.1", "seconds": 60, "note": 1}"#,
            #"{"subject": "192.0.2.1", "seconds": 60, "note": "two\nlines"}"#,
            #"{"subject": "192.0.2.1", "seconds": 60, "note": ""# + String(repeating: "n", count: 201) + #""}"#,
            #"{"subject": ""# + own + #"", "seconds": 60}"#,
        ] {
            let answer = try status(body)
            #expect(answer == (400, "bad-ban"), "\(body)")
        }
        #expect(try status(#"{"subject": "192.0.2.1"}"#, to: "/v1/bans/lift") == (404, "not-banned"))
        #expect(try status(#"{"subject": "x"}"#, to: "/v1/bans/lift") == (400, "bad-ban"))
        let network = HTTPClient(.network(try #require(node.entry.api.flatMap { Endpoint($0) })))
        #expect(
            try network.post("/v1/bans", body: Array(#"{"subject": "192.0.2.1", "seconds": 60}"#.utf8)).status == 403)
        #expect(try JSONReader.read(try network.get("/v1/bans").body)["bans"]?.array == [])
        try node.stop()
    }

    @Test func `a node that was told of nobody finds its peers again by its address book`() throws {
        let first = try RunningNode(seed: 7)
        let second = try RunningNode(seed: 8, peers: [try #require(Endpoint(first.entry.listen))])
        try second.waitUntil { alive($0) == 1 }
        let known = try JSONReader.read(try second.client.get("/v1/peers").body)["book"]
        #expect(known?["tried"]?.integer() == 1)
        try second.stop()
        let book = try SmallFile.read(second.home + "/peers.book", limit: 1 << 20)
        let again = try RunningNode(seed: 8, book: book)
        try again.waitUntil { alive($0) == 1 }
        try again.stop()

        // A damaged book is no book, and no reason not to start.
        var damaged = book
        damaged[40] ^= 1
        let forgetful = try RunningNode(seed: 8, book: damaged)
        #expect(forgetful.log.text.withLock { $0 }.contains("file damaged"))
        #expect(try JSONReader.read(try forgetful.client.get("/v1/peers").body)["book"]?["tried"]?.integer() == 0)
        for node in [forgetful, first] { try node.stop() }
    }

    @Test func `forged and broken datagrams are counted and earn nothing`() throws {
        let node = try RunningNode(seed: 5)
        let run = try LoopRun()
        let target = try #require(Endpoint(node.entry.listen))
        var replies = 0
        let socket = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, payload in
            replies += 1
            // Who asks is told who we are, in fewer bytes than it sent.
            #expect(payload.byteCount < 512)
            run.finish()
        }
        let chain = ChainID(Blake2b().digest(DomainTag("cn/network"), Array("local".utf8)).raw)
        func padded(_ head: [UInt8]) -> [UInt8] { head + [UInt8](repeating: 0, count: 512 - head.count) }
        let network = NodeRecord.Content.network(of: chain)
        let name = (0..<4).map { UInt8(truncatingIfNeeded: network >> UInt32(8 * $0)) }
        socket.send(padded([1, 9, 9, 9, 9] + [UInt8](repeating: 0, count: 32) + [200, 0]), to: target)
        socket.send([1, 2, 3], to: target)
        socket.send([5] + name + [UInt8](repeating: 0, count: 100), to: target)
        socket.send(padded([5, 0, 0, 0, 0]), to: target)
        socket.send(padded([5] + name + [1, 2, 3, 4, 5, 6, 7, 8]), to: target)
        try run.run()
        #expect(replies == 1)
        let metrics = String(decoding: try node.client.get("/metrics").body, as: UTF8.self)
        #expect(metrics.contains("{reason=\"malformed\"} 2\n"))
        #expect(metrics.contains("{reason=\"forged\"} 1\n"))
        #expect(metrics.contains("{reason=\"network\"} 1\n"))
        try node.stop()
    }

    @Test func `a second node on one home, a taken port and an open API are refused`() throws {
        let node = try RunningNode(seed: 6)
        func refusal(home: String, listen: Endpoint = .freeLoopback, api: Endpoint? = nil) -> NodeFailure? {
            let configuration = NodeConfiguration(
                home: home, network: "local", listen: listen, api: api,
                registry: NodeRegistry(directory: home + "/registry"), version: "0")
            let identity = NodeIdentity(seed: Seed(known: .zero))
            do throws(NodeFailure) {
                try NodeShell.run(configuration, identity: identity, log: LogOutput()) { _ in
                    Issue.record("a refused node does not become ready")
                }
                return nil
            } catch { return error }
        }
        #expect(refusal(home: node.home) == .homeInUse(pid: getpid()))
        let other = try TemporaryFolder()
        let taken = try #require(Endpoint(node.entry.listen))
        guard case .address(taken, let error)? = refusal(home: other.path, listen: taken) else {
            return #expect(Bool(false), "a taken port is named")
        }
        #expect(error.isAddressInUse)
        let open = Endpoint(.any, port: 0)
        #expect(refusal(home: other.path, api: open) == .apiWithoutToken(open))
        try node.stop()
    }
}
