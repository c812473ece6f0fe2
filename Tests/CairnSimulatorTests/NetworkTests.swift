import CairnBase
import Testing

@testable import CairnSimulator

@Suite struct NetworkTests {
    private let a = ProcessID(0)
    private let b = ProcessID(1)
    private let c = ProcessID(2)

    private func options(_ change: (inout SwarmOptions) -> Void = { _ in }) -> SwarmOptions {
        var options = SwarmOptions(
            cluster: Cluster(servers: 3, clients: 0), safety: .seconds(10), livenessBound: .zero)
        options.latency = .uniform(.milliseconds(10), .milliseconds(20))
        change(&options)
        return options
    }

    private func injector() -> FaultInjector {
        FaultInjector(random: SeededRandom(seed: 7), selection: .all, records: true)
    }

    @Test func everyMessageHasItsOwnDelay() {
        var network = Network(options: options(), random: SeededRandom(seed: 7))
        var faults = injector()
        var arrivals: [Instant] = []
        for digest in 0..<1_000 as Range<UInt64> {
            let route = network.route(from: a, to: b, digest: digest, bytes: 100, at: .origin, faults: &faults)
            if let first = route.first { arrivals.append(first) }
        }
        // A pipe of one message per latency would need ten seconds for these; all are there within one latency.
        #expect(arrivals.count == 1_000)
        #expect(arrivals.allSatisfy { $0 >= .origin + .milliseconds(10) && $0 <= .origin + .milliseconds(20) })
        #expect(Set(arrivals).count > 990)
    }

    @Test func rateOfLossIsWhatWasAskedFor() {
        let options = options {
            $0.lossPPM = 200_000
            $0.duplicatePPM = 100_000
        }
        var network = Network(options: options, random: SeededRandom(seed: 7))
        var faults = injector()
        var lost = 0
        var doubled = 0
        // The same content again and again: a retry must not share the fate of the first try.
        for _ in 0..<10_000 {
            let route = network.route(from: a, to: b, digest: 5, bytes: 100, at: .origin, faults: &faults)
            if route.first == nil { lost += 1 }
            if route.second != nil { doubled += 1 }
        }
        #expect((1_800...2_200).contains(lost))
        #expect((650...950).contains(doubled))
        #expect(faults.log.count { $0.fault.kind == .lost } == lost)
    }

    @Test func partitionsCutBothWaysOrOne() {
        var network = Network(options: options(), random: SeededRandom(seed: 7))
        var faults = injector()
        func passes(_ from: ProcessID, _ to: ProcessID) -> Bool {
            network.route(from: from, to: to, digest: 1, bytes: 1, at: .origin, faults: &faults).first != nil
        }
        let both = Fault(.partition, process: a, number: 0)
        network.split(both, members: [a, b], isOneWay: false)
        #expect(passes(a, b) && !passes(a, c) && !passes(c, b))
        network.mend(both)
        #expect(passes(a, c) && passes(c, a))
        network.split(Fault(.partition, process: a, number: 1), members: [a], isOneWay: true)
        #expect(!passes(a, b) && passes(b, a))
        network.heal()
        #expect(passes(a, b))
    }

    @Test func clogsHoldMessagesAndDropNone() throws {
        var network = Network(options: options(), random: SeededRandom(seed: 7))
        var faults = injector()
        let end = Instant.origin + .seconds(3)
        network.clogIncoming(b, until: end)
        for digest in 0..<100 as Range<UInt64> {
            let held = network.route(from: a, to: b, digest: digest, bytes: 1, at: .origin, faults: &faults)
            #expect(try #require(held.first) >= end)
        }
        let free = network.route(from: b, to: a, digest: 1, bytes: 1, at: .origin, faults: &faults)
        #expect(try #require(free.first) < end)
    }

    @Test func aNarrowUplinkSendsOneAfterAnother() throws {
        // A megabyte per second: a thousand messages of 1,000 bytes take a second to leave.
        let options = options { $0.uplinkBitsPerSecond = 8_000_000 }
        var network = Network(options: options, random: SeededRandom(seed: 7))
        var faults = injector()
        var last = Instant.origin
        for digest in 0..<1_000 as Range<UInt64> {
            let route = network.route(from: a, to: b, digest: digest, bytes: 1_000, at: .origin, faults: &faults)
            last = max(last, try #require(route.first))
        }
        #expect(last >= .origin + .milliseconds(1_010) && last <= .origin + .milliseconds(1_020))
        // The queue of the interface is bounded.
        var dropped = 0
        for digest in 1_000..<4_000 as Range<UInt64> {
            let route = network.route(from: a, to: b, digest: digest, bytes: 1_000, at: .origin, faults: &faults)
            if route.first == nil { dropped += 1 }
        }
        #expect(dropped > 1_900)
    }

    @Test func regionsHaveTheirMeasuredDelays() {
        #expect(LatencyModel.regionDelays.count == 100)
        #expect(RegionRoundTrips.tenthsOfMilliseconds.allSatisfy { $0.count == RegionRoundTrips.names.count })
        // Tokyo to Seoul: 36.3 ms there and back.
        #expect(LatencyModel.regionDelays[1] == 18_150_000)
    }

    @Test func oneMessageMoreDoesNotRenameTheOthers() {
        var names = MessageNames(processes: 3)
        var disturbed = MessageNames(processes: 3)
        _ = disturbed.name(link: 1, digest: 999)
        for digest in 0..<100 as Range<UInt64> {
            #expect(names.name(link: 1, digest: digest) == disturbed.name(link: 1, digest: digest))
        }
        #expect(names.name(link: 1, digest: 5) != names.name(link: 1, digest: 5))
        #expect(names.name(link: 1, digest: 200) != names.name(link: 2, digest: 200))
    }
}
