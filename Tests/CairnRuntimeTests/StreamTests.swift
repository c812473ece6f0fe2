import CairnBase
import Glibc
import Testing

@testable import CairnRuntime

/// Records what happens to a connection and reacts through closures.
private final class Recorder: StreamHandler {
    var onOpen: (StreamConnection) -> Void = { _ in }
    var onInput: (StreamConnection) -> Void = { _ in }
    var onDrain: (StreamConnection) -> Void = { _ in }
    var onClose: (StreamConnection.Ending) -> Void = { _ in }
    private(set) var received: [UInt8] = []

    func streamOpened(_ stream: StreamConnection) { onOpen(stream) }
    func streamDrained(_ stream: StreamConnection) { onDrain(stream) }
    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) { onClose(reason) }

    func streamReceived(_ stream: StreamConnection) {
        received += stream.withInput { $0.take(.max) }
        onInput(stream)
    }
}

@Suite struct StreamTests {
    /// A listener on any loopback port that gives every connection the handler.
    private func listen(
        _ loop: EventLoop, admission: StreamListener.Admission = .init(), limits: StreamConnection.Limits = .init(),
        _ accept: @escaping (StreamConnection) -> Void
    ) throws -> (StreamListener, Endpoint) {
        let listener = try StreamListener(
            on: loop, at: .network(.freeLoopback), admission: admission, limits: limits, accept: accept)
        guard case .network(let endpoint) = listener.place else { throw SystemError("listen", code: 0) }
        return (listener, endpoint)
    }

    @Test func `carries many bytes both ways, half-closes and ends`() throws {
        let run = try LoopRun()
        let payload = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let (server, client) = (Recorder(), Recorder())
        var endings: [StreamConnection.Ending] = []
        let note: (StreamConnection.Ending) -> Void = {
            endings.append($0)
            if endings.count == 2 { run.finish() }
        }
        (server.onClose, client.onClose) = (note, note)
        server.onInput = { stream in
            if stream.inputEnded {
                #expect(stream.send(server.received.reversed()))
                stream.finish()
            }
        }
        let (listener, endpoint) = try listen(run.loop) { $0.handler = server }
        let stream = try StreamConnection.connect(on: run.loop, to: endpoint)
        stream.handler = client
        client.onOpen = { stream in
            #expect(stream.send(payload))
            stream.finish()
            #expect(!stream.send([1]))
        }
        try run.run()
        #expect(server.received == payload)
        #expect(client.received == payload.reversed())
        #expect(endings == [.finished, .finished])
        #expect(listener.openCount == 0)
    }

    @Test func `a unix socket belongs to its owner and knows its peer`() throws {
        let run = try LoopRun()
        let folder = try TemporaryFolder()
        // Longer than a socket address can hold.
        let path = folder.path + "/" + String(repeating: "d", count: 120)
        mkdir(path, 0o700)
        let socket = path + "/api.sock"
        let server = Recorder()
        server.onInput = { stream in
            #expect(stream.peer == .local(user: getuid()))
            run.finish()
        }
        let listener = try StreamListener(on: run.loop, at: .local(path: socket)) { $0.handler = server }
        var status = stat()
        #expect(lstat(socket, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o600)
        // A second listener takes the place over: whoever makes it holds the lock of the home.
        let again = try StreamListener(on: run.loop, at: .local(path: socket)) { $0.handler = server }
        let client = try RawClient(.local(path: socket))
        client.send([1, 2, 3])
        try run.run()
        #expect(server.received == [1, 2, 3])
        again.close()
        #expect(lstat(socket, &status) != 0)
        _ = listener
    }

