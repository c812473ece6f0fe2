import CairnBase
import Testing

@testable import CairnSimulator

@Suite struct FaultSelectionTests {
    @Test func namesReadBack() {
        for kind in FaultKind.allCases {
            let fault = Fault(kind, process: ProcessID(3), peer: ProcessID(12), number: .max)
            #expect(Fault(fault.description) == fault)
        }
        for text in ["", "lost", "lost:1:2", "lost:1:2:3:4", "gone:1:2:3", "lost:-1:2:3", "lost:1:2:x", "lost:::"] {
            #expect(Fault(text) == nil)
        }
    }

    /// Allowing exactly what struck gives the same run; allowing nothing gives a calm one.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func recordedFaultsReplayTheRun(seed: UInt64) throws {
        let entry = try #require(Catalogue.entry(named: "register"))
        var request = RunRequest(seed: seed)
        request.recordsFaults = true
        let original = entry.run(request)
        request.selection = .only(Set(original.injected.map(\.fault)))
        let replay = entry.run(request)
        #expect(replay.trace == original.trace)
        #expect(replay.injected == original.injected)
        request.selection = .none
        let calm = entry.run(request)
        #expect(calm.faultTotal == 0)
        #expect(calm.trace != original.trace || original.faultTotal == 0)
    }

    @Test func moreServersDoNotMoveTheFaultsOfOthers() {
        func plan(servers: Int) -> [Fault: Instant] {
            var options = SwarmOptions(
                cluster: Cluster(servers: servers, clients: 0), safety: .seconds(60), livenessBound: .zero)
            options.killEvery = .seconds(5)
            options.clogEvery = .seconds(5)
            let entries = FaultPlan(options: options, random: SeededRandom(seed: 1)).entries
            return Dictionary(entries.map { ($0.fault, $0.start) }) { first, _ in first }
        }
        let small = plan(servers: 3)
        let large = plan(servers: 5)
        #expect(small.count > 20)
        #expect(small.allSatisfy { large[$0.key] == $0.value })
        #expect(large.count > small.count)
    }

    @Test func optionsAreDrawnWithinTheirRanges() {
        for seed in 0..<500 as Range<UInt64> {
            let options = SwarmOptions.draw(seed: seed, profile: RegisterProtocol.profile)
            #expect(RegisterProtocol.profile.servers.contains(options.cluster.servers))
            #expect(options.lossPPM <= 300_000 && options.duplicatePPM <= 500_000)
            #expect(options.syncErrorPPM <= 100_000 && options.clockDriftLimitPPM <= 500)
            #expect(options == SwarmOptions.draw(seed: seed, profile: RegisterProtocol.profile))
            let calm = SwarmOptions.draw(seed: seed, profile: SpinProtocol.profile)
            #expect(calm.lossPPM == 0 && calm.killEvery == .zero && calm.syncErrorPPM == 0 && !calm.firesPoints)
        }
    }
}
