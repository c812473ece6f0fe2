import CairnBase
import Testing

@testable import CairnSimulator

/// The kernel's faults are strong enough to catch each rule that the register may leave out, and the shrinker explains
/// them; with all rules kept, the same runs are clean.
@Suite struct PlantedBugTests {
    /// Options that aim at one group of rules, so that few seeds are enough in a debug build.
    private func options(seed: UInt64) -> SwarmOptions {
        var options = SwarmOptions.draw(seed: seed, profile: RegisterProtocol.profile, servers: 3)
        options.safety = .seconds(10)
        if seed.isMultiple(of: 2) {
            options.blackoutEvery = .seconds(2)
            options.powerLossEvery = .seconds(3)
            options.outageLimit = .milliseconds(800)
        }
        if seed.isMultiple(of: 3) {
            options.fullSpellEvery = .seconds(3)
            options.errorSpellEvery = .seconds(3)
        }
        if seed.isMultiple(of: 4) { options.bitRotEvery = .seconds(3) }
        return options
    }

    private func run(_ seed: UInt64, _ bug: RegisterBug?) -> Report {
        var simulation = Simulation(
            RegisterProtocol.self, seed: seed, options: options(seed: seed), plantedBug: bug?.rawValue)
        return simulation.run()
    }

    @Test(arguments: RegisterBug.allCases)
    func everyPlantedBugIsFound(bug: RegisterBug) throws {
        let failing = try #require((0..<400 as Range<UInt64>).first { run($0, bug).violation != nil })
        #expect(run(failing, nil).violation == nil)
    }

    @Test func theRegisterItselfIsClean() {
        for seed in 0..<40 as Range<UInt64> {
            let report = run(seed, nil)
            #expect(report.violation == nil, "seed \(seed): \(report.options)")
        }
    }

    @Test func aFailureShrinksToFewFaultsThatReplay() throws {
        let entry = try #require(Catalogue.entry(named: "register"))
        var request = RunRequest(seed: 0)
        request.plantedBug = RegisterBug.quorumOffByOne.rawValue
        request.safety = .seconds(5)
        request.servers = 3
        request.seed = try #require(
            (0..<100 as Range<UInt64>).first { seed in
                request.seed = seed
                return entry.run(request).violation != nil
            })
        let result = try #require(Shrinker.shrink(entry, request))
        #expect(result.isMinimal)
        #expect(result.faults.count < result.originalCount)
        request.selection = .only(Set(result.faults.map(\.fault)))
        #expect(entry.run(request).violation == result.violation)
        // Smallest means that every fault in it is needed.
        for fault in result.faults {
            request.selection = .only(Set(result.faults.map(\.fault)).subtracting([fault.fault]))
            #expect(entry.run(request).violation == nil)
        }
        request.plantedBug = nil
        #expect(Shrinker.shrink(entry, request) == nil)
    }

    /// One server, so that whatever it forgets is lost: power fails at every place between two effects.
    @Test func powerLossAtEveryBoundary() {
        var options = SwarmOptions(
            cluster: Cluster(servers: 1, clients: 2), safety: .seconds(1), livenessBound: .seconds(5))
        options.outageLimit = .milliseconds(50)
        func sweep(_ kind: FaultKind, _ bug: RegisterBug?) -> CrashSweep.Result {
            CrashSweep.run(RegisterProtocol.self, seed: 11, options: options, plantedBug: bug?.rawValue, kind: kind)
        }
        let sound = sweep(.powerLossAtBoundary, nil)
        #expect(sound.boundaries > 100)
        #expect(sound.failures.isEmpty)
        #expect(sweep(.killAtBoundary, nil).failures.isEmpty)
        #expect(!sweep(.powerLossAtBoundary, .acknowledgeBeforeSync).failures.isEmpty)
    }
}
