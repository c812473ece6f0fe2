import CairnBase
import CairnWire
import Testing

@testable import CairnRuntime

/// Faults of a node's network: what they say, what they do to datagrams, and what they do to streams.
@Suite struct FaultTests {
    private let near = IPAddress(v4: 127 << 24 | 1 << 16 | 1)
    private let far = IPAddress(v4: 127 << 24 | 2 << 16 | 1)

    @Test func faultsReadAsTheyAreWritten() throws {
        var faults = NodeFaults()
        #expect(NodeFaults(faults.json) == faults)
        #expect(faults.isEmpty)
        faults.cut = [near, far]
        faults.delay = .milliseconds(200)
        faults.lossPPM = 100_000
        faults.skew = -3_000
        faults.equivocates = true
        #expect(NodeFaults(try JSONReader.read(Array(faults.json.text.utf8))) == faults)
        for bad: JSON in [
            [:], ["cut": [], "delay_ms": 0, "loss_ppm": 0, "equivocates": false],
            ["cut": [], "delay_ms": 0, "loss_ppm": 0, "skew_ms": 0],
            ["cut": [], "delay_ms": 0, "loss_ppm": 0, "skew_ms": 0, "equivocates": 1],
            ["cut": ["x"], "delay_ms": 0, "loss_ppm": 0, "skew_ms": 0, "equivocates": false],
            ["cut": [], "delay_ms": 60_001, "loss_ppm": 0, "skew_ms": 0, "equivocates": false],
            ["cut": [], "delay_ms": 0, "loss_ppm": 1_000_001, "skew_ms": 0, "equivocates": false],
            ["cut": [], "delay_ms": 0, "loss_ppm": 0, "skew_ms": -86_400_001, "equivocates": false],
            ["cut": [], "delay_ms": -1, "loss_ppm": 0, "skew_ms": 0, "equivocates": false],
            [
                "cut": .array(Array(repeating: "127.0.0.1", count: 129)), "delay_ms": 0, "loss_ppm": 0, "skew_ms": 0,
                "equivocates": false,
            ],
        ] {
            #expect(NodeFaults(bad) == nil, "\(bad.text)")
        }
    }

    @Test func datagramsMeetTheirFate() {
        let gate = FaultGate(seed: 1)
        #expect(gate.fate(to: far) == .passes)
        gate.faults.cut = [far]
        #expect(gate.fate(to: far) == .isGone && !gate.admits(from: far))
        #expect(gate.fate(to: near) == .passes && gate.admits(from: near))
        #expect(gate.counters == .init(cut: 2, lost: 0, delayed: 0))
        gate.faults = NodeFaults()
        gate.faults.delay = .milliseconds(30)
        #expect(gate.fate(to: far) == .waits(.milliseconds(30)))
        gate.faults.lossPPM = 250_000
        let lost = (0..<10_000).count { _ in gate.fate(to: far) == .isGone }
        #expect((2_300...2_700).contains(lost))
        #expect(gate.counters.lost == UInt64(lost))
        gate.faults.lossPPM = 1_000_000
        #expect(gate.fate(to: far) == .isGone)
        #expect(gate.holdTime() == .milliseconds(230), "a stream says it again")
    }

    @Test func theCalendarIsOffByTheSkew() {
        let gate = FaultGate(seed: 1)
        gate.faults.skew = 3_600_000
        #expect(gate.wall.millisecondsSince1970 >= Clock.wall().millisecondsSince1970 + 3_599_000)
        gate.faults.skew = -3_600_000
        #expect(gate.wall.millisecondsSince1970 <= Clock.wall().millisecondsSince1970 - 3_599_000)
    }

    private final class Sink: StreamHandler {
        var onOpen: (StreamConnection) -> Void = { _ in }
        var onInput: () -> Void = {}
        var onEnd: () -> Void = {}
        private(set) var received: [UInt8] = []

        func streamOpened(_ stream: StreamConnection) { onOpen(stream) }
        func streamReceived(_ stream: StreamConnection) {
            received += stream.withInput { $0.take(.max) }
            onInput()
            if stream.inputEnded { stream.finish() }
        }
        func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) { onEnd() }
    }

    /// A client that sends two portions through a valve and finishes, to a server that takes what comes.
    private func send(through valve: StreamValve, in run: LoopRun, _ server: Sink) throws -> [UInt8] {
        let listener = try StreamListener(on: run.loop, at: .network(.freeLoopback)) { $0.handler = server }
        guard case .network(let endpoint) = listener.place else { return [] }
        let stream = try StreamConnection.connect(on: run.loop, to: endpoint)
        stream.valve = valve
        let portions = [[UInt8](repeating: 1, count: 200_000), [UInt8](repeating: 2, count: 50)]
        let client = Sink()
        client.onOpen = { stream in
            for portion in portions { #expect(stream.send(portion)) }
            stream.finish()
        }
        stream.handler = client
        server.onEnd = { run.finish() }
        try run.run()
        withExtendedLifetime(listener) {}
        return portions.flatMap(\.self)
    }

    @Test func whatIsHeldLeavesLaterAndInOrder() throws {
        let run = try LoopRun()
        let server = Sink()
        // The second portion is not held for long, and must not overtake the first.
        var spans: [TimeSpan] = [.milliseconds(80), .milliseconds(1)]
        let begin = run.loop.now
        var first: Instant?
        server.onInput = { first = first ?? run.loop.now }
        let valve = StreamValve(isShut: { false }, holdTime: { spans.isEmpty ? .zero : spans.removeFirst() })
        let sent = try send(through: valve, in: run, server)
        #expect(server.received == sent)
        #expect(try #require(first).since(begin) >= .milliseconds(80))
    }

    @Test func nothingPassesAShutValveUntilItOpens() throws {
        let run = try LoopRun()
        let server = Sink()
        var isShut = true
        run.loop.after(.milliseconds(120)) {
            #expect(server.received.isEmpty)
            isShut = false
        }
        let turns = run.loop.turns
        let sent = try send(through: StreamValve(isShut: { isShut }, holdTime: { .zero }), in: run, server)
        #expect(server.received == sent)
        #expect(run.loop.turns - turns < 1_000, "a shut valve is looked at now and then, not all the time")
    }
}
