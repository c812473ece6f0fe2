import CairnBase
import Testing

@testable import CairnSimulator

/// Stories told step by step.
@Suite struct ScriptTests {
    private func calm(servers: Int) -> Simulation<RegisterProtocol> {
        let options = SwarmOptions(
            cluster: Cluster(servers: servers, clients: 1), safety: .seconds(60), livenessBound: .seconds(10))
        return Simulation(RegisterProtocol.self, seed: 5, options: options, selection: .none)
    }

    private func operations(_ simulation: Simulation<RegisterProtocol>) -> UInt64 {
        simulation.report.notes["register.reads"].count + simulation.report.notes["register.writes"].count
    }

    @Test func aMinorityCannotFinishAnythingAndAMajorityCan() {
        var simulation = calm(servers: 3)
        simulation.advance(to: .origin + .seconds(5))
        let before = operations(simulation)
        #expect(before > 0)
        // The client, p3, is left with one server, then with two.
        simulation.partition([ProcessID(0), ProcessID(1)], for: .seconds(10))
        simulation.advance(to: .origin + .seconds(15))
        let during = operations(simulation)
        #expect(during <= before + 1)
        simulation.partition([ProcessID(0)], for: .seconds(10))
        simulation.advance(to: .origin + .seconds(25))
        #expect(operations(simulation) > during)
        let report = simulation.run()
        #expect(report.violation == nil)
        #expect(report.convergedAfter != nil)
    }

    @Test func deadProcessesComeBackWithTheirDiskOnly() throws {
        var simulation = calm(servers: 1)
        simulation.advance(to: .origin + .seconds(5))
        simulation.kill(ProcessID(0), for: .seconds(1))
        #expect(!simulation.hosts[0].isUp)
        simulation.advance(to: .origin + .milliseconds(5_999))
        #expect(!simulation.hosts[0].isUp)
        simulation.advance(to: .origin + .milliseconds(6_001))
        #expect(simulation.hosts[0].isUp && simulation.hosts[0].incarnation == 1)
        simulation.losePower(ProcessID(0))
        #expect(!simulation.hosts[0].isUp)
        let report = simulation.run()
        #expect(simulation.hosts[0].incarnation == 2)
        #expect(report.violation == nil)
    }

    @Test func aPausedProcessLosesNothingItWasSent() {
        var simulation = calm(servers: 1)
        simulation.advance(to: .origin + .seconds(5))
        let before = operations(simulation)
        simulation.pause(ProcessID(0), for: .seconds(3))
        simulation.advance(to: .origin + .milliseconds(7_900))
        #expect(operations(simulation) <= before + 1)
        #expect(simulation.hosts[0].incarnation == 0 && !simulation.hosts[0].inbox.isEmpty)
        simulation.advance(to: .origin + .seconds(10))
        #expect(simulation.hosts[0].inbox.isEmpty)
        #expect(operations(simulation) > before)
    }

    /// A process that asks for compute time is busy for as long, and answers late by as much.
    @Test func computingTakesTime() {
        var options = SwarmOptions(
            cluster: Cluster(servers: 2, clients: 0), safety: .seconds(1), livenessBound: .zero)
        options.latency = .uniform(.milliseconds(1), .milliseconds(1))
        var simulation = Simulation(ComputeProtocol.self, seed: 1, options: options)
        simulation.advance(to: .origin + .milliseconds(500))
        // Ten requests arrive at once, each costs 10 ms.
        #expect(simulation.judge.gaps.count == 10)
        #expect(simulation.judge.gaps.dropFirst().allSatisfy { $0 == .milliseconds(10) })
    }
}

/// p0 asks p1 ten things at once; p1 needs 10 ms for each.
private struct ComputeProtocol: SimulatedProtocol {
    static let name = "compute"
    static let profile = SwarmProfile(servers: 2...2, safety: .seconds(1), livenessBound: .zero, withstands: [])

    init(cluster _: Cluster, plantedBug _: String?, random _: SeededRandom) {}
    func boot(_ setup: ProcessSetup) -> Worker { Worker(id: setup.id) }
    func makeJudge() -> GapJudge { GapJudge() }
    func chooseCore(from candidates: [ProcessID], using _: inout SeededRandom) -> [ProcessID]? { candidates }

    struct Worker: SimulatedProcess {
        struct Message: SimulatedMessage {
            var byteCount: Int { 8 }
            func absorb(into trace: inout TraceHash) { trace.absorb(1) }
        }

        let id: ProcessID

        mutating func handle(_ event: Event, at _: ClockReading, into effects: inout [Effect]) {
            switch event {
            case .started where id == ProcessID(0):
                effects.append(.setTimer(0, at: .distantFuture))
                for _ in 0..<10 { effects.append(.send(to: ProcessID(1), Message())) }
            case .message:
                effects.append(.compute(.milliseconds(10)))
            default:
                break
            }
        }
    }

    /// Records the time between one request's handling and the next, once the worker is busy.
    struct GapJudge: Checker {
        var last: Instant?
        var gaps: [TimeSpan] = []

        mutating func observe(_ step: Step<Worker>, hosts _: [Host<Worker>]) -> Violation? {
            guard case .message = step.event else { return nil }
            gaps.append(last.map { step.now.since($0) } ?? .zero)
            last = step.now
            return nil
        }

        mutating func healed(core _: [ProcessID], at _: Instant) {}
        func hasConverged(_: [Host<Worker>]) -> Bool { true }
    }
}