    @Test func `a file that is no socket is left alone`() throws {
        let run = try LoopRun()
        let folder = try TemporaryFolder()
        let path = folder.path + "/precious"
        close(creat(path, 0o600))
        let error = #expect(throws: SystemError.self) {
            _ = try StreamListener(on: run.loop, at: .local(path: path)) { $0.close() }
        }
        #expect(error?.isAddressInUse == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test func `reading stops while the input is full and goes on when there is room`() throws {
        let run = try LoopRun()
        var limits = StreamConnection.Limits()
        limits.input = 1_000
        let handler = Hoarder()
        let (listener, endpoint) = try listen(run.loop, limits: limits) {
            handler.stream = $0
            $0.handler = handler
        }
        let client = Recorder()
        let stream = try StreamConnection.connect(on: run.loop, to: endpoint)
        stream.handler = client
        client.onOpen = {
            $0.send([UInt8](repeating: 5, count: 10_000))
            $0.finish()
        }
        var turns: UInt64 = 0
        run.loop.after(.milliseconds(50)) {
            #expect(handler.stream?.input.count == 1_000)
            turns = run.loop.turns
            run.loop.after(.milliseconds(50)) {
                #expect(run.loop.turns - turns < 10, "a full input does not spin the loop")
                handler.isTaking = true
                handler.take()
            }
        }
        handler.onEnd = { run.finish() }
        try run.run()
        #expect(handler.taken == 10_000)
        _ = listener
    }

    /// Takes nothing until told to.
    private final class Hoarder: StreamHandler {
        var stream: StreamConnection?
        var isTaking = false
        var taken = 0
        var onEnd: () -> Void = {}

        func take() {
            guard isTaking, let stream else { return }
            taken += stream.withInput { $0.take(.max).count }
            if stream.inputEnded { onEnd() }
        }

        func streamReceived(_ stream: StreamConnection) { take() }
        func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {}
    }

    @Test func `output is bounded and tells when it drained`() throws {
        let run = try LoopRun()
        var limits = StreamConnection.Limits()
        (limits.output, limits.outputHighWater, limits.outputLowWater) = (8 << 20, 4 << 20, 1 << 20)
        let server = Recorder()
        let (listener, endpoint) = try listen(run.loop) { $0.handler = server }
        let client = Recorder()
        let stream = try StreamConnection.connect(on: run.loop, to: endpoint, limits: limits)
        stream.handler = client
        client.onOpen = { stream in
            #expect(stream.send([UInt8](repeating: 1, count: 8 << 20)))
            #expect(!stream.send([1]))
            #expect(stream.isCongested)
        }
        client.onDrain = { stream in
            #expect(!stream.isCongested)
            #expect(stream.outputCount <= 1 << 20)
            run.finish()
        }
        try run.run()
        _ = listener
    }

    @Test func `an idle connection and a stalled one are ended`() throws {
        let run = try LoopRun()
        var quiet = StreamConnection.Limits()
        quiet.idle = .milliseconds(30)
        var stuck = StreamConnection.Limits()
        (stuck.input, stuck.idle, stuck.stalledWrite, stuck.output) = (1, .seconds(9), .milliseconds(40), 64 << 20)
        let (listener, endpoint) = try listen(run.loop, limits: stuck) { $0.handler = Hoarder() }
        var endings: [StreamConnection.Ending] = []
        func open(_ limits: StreamConnection.Limits, sending count: Int) throws {
            let client = Recorder()
            client.onOpen = { $0.send([UInt8](repeating: 1, count: count)) }
            client.onClose = {
                endings.append($0)
                if endings.count == 2 { run.finish() }
            }
            try StreamConnection.connect(on: run.loop, to: endpoint, limits: limits).handler = client
        }
        try open(quiet, sending: 1)
        try open(stuck, sending: 32 << 20)
        try run.run()
        #expect(endings.contains(.idle))
        #expect(endings.contains(.stalled))
        _ = listener
    }

    @Test func `a refused connection says so`() throws {
        let run = try LoopRun()
        let free = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        let client = Recorder()
        client.onClose = { reason in
            if case .failed(let error) = reason { #expect(error.isRefused) } else { Issue.record("\(reason)") }
            run.finish()
        }
        try StreamConnection.connect(on: run.loop, to: free.local).handler = client
        try run.run()
    }

    @Test func `connections past a limit are closed at once`() throws {
        let run = try LoopRun()
        var admission = StreamListener.Admission()
        (admission.total, admission.perAddress) = (3, 2)
        let (listener, endpoint) = try listen(run.loop, admission: admission) { stream in
            let server = Recorder()
            server.onInput = { if $0.inputEnded { $0.finish() } }
            stream.handler = server
        }
        var closed = 0
        var streams: [StreamConnection] = []
        for _ in 0..<4 {
            let client = Recorder()
            client.onInput = { if $0.inputEnded { closed += 1 } }
            let stream = try StreamConnection.connect(on: run.loop, to: endpoint)
            stream.handler = client
            streams.append(stream)
        }
        run.loop.after(.milliseconds(60)) {
            #expect(listener.openCount == 2)
            #expect(listener.counters.refused == 2)
            #expect(closed == 2)
            streams.forEach { $0.close() }
            run.loop.after(.milliseconds(60)) {
                #expect(listener.openCount == 0)
                run.finish()
            }
        }
        try run.run()
    }

    @Test func `out of descriptors, a listener pauses instead of spinning`() async {
        await #expect(processExitsWith: .success) {
            let run = try LoopRun()
            let listener = try StreamListener(on: run.loop, at: .network(.freeLoopback)) { $0.handler = Recorder() }
            guard case .network(let endpoint) = listener.place else { exit(3) }
            let stream = try StreamConnection.connect(on: run.loop, to: endpoint)
            stream.handler = Recorder()
            // From here on no descriptor can be opened, so the connection that waits cannot be accepted.
            var limit = rlimit(rlim_cur: 0, rlim_max: 4_096)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            run.loop.after(.milliseconds(250)) {
                guard run.loop.turns < 20, listener.counters.exhausted >= 2, listener.openCount == 0 else { exit(4) }
                limit.rlim_cur = 4_096
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                run.loop.after(.milliseconds(250)) {
                    exit(listener.openCount == 1 ? 0 : 5)
                }
            }
            try run.run()
        }
    }

    @Test func `a peer that goes away is noticed`() throws {
        let run = try LoopRun()
        let folder = try TemporaryFolder()
        let server = Recorder()
        server.onInput = { if !$0.inputEnded { $0.send([UInt8](repeating: 0, count: 1 << 20)) } }
        server.onClose = { _ in run.finish() }
        let listener = try StreamListener(on: run.loop, at: .local(path: folder.path + "/s")) { $0.handler = server }
        do {
            let client = try RawClient(.local(path: folder.path + "/s"))
            client.send([1])
        }
        try run.run()
        #expect(listener.openCount == 0)
    }

    @Test func `bytes leave a queue as they came`() {
        var random = SeededRandom(seed: 7)
        var queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<3_000 {
            if random.chance(ppm: 500_000) {
                let bytes = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                queue.append(bytes)
                model += bytes
            } else {
                let count = Int(random.below(600))
                #expect(queue.take(count) == Array(model.prefix(count)))
                model.removeFirst(min(count, model.count))
            }
            #expect(queue.count == model.count)
            #expect(queue.bytes.array == model)
        }
    }
}
