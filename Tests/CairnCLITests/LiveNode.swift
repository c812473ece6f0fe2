import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import Glibc
import Testing

@testable import CairnCLI
@testable import CairnRuntime

/// A node that runs on a thread of this process, on a chain of its home, and answers what `cairn run` lets it answer.
final class LiveNode {
    let home: String
    let api: Endpoint
    let socket: String
    private let thread: pthread_t

    private final class Start {
        let configuration: NodeConfiguration
        let ready: Int32

        init(_ configuration: NodeConfiguration, _ ready: Int32) {
            self.configuration = configuration
            self.ready = ready
        }

        func run() {
            var options = LogOutput.Options()
            options.filter = LogFilter(.trace)
            // Everything is logged, and nobody reads it but the node's own memory.
            let output = LogOutput(options, clock: { (Clock.wall(), Clock.monotonic()) }, destination: { _ in true })
            do {
                let identity = NodeIdentity(seed: Seed(known: Bytes32([UInt8](repeating: 9, count: 32)) ?? .zero))
                try NodeShell.run(configuration, identity: identity, log: output) { start in
                    let line = Array((start.entry.api ?? "").utf8)
                    _ = line.withUnsafeBytes { write(ready, $0.baseAddress, $0.count) }
                    close(ready)
                }
            } catch {
                Issue.record(error)
                close(ready)
            }
        }
    }

    init(home: String, genesis: Genesis, token: AccessToken? = nil) throws {
        self.home = home
        let session = Session.ofNobody(registry: home + "/nodes")
        var configuration = NodeConfiguration(
            home: home, network: "asked", listen: Endpoint(.loopback, port: 0), api: Endpoint(.loopback, port: 0),
            registry: NodeRegistry(directory: home + "/nodes"), version: "0.0.0-test")
        configuration.join(ChainConfiguration(genesis: genesis, directory: home, keys: nil, agent: "test"))
        configuration.questions = ChainQuestion.all(of: Home(path: home), session)
        configuration.token = token
        socket = configuration.socket
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let context = Unmanaged.passRetained(Start(configuration, ends[1])).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        try #require(result == 0)
        self.thread = thread
        var line = [UInt8](repeating: 0, count: 128)
        let count = max(0, read(ends[0], &line, line.count))
        close(ends[0])
        api = try #require(Endpoint(String(decoding: line[..<count], as: UTF8.self)))
    }

    func stop() throws {
        #expect(try HTTPClient(.local(path: socket)).post("/v1/stop").status == 202)
        pthread_join(thread, nil)
    }
}

extension Session {
    /// Of a program that nobody called, in an empty environment.
    static func ofNobody(registry: String) -> Session {
        Session(
            invocation: Invocation(command: .status), table: .cairn,
            surroundings: Surroundings(
                environment: [:], workingDirectory: "/", userID: getuid(), registry: NodeRegistry(directory: registry),
                program: "/nonexistent", keyboard: NobodyThere()), out: MemorySink(), notes: MemorySink())
    }
}
