import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire
import Testing

@testable import CairnRuntime

/// A lookup of names over real sockets, with a name server that a test plays on loopback.
@Suite(.serialized) struct SeedShellTests {
    private static let node = "12D3KooWNwdHoiy1AFVpKWKbcS1n6RA9HLvJYjBDd7SPtNrevaSW"

    /// Answers each question with the same texts, unless it is told to be silent.
    private final class PlayedServer {
        private(set) var socket: UDPSocket?
        private(set) var questions: [(bytes: [UInt8], from: Endpoint)] = []
        var texts: [String] = []
        var isSilent = false
        var onQuestion: () -> Void = {}

        init(_ network: UInt8, on loop: EventLoop) throws {
            socket = try UDPSocket(on: loop, bind: .freeLoopback(network: network)) { [unowned self] source, payload in
                let question = payload.array
                questions.append((question, source))
                onQuestion()
                if !isSilent { self.socket?.send(answer(to: question), to: source) }
            }
        }

        var place: Endpoint { socket?.local ?? .freeLoopback }

        private func answer(to question: [UInt8]) -> [UInt8] {
            var bytes = Array(question.prefix(2)) + [0x81, 0x80, 0, 1, 0, UInt8(texts.count), 0, 0, 0, 0]
            bytes += question[12..<(question.count - 11)]
            for text in texts {
                let count = UInt8(text.utf8.count)
                bytes += [0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, count + 1, count] + Array(text.utf8)
            }
            return bytes
        }
    }

    private func shell(_ run: LoopRun, _ servers: [Endpoint]) throws -> SeedShell {
        var settings = SeedSettings()
        (settings.patience, settings.repetition, settings.takesPrivate) = (.zero, .milliseconds(20), true)
        (settings.pause, settings.longestPause) = (.milliseconds(30), .milliseconds(30))
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        let name = try #require(DNSName("seed.example"))
        return SeedShell(
            [name], on: run.loop, log: LogOutput(options).logger("test"), settings: settings, look: .milliseconds(10)
        ) { servers }
    }

    @Test func `a peer under a name is found, from a new port each time`() throws {
        let run = try LoopRun()
        let server = try PlayedServer(78, on: run.loop)
        server.texts = ["dnsaddr=/ip4/127.78.0.9/tcp/7470/p2p/\(Self.node)"]
        let shell = try shell(run, [server.place])
        var found: [String] = []
        shell.onFound = { node, endpoint, name in
            found.append("\(node.peerID) \(endpoint) \(name)")
            if found.count == 3 { run.finish() }
        }
        shell.start()
        try run.run()
        #expect(Set(found) == ["\(Self.node) 127.78.0.9:7470 _dnsaddr.seed.example"])
        #expect(Set(server.questions.map(\.from)).count == 3)
        #expect(shell.document["found"] == 3)
    }

    @Test func `a silent server is left for the next`() throws {
        let run = try LoopRun()
        let (silent, server) = (try PlayedServer(79, on: run.loop), try PlayedServer(80, on: run.loop))
        silent.isSilent = true
        server.texts = ["dnsaddr=/ip4/127.80.0.9/tcp/7470/p2p/\(Self.node)"]
        let shell = try shell(run, [silent.place, server.place])
        shell.onFound = { _, _, _ in run.finish() }
        shell.start()
        try run.run()
        #expect(silent.questions.count == 1 && server.questions.count == 1)
        #expect(silent.questions[0].bytes == server.questions[0].bytes)
    }

    @Test func `a node with members asks nobody`() throws {
        let run = try LoopRun()
        let server = try PlayedServer(81, on: run.loop)
        let shell = try shell(run, [server.place])
        var looks = 0
        shell.members = {
            looks += 1
            if looks == 5 { run.finish() }
            return 4
        }
        shell.start()
        try run.run()
        #expect(server.questions.isEmpty && shell.core.counters == SeedCounters())
    }

    @Test func `name servers are read as the resolver's file lists them`() {
        let text =
            "# a comment\nsearch example\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \nnameserver nobody\nnameserver 0.0.0.0\n"
        #expect(NameServers.listed(in: text).map(\.description) == ["192.0.2.1:53", "[2001:db8::1]:53"])
    }
}
